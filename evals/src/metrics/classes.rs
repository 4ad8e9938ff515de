//! How well labels are told: precision, recall, F1, confusion and the area under the ROC curve.

use std::collections::BTreeMap;

use super::real;

/// Probability that a random positive scores higher than a random negative, ties counting half
/// (the area under the ROC curve); `None` without both kinds.
pub(crate) fn auroc(scored: impl IntoIterator<Item = (f64, bool)>) -> Option<f64> {
    let mut sorted: Vec<(f64, bool)> = scored.into_iter().collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n_positive = sorted.iter().filter(|(_, positive)| *positive).count();
    let n_negative = sorted.len() - n_positive;
    if n_positive == 0 || n_negative == 0 {
        return None;
    }
    let (mut wins, mut n_below) = (0.0, 0.0);
    for tied in sorted.chunk_by(|a, b| a.0 == b.0) {
        let n_positive = real(tied.iter().filter(|(_, positive)| *positive).count());
        let n_negative = real(tied.len()) - n_positive;
        wins += n_positive * (n_below + n_negative / 2.0);
        n_below += n_negative;
    }
    Some(wins / (real(n_positive) * real(n_negative)))
}

/// What is right and wrong about one label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Rows of the label that were given it.
    pub(crate) n_found: usize,
    /// Rows of the label.
    pub(crate) n_gold: usize,
    /// Rows that were given the label.
    pub(crate) n_given: usize,
}

impl Tally {
    /// Adds a row.
    pub(crate) fn add(&mut self, is_gold: bool, is_given: bool) {
        self.n_found += usize::from(is_gold && is_given);
        self.n_gold += usize::from(is_gold);
        self.n_given += usize::from(is_given);
    }

    /// Share of the label's rows that were given it; `None` without any.
    pub(crate) fn recall(self) -> Option<f64> {
        (self.n_gold > 0).then(|| real(self.n_found) / real(self.n_gold))
    }

    /// Share of the rows given the label that are of it; `None` when none was given it.
    pub(crate) fn precision(self) -> Option<f64> {
        (self.n_given > 0).then(|| real(self.n_found) / real(self.n_given))
    }

    /// Harmonic mean of the two, 0 where nothing was found; `None` where there was nothing to find
    /// and nothing was given.
    pub(crate) fn f1(self) -> Option<f64> {
        let n = self.n_gold + self.n_given;
        (n > 0).then(|| 2.0 * real(self.n_found) / real(n))
    }
}

/// Tallies of all classes from pairs of gold and given class.
pub(crate) fn tallies(pairs: &[(usize, usize)], n_classes: usize) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); n_classes];
    for (gold, given) in pairs {
        tallies[*gold].n_gold += 1;
        tallies[*given].n_given += 1;
        tallies[*gold].n_found += usize::from(gold == given);
    }
    tallies
}

/// Mean F1 of the classes that occur among the gold ones; `None` without any.
pub(crate) fn macro_f1(tallies: &[Tally]) -> Option<f64> {
    let f1: Vec<f64> = tallies.iter().filter(|t| t.n_gold > 0).filter_map(|t| t.f1()).collect();
    (!f1.is_empty()).then(|| f1.iter().sum::<f64>() / real(f1.len()))
}

/// How often each gold class was given each class; pairs that never occur are left out.
pub(crate) fn confusion(pairs: &[(usize, usize)]) -> BTreeMap<(usize, usize), usize> {
    let mut counts = BTreeMap::new();
    for pair in pairs {
        *counts.entry(*pair).or_default() += 1;
    }
    counts
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By looking at every pair.
    fn counted(scored: &[(f64, bool)]) -> Option<f64> {
        let of = |kind: bool| scored.iter().filter(move |(_, positive)| *positive == kind);
        let n_pairs = of(true).count() * of(false).count();
        let wins = of(true).flat_map(|(a, _)| of(false).map(move |(b, _)| (a, b)));
        let wins = wins.map(|(a, b)| {
            if a > b {
                1.0
            } else if a == b {
                0.5
            } else {
                0.0
            }
        });
        (n_pairs > 0).then(|| wins.sum::<f64>() / real(n_pairs))
    }

    proptest! {
        #[test]
        fn the_area_is_the_share_of_pairs_in_order(
            scored in prop::collection::vec((0_u8..12, any::<bool>()), 0..60),
        ) {
            let scored: Vec<(f64, bool)> =
                scored.into_iter().map(|(score, is)| (f64::from(score) / 7.0, is)).collect();
            match (auroc(scored.iter().copied()), counted(&scored)) {
                (Some(found), Some(counted)) => prop_assert!((found - counted).abs() < 1e-12),
                (found, counted) => prop_assert_eq!(found, counted),
            }
            let turned = scored.iter().map(|(score, is)| (-score, *is));
            if let (Some(one), Some(other)) = (auroc(scored.iter().copied()), auroc(turned)) {
                prop_assert!((one + other - 1.0).abs() < 1e-12);
            }
        }

        #[test]
        fn tallies_agree_with_the_confusion(
            pairs in prop::collection::vec((0_usize..5, 0_usize..5), 1..80),
        ) {
            let tallies = tallies(&pairs, 5);
            let confusion = confusion(&pairs);
            prop_assert_eq!(confusion.values().sum::<usize>(), pairs.len());
            for (class, tally) in tallies.iter().enumerate() {
                let by = |of: fn(&(usize, usize)) -> usize| {
                    confusion.iter().filter(|(p, _)| of(p) == class).map(|(_, n)| n).sum::<usize>()
                };
                prop_assert_eq!(tally.n_gold, by(|pair| pair.0));
                prop_assert_eq!(tally.n_given, by(|pair| pair.1));
                let found = confusion.get(&(class, class)).copied().unwrap_or_default();
                prop_assert_eq!(tally.n_found, found);
                if let (Some(p), Some(r), Some(f1)) = (tally.precision(), tally.recall(), tally.f1())
                    && p + r > 0.0
                {
                    prop_assert!((f1 - 2.0 * p * r / (p + r)).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn figures_worked_out_by_hand() {
        let tallies = tallies(&[(0, 0), (0, 1), (1, 1), (1, 1), (2, 0)], 4);
        assert_eq!(tallies[0].recall(), Some(0.5));
        assert_eq!(tallies[0].precision(), Some(0.5));
        assert_eq!(tallies[2].f1(), Some(0.0));
        assert_eq!(
            (tallies[3].recall(), tallies[3].precision(), tallies[3].f1()),
            (None, None, None)
        );
        assert!((macro_f1(&tallies).unwrap() - (0.5 + 0.8 + 0.0) / 3.0).abs() < 1e-12);
        assert_eq!(macro_f1(&[]), None);
        assert_eq!(auroc([(0.5, true), (0.5, false)]), Some(0.5));
        assert_eq!(auroc([(0.5, true)]), None);
    }
}
