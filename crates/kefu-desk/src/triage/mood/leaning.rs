//! What characters lean to, learnt from the Chinese word lists themselves.
//!
//! A clause without a listed word still shows its mood: 臭, 烂 and 破 stand in words of blame, 鲜, 香
//! and 赞 in words of praise. Counts of characters and pairs in the lists give each its lean.

use std::collections::HashMap;

/// Added to every count, so that what was seen once leans little.
const SMOOTHING: f32 = 1.0;
/// What a clause's characters may count for, at most: less than any listed word.
const MOST: f32 = 0.8;

/// Leans of characters and of pairs, positive for praise.
pub(super) struct Leaning(HashMap<Vec<String>, f32>);

impl Leaning {
    /// Counts the parts of words, each with its weight.
    pub(super) fn of<'a>(words: impl Iterator<Item = (&'a [String], f32)>) -> Self {
        let mut counts: HashMap<Vec<String>, [f32; 2]> = HashMap::new();
        let mut totals = [0.0_f32; 2];
        for (word, weight) in words.filter(|(_, weight)| *weight != 0.0) {
            let side = usize::from(weight > 0.0);
            for part in parts(word) {
                counts.entry(part.to_vec()).or_default()[side] += 1.0;
                totals[side] += 1.0;
            }
        }
        let share = |count: f32, total: f32| (count + SMOOTHING) / (total + SMOOTHING);
        let lean =
            |[blame, praise]: [f32; 2]| (share(praise, totals[1]) / share(blame, totals[0])).ln();
        Self(counts.into_iter().map(|(part, counts)| (part, lean(counts))).collect())
    }

    /// From -0.8 (blame) to 0.8 (praise) for a clause, 0 when nothing in it is known.
    pub(super) fn lean(&self, characters: &[String]) -> f32 {
        let known: Vec<f32> = parts(characters).filter_map(|p| self.0.get(p).copied()).collect();
        if known.is_empty() {
            return 0.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "characters of a clause")]
        let n = known.len() as f32;
        MOST * (known.iter().sum::<f32>() / n.sqrt() / 2.0).tanh()
    }
}

/// Single characters and neighbouring pairs.
fn parts(characters: &[String]) -> impl Iterator<Item = &[String]> {
    characters.windows(1).chain(characters.windows(2))
}
