//! Which grams say something, and how much.

use std::collections::{BTreeMap, BTreeSet};

use super::grams::Grams;

/// Grams that are kept at most, those of most texts first.
const MAX_GRAMS: usize = 16_384;
/// A gram must stand in this many texts, unless it is a word.
const MIN_TEXTS: usize = 2;

/// A row that is zero nearly everywhere: column and value of the rest, by column.
pub(crate) type SparseRow = Vec<(u32, f32)>;

/// Grams by number, with a weight that falls with the texts that hold them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Vocabulary {
    /// Strictly increasing.
    pub(crate) ids: Vec<u32>,
    /// As long as `ids`, above zero.
    pub(crate) weights: Vec<f32>,
}

impl Vocabulary {
    /// Learns the grams of texts.
    pub(crate) fn learn<'a>(texts: impl Iterator<Item = &'a Grams> + Clone) -> Self {
        let mut n_texts = 0_usize;
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        let mut words: BTreeSet<u32> = BTreeSet::new();
        for grams in texts {
            n_texts += 1;
            words.extend(&grams.words);
            for id in grams.all.iter().collect::<BTreeSet<_>>() {
                *counts.entry(*id).or_default() += 1;
            }
        }
        let mut kept: Vec<(u32, usize)> = counts
            .into_iter()
            .filter(|(id, count)| *count >= MIN_TEXTS || words.contains(id))
            .collect();
        kept.sort_by_key(|(id, count)| (std::cmp::Reverse(*count), *id));
        kept.truncate(MAX_GRAMS);
        kept.sort_unstable();
        let weight = |count: usize| ((1.0 + real(n_texts)) / (1.0 + real(count))).ln() + 1.0;
        Self {
            ids: kept.iter().map(|(id, _)| *id).collect(),
            weights: kept.iter().map(|(_, count)| weight(*count)).collect(),
        }
    }

    /// A text as a row of length 1, or without any entry where it holds no known gram.
    pub(crate) fn encode(&self, grams: &Grams) -> SparseRow {
        let mut counts: BTreeMap<u32, u16> = BTreeMap::new();
        for id in &grams.all {
            if let Ok(column) = self.ids.binary_search(id) {
                let column = u32::try_from(column).unwrap_or(u32::MAX);
                let count = counts.entry(column).or_default();
                *count = count.saturating_add(1);
            }
        }
        let weight = |column: u32| self.weights.get(column as usize).copied().unwrap_or_default();
        let mut row: SparseRow = counts
            .into_iter()
            .map(|(column, count)| (column, (1.0 + f32::from(count).ln()) * weight(column)))
            .collect();
        let length = row.iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
        row.iter_mut().for_each(|(_, value)| *value /= length.max(f32::MIN_POSITIVE));
        row
    }

    /// Share of a text's words that are known, rarer words counting more, 0 to 1; 1 for a text
    /// without words.
    pub(crate) fn coverage(&self, grams: &Grams) -> f32 {
        let unknown = self.weights.iter().copied().fold(1.0, f32::max);
        let (mut known, mut all) = (0.0, 0.0);
        for id in &grams.words {
            let weight = self.ids.binary_search(id).ok().map(|column| self.weights[column]);
            known += weight.unwrap_or_default();
            all += weight.unwrap_or(unknown);
        }
        if all > 0.0 { known / all } else { 1.0 }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of texts")]
fn real(count: usize) -> f32 {
    count as f32
}

#[cfg(test)]
mod tests {
    use super::super::grams::grams;
    use super::*;

    /// Cosine of two rows of length 1.
    fn cosine(a: &[(u32, f32)], b: &[(u32, f32)]) -> f32 {
        let (mut i, mut j, mut sum) = (0, 0, 0.0);
        while let (Some((left, x)), Some((right, y))) = (a.get(i), b.get(j)) {
            match left.cmp(right) {
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
                std::cmp::Ordering::Equal => {
                    sum += x * y;
                    i += 1;
                    j += 1;
                }
            }
        }
        sum
    }

    fn learn(texts: &[&str]) -> Vocabulary {
        let grams: Vec<Grams> = texts.iter().map(|text| grams(text)).collect();
        Vocabulary::learn(grams.iter())
    }

    #[test]
    fn rows_have_length_one_and_rare_words_count_more() {
        let vocabulary = learn(&["my refund", "my parcel", "my order"]);
        let row = vocabulary.encode(&grams("my refund"));
        let length: f32 = row.iter().map(|(_, value)| value * value).sum();
        assert!((length - 1.0).abs() < 1e-5);
        assert!(row.is_sorted_by_key(|(column, _)| *column));
        let alike =
            |a: &str, b: &str| cosine(&vocabulary.encode(&grams(a)), &vocabulary.encode(&grams(b)));
        assert!(alike("my refund", "refund") > alike("my refund", "my order"));
        assert!((alike("refund", "refund") - 1.0).abs() < 1e-5);
        assert!(vocabulary.encode(&grams("zebra")).is_empty());
    }

    #[test]
    fn coverage_counts_words_that_are_known() {
        let vocabulary = learn(&["my refund", "退货地址"]);
        assert!((vocabulary.coverage(&grams("my refund")) - 1.0).abs() < 1e-6);
        assert!(vocabulary.coverage(&grams("my zebra")) < 0.6);
        assert!(vocabulary.coverage(&grams("zebra")) < 1e-6);
        assert!(vocabulary.coverage(&grams("退货")) > 0.99);
    }
}
