//! How sure an answer is, from what every stage saw.

use kefu_core::Confidence;

use crate::evidence::Evidence;
use crate::rank::{Ranked, RankedPassage};
use crate::read::{LateMatch, Reading};
use crate::understand::Understood;

/// What the decision looks at. The names of [`Signals::named`] go into the answer record, so that
/// a later calibration can learn from them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Signals {
    /// Weighted share of the question's terms in the passage read.
    pub(crate) passage_coverage: f32,
    /// The same in its best sentence.
    pub(crate) sentence_coverage: f32,
    /// The same in all that is quoted.
    pub(crate) picks_coverage: f32,
    /// Cosine of the passage, where a dense leg was searched.
    pub(crate) passage_cosine: Option<f32>,
    /// Cosine of the best sentence.
    pub(crate) sentence_cosine: Option<f32>,
    /// How it meets the question's words: on the whole, and the one met worst.
    pub(crate) late: Option<LateMatch>,
    /// Lead of the best document over the next, relative.
    pub(crate) margin: f32,
    /// Share of the question's figures in the passage.
    pub(crate) numbers: f32,
    /// Share of neighbouring terms of the question that stand together.
    pub(crate) proximity: f32,
    /// Weight of the turn that names the document's whole title.
    pub(crate) named: f32,
    /// How well the sentence has the kind of figure asked for; a half when none was.
    pub(crate) figure: f32,
    /// 1 when earlier turns were used: their terms lower every coverage.
    pub(crate) follow_up: f32,
    /// What the candidates as a whole say.
    pub(crate) evidence: Evidence,
    /// Length of the question: logarithm of its number of terms.
    pub(crate) length: f32,
}

/// Weights of the logistic function: round numbers near a logistic fit on questions of several
/// kinds, until a calibration replaces them.
struct Weights {
    bias: f32,
    passage_coverage: f32,
    sentence_coverage: f32,
    passage_cosine: f32,
    sentence_cosine: f32,
    margin: f32,
    numbers: f32,
    proximity: f32,
    named: f32,
    figure: f32,
    follow_up: f32,
}

const WITH_DENSE: Weights = Weights {
    bias: -5.0,
    passage_coverage: 0.8,
    sentence_coverage: 1.4,
    passage_cosine: 3.4,
    sentence_cosine: 2.2,
    margin: 2.4,
    numbers: 1.2,
    proximity: 0.4,
    named: 0.6,
    figure: 0.3,
    follow_up: 1.2,
};
const LEXICAL_ONLY: Weights = Weights {
    bias: -3.4,
    passage_coverage: 2.6,
    sentence_coverage: 2.2,
    passage_cosine: 0.0,
    sentence_cosine: 0.0,
    margin: 3.0,
    numbers: 1.0,
    proximity: 0.3,
    named: 2.0,
    figure: 0.3,
    follow_up: 0.8,
};

impl Signals {
    /// Collects them.
    pub(crate) fn of(ranked: &Ranked, reading: &Reading, understood: &Understood) -> Self {
        let fallback = ranked.passages.first();
        let read = ranked.passages.get(reading.passage_idx).or(fallback);
        let signals = read.map(|passage| passage.signals);
        Self {
            passage_coverage: signals.map_or(0.0, |s| s.coverage),
            sentence_coverage: reading.sentence_coverage,
            picks_coverage: reading.picks_coverage,
            passage_cosine: signals.and_then(|s| s.cosine),
            sentence_cosine: reading.cosine,
            late: reading.late,
            margin: margin(&ranked.passages),
            numbers: if understood.facts.is_empty() {
                1.0
            } else {
                signals.map_or(0.0, |s| s.numbers)
            },
            proximity: signals.map_or(0.0, |s| s.proximity),
            named: signals.map_or(0.0, |s| s.named),
            figure: reading.figure.unwrap_or(0.5),
            follow_up: if understood.is_follow_up { 1.0 } else { 0.0 },
            evidence: Evidence::of(ranked, read, understood),
            length: (1.0 + crate::term_weights::count(understood.terms.len())).ln(),
        }
    }

