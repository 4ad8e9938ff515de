//! Does confidence tell right answers from wrong ones? Over all questions of a set, each with the
//! answer that it would have got if nothing were withheld.

use super::real;

/// One question: how sure the subject was, and whether the answer was right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Judged {
    /// Confidence, in 0..=1.
    pub(crate) confidence: f64,
    /// Whether the answer was right; never for unanswerable questions.
    pub(crate) right: bool,
    /// Whether the documents answer the question.
    pub(crate) answerable: bool,
}

/// Probability that a random item of the first kind has more confidence than one of the second,
/// ties counting half (the area under the ROC curve); `None` without both kinds.
pub(crate) fn auroc(judged: &[Judged], is_first: impl Fn(&Judged) -> bool) -> Option<f64> {
    super::classes::auroc(judged.iter().map(|j| (j.confidence, is_first(j))))
}

/// Risk at every coverage: after each group of equal confidence, from the surest on, the share of
/// all questions answered and the share of those that are wrong.
pub(crate) fn risk_coverage(judged: &[Judged]) -> Vec<(f64, f64)> {
    let mut sorted: Vec<&Judged> = judged.iter().collect();
    sorted.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let (mut n, mut n_wrong) = (0_usize, 0_usize);
    let groups = sorted.chunk_by(|a, b| a.confidence == b.confidence);
    let point = |tied: &[&Judged]| {
        n += tied.len();
        n_wrong += tied.iter().filter(|j| !j.right).count();
        (real(n) / real(judged.len()), real(n_wrong) / real(n))
    };
    groups.map(point).collect()
}

/// Mean risk over all coverages (area under the risk–coverage curve); lower is better. Within
/// equal confidence, errors count as if spread evenly.
pub(crate) fn aurc(judged: &[Judged]) -> Option<f64> {
    let mut sorted: Vec<&Judged> = judged.iter().collect();
    sorted.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let (mut n, mut n_wrong, mut sum) = (0.0, 0.0, 0.0);
    for tied in sorted.chunk_by(|a, b| a.confidence == b.confidence) {
        let share = real(tied.iter().filter(|j| !j.right).count()) / real(tied.len());
        for _ in tied {
            n += 1.0;
            n_wrong += share;
            sum += n_wrong / n;
        }
    }
    (n > 0.0).then(|| sum / n)
}

/// Largest share of questions that can be answered with at most this share of them wrong.
pub(crate) fn coverage_at_risk(judged: &[Judged], risk: f64) -> Option<f64> {
    let curve = risk_coverage(judged);
    let best = curve.iter().filter(|(_, found)| *found <= risk).map(|(coverage, _)| *coverage);
    (!curve.is_empty()).then(|| best.fold(0.0, f64::max))
}

/// Share of unanswerable questions that are refused by the highest threshold that refuses at most
/// `false_refusals` of the answerable ones.
pub(crate) fn refused_at(judged: &[Judged], false_refusals: f64) -> Option<f64> {
    let mut answerable: Vec<f64> =
        judged.iter().filter(|j| j.answerable).map(|j| j.confidence).collect();
    let unanswerable: Vec<f64> =
        judged.iter().filter(|j| !j.answerable).map(|j| j.confidence).collect();
    if answerable.is_empty() || unanswerable.is_empty() {
        return None;
    }
    answerable.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count below the number of questions"
    )]
    let n_allowed = (false_refusals * real(answerable.len())).floor() as usize;
    let threshold = answerable.get(n_allowed).copied().unwrap_or(f64::INFINITY);
    let n_refused = unanswerable.iter().filter(|confidence| **confidence < threshold).count();
    Some(real(n_refused) / real(unanswerable.len()))
}

/// Bins of [`ece`] and [`reliability`], of equal width.
const N_BINS: usize = 10;

/// Mean confidence, share right and number of questions in each bin that has any.
pub(crate) fn reliability(judged: &[Judged]) -> Vec<(f64, f64, usize)> {
    let mut bins = [(0.0, 0.0, 0_usize); N_BINS];
    for one in judged {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number between 0 and the number of bins"
        )]
        let bin = (one.confidence.clamp(0.0, 1.0) * real(N_BINS)) as usize;
        let bin = &mut bins[bin.min(N_BINS - 1)];
        bin.0 += one.confidence;
        bin.1 += super::share(one.right);
        bin.2 += 1;
    }
    let mean =
        |(confidence, right, n): &(f64, f64, usize)| (confidence / real(*n), right / real(*n), *n);
    bins.iter().filter(|(_, _, n)| *n > 0).map(mean).collect()
}

/// Expected calibration error: mean distance between confidence and share right over ten bins of
/// equal width, weighted by their questions.
pub(crate) fn ece(judged: &[Judged]) -> Option<f64> {
    let total = real(judged.len());
    let distance = |(confidence, right, n): (f64, f64, usize)| (confidence - right).abs() * real(n);
    (total > 0.0).then(|| reliability(judged).into_iter().map(distance).sum::<f64>() / total)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    fn judged(rows: &[(f64, bool, bool)]) -> Vec<Judged> {
        let one = |(confidence, right, answerable): &(f64, bool, bool)| Judged {
            confidence: *confidence,
            right: *right,
            answerable: *answerable,
        };
        rows.iter().map(one).collect()
    }

    #[test]
    fn the_figures_of_a_small_set_are_those_worked_out_by_hand() {
        let set = judged(&[
            (0.9, true, true),
            (0.8, false, false),
            (0.7, true, true),
            (0.7, false, true),
            (0.2, false, false),
        ]);
        // Pairs of answerable and unanswerable: (.9: 2 wins), (.7: 1 win) twice, of 6.
        assert!((auroc(&set, |j| j.answerable).unwrap() - 4.0 / 6.0).abs() < 1e-12);
        // Risks 0/1, 1/2, 1.5/3, 2/4, 3/5.
        let expected = (0.0 + 0.5 + 0.5 + 0.5 + 0.6) / 5.0;
        assert!((aurc(&set).unwrap() - expected).abs() < 1e-12);
        assert_eq!(coverage_at_risk(&set, 0.05), Some(0.2));
        assert_eq!(coverage_at_risk(&set, 0.5), Some(0.8));
        // Refusing a third of the answerable ones: below 0.7 only the last unanswerable one.
        assert_eq!(refused_at(&set, 0.34), Some(0.5));
        assert_eq!(refused_at(&set, 1.0), Some(1.0));
        let ece = ece(&judged(&[(0.95, true, true), (0.85, false, true)])).unwrap();
        assert!((ece - (0.05 + 0.85) / 2.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_has_no_figures_and_ties_count_half() {
        assert_eq!((aurc(&[]), ece(&[]), coverage_at_risk(&[], 0.5)), (None, None, None));
        let tied = judged(&[(0.5, true, true), (0.5, false, false)]);
        assert_eq!(auroc(&tied, |j| j.answerable), Some(0.5));
        assert_eq!(auroc(&judged(&[(0.5, true, true)]), |j| j.answerable), None);
        assert_eq!(refused_at(&judged(&[(0.5, true, true)]), 0.1), None);
    }
}
