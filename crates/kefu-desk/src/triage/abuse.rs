//! How sure it is that a turn is abusive.
//!
//! Insults by rule, in both languages, and a text head for Chinese. The head in
//! `rules/zh/abuse.kfth` was fitted on labelled comments of COLD (github.com/thu-coai/COLDataset,
//! Apache-2.0, 1,996 comments on race, gender and region, half of them offensive) and on some
//! hundred customers' messages and forty insults written for this product; only its weights are
//! kept here, none of COLD's texts. It knows how groups of people are insulted rather
//! than how customers swear, which the rules know.

use crate::text_head::TextHead;

/// The label in the artefact.
const OFFENSIVE: &str = "offensive";
/// From here on a turn counts as abusive.
pub(super) const SURE: f32 = 0.5;
/// What an insult found by rule is worth.
const INSULT: f32 = 0.95;
/// Shorter texts say too little for n-grams.
const FEWEST_HAN: usize = 6;
/// Longer texts are read this far.
const READ_BYTES: usize = 2_000;
/// The head learnt from texts half of which were offensive, and customers are politer: what it is
/// this sure of counts as a half.
const DOUBT: f32 = 0.58;

pub(super) struct Abuse {
    chinese: Option<TextHead>,
}

impl Abuse {
    pub(super) fn new() -> Self {
        let chinese = TextHead::from_bytes(include_bytes!("../../rules/zh/abuse.kfth"));
        if let Err(error) = &chinese {
            tracing::error!(%error, "abuse in Chinese is told by rules alone");
        }
        Self { chinese: chinese.ok() }
    }

    /// From 0 to 1; [`SURE`] is abuse.
    pub(super) fn certainty(&self, text: &str, has_insult: bool) -> f32 {
        let text = &text[..text.floor_char_boundary(READ_BYTES)];
        let n_han = text.chars().filter(|c| kefu_text::is_han(*c)).take(FEWEST_HAN).count();
        let by_head = match &self.chinese {
            Some(head) if n_han >= FEWEST_HAN => doubted(head.probability(text, OFFENSIVE)),
            _ => 0.0,
        };
        if has_insult { by_head.max(INSULT) } else { by_head }
    }
}

/// A likelihood with some doubt taken off its odds.
fn doubted(likely: f32) -> f32 {
    let odds = likely * (1.0 - DOUBT);
    odds / (odds + (1.0 - likely) * DOUBT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_whole_and_small() {
        let bytes = include_bytes!("../../rules/zh/abuse.kfth");
        assert!(bytes.len() <= 400 * 1024);
        let head = TextHead::from_bytes(bytes);
        assert!(head.is_ok_and(|head| head.labels() == ["offensive", "safe"]));
    }
}