    /// Whether the best sentence has just the kind of figure that was asked for.
    pub(crate) fn has_the_figure(&self) -> bool {
        self.figure >= 1.0
    }

    /// Probability that the answer is right, in 0..=1.
    pub(crate) fn probability(&self) -> f32 {
        let weights = if self.passage_cosine.is_some() { WITH_DENSE } else { LEXICAL_ONLY };
        let passage_cosine = self.passage_cosine.unwrap_or(0.0);
        let z = weights.bias
            + weights.passage_coverage * self.passage_coverage
            + weights.sentence_coverage * self.sentence_coverage
            + weights.passage_cosine * passage_cosine
            + weights.sentence_cosine * self.sentence_cosine.unwrap_or(passage_cosine)
            + weights.margin * self.margin
            + weights.numbers * (self.numbers - 1.0)
            + weights.proximity * self.proximity
            + weights.named * self.named
            + weights.figure * (self.figure - 0.5)
            + weights.follow_up * self.follow_up;
        1.0 / (1.0 + (-z).exp())
    }

    /// Names and values for the record.
    pub(crate) fn named(&self) -> Vec<(String, f32)> {
        let mut named = vec![
            ("passage_coverage", self.passage_coverage),
            ("sentence_coverage", self.sentence_coverage),
            ("picks_coverage", self.picks_coverage),
            ("margin", self.margin),
            ("numbers", self.numbers),
            ("proximity", self.proximity),
            ("named", self.named),
            ("figure", self.figure),
            ("follow_up", self.follow_up),
            ("length", self.length),
        ];
        named.extend(self.evidence.named());
        named.extend(self.passage_cosine.map(|cosine| ("passage_cosine", cosine)));
        named.extend(self.sentence_cosine.map(|cosine| ("sentence_cosine", cosine)));
        named.extend(
            self.late
                .iter()
                .flat_map(|late| [("late_mean", late.mean), ("late_weakest", late.weakest)]),
        );
        named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// A confidence that nobody has calibrated yet.
pub(crate) fn uncalibrated(value: f32, threshold: f32) -> Confidence {
    Confidence { value: value.clamp(0.0, 1.0), calibrated: false, threshold }
}

/// Lead of the first passage over the first of another document; 1 when there is no other.
fn margin(passages: &[RankedPassage]) -> f32 {
    let Some(first) = passages.first() else { return 0.0 };
    let other = passages.iter().find(|p| p.passage.document_id != first.passage.document_id);
    let (best, next) = (first.trace.score, other.map_or(0.0, |p| p.trace.score));
    if best > 0.0 { ((best - next) / best).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signals(level: f32, cosine: Option<f32>) -> Signals {
        Signals {
            passage_coverage: level,
            sentence_coverage: level,
            picks_coverage: level,
            passage_cosine: cosine,
            sentence_cosine: cosine,
            late: None,
            margin: 0.2,
            numbers: 1.0,
            proximity: level,
            named: 0.0,
            figure: 0.5,
            follow_up: 0.0,
            evidence: Evidence::default(),
            length: 2.0,
        }
    }

    #[test]
    fn more_evidence_is_never_less_sure() {
        for cosine in [None, Some(0.1), Some(0.5), Some(0.9)] {
            let steps: Vec<f32> =
                (0..=10_u8).map(|n| signals(f32::from(n) / 10.0, cosine).probability()).collect();
            assert!(steps.windows(2).all(|pair| pair[0] <= pair[1]), "{steps:?}");
        }
        assert!(signals(0.9, None).probability() > 0.7);
        assert!(signals(0.1, None).probability() < 0.2);
        assert!(signals(0.8, Some(0.7)).probability() > 0.7);
        assert!(signals(0.1, Some(0.1)).probability() < 0.1);
    }

    #[test]
    fn a_missing_figure_costs_confidence() {
        let missing = Signals { numbers: 0.0, ..signals(0.7, None) };
        assert!(missing.probability() < signals(0.7, None).probability() - 0.1);
    }
}
