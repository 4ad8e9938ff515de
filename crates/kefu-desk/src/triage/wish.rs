//! Whether a turn wishes for a person in words that no rule knows.
//!
//! Rules (`rules/*/human.txt`) find the usual wordings and know what only looks like them. People
//! find ever new ones; the heads heard some thousand of them, and near misses.

use super::heads::HeadPair;

/// How likely a wish must be.
const SURE: f32 = 0.82;
/// In a longer text a wish drowns among the n-grams of the rest.
const READ_BYTES: usize = 600;

/// The heads of both languages.
pub(super) struct Wishes(HeadPair);

impl Wishes {
    pub(super) fn new() -> Self {
        Self(HeadPair::read(
            include_bytes!("../../../../models/triage/wish-en.kfth"),
            include_bytes!("../../../../models/triage/wish-zh.kfth"),
        ))
    }

    pub(super) fn hears_one(&self, text: &str) -> bool {
        let [wish] = self.0.probabilities(text, ["human"]);
        text.len() <= READ_BYTES && wish >= SURE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_heard_in_both_languages() {
        let wishes = Wishes::new();
        for text in
            ["any chance one of your colleagues could take this over", "别自动回复了，来个活人说话"]
        {
            assert!(wishes.hears_one(text), "{text}");
        }
        for text in ["How many agents does the plan include?", "人工智能手表防水吗", "", "??"]
        {
            assert!(!wishes.hears_one(text), "{text}");
        }
    }
}
