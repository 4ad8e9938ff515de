//! Text heads for both languages, fitted on the texts in `models/triage`.

use kefu_text::is_han;

use crate::text_head::TextHead;

/// A text with this many Latin letters for each Chinese character or more is English: a character
/// says about as much as a word.
const LETTERS_A_CHARACTER: usize = 5;

/// Marks of addresses, code and markup: a Latin word with one of them is no word.
const NO_WORDS: [char; 10] = ['/', '\\', '<', '>', '{', '}', '=', '@', '_', '|'];

/// One head for each language.
pub(super) struct HeadPair {
    english: Option<TextHead>,
    chinese: Option<TextHead>,
}

impl HeadPair {
    /// Reads both; one that cannot be read is left out and logged. Tests see to it that none is.
    pub(super) fn read(english: &[u8], chinese: &[u8]) -> Self {
        Self { english: head(english), chinese: head(chinese) }
    }

    /// How likely each of some labels is in a text, by the head of the language that most of it is
    /// in; all 0 for a text without words.
    pub(super) fn probabilities<const N: usize>(&self, text: &str, labels: [&str; N]) -> [f32; N] {
        let text = words(text);
        let has_letters = text.chars().any(|c| c.is_ascii_alphabetic() || is_han(c));
        let head = if is_english(&text) { &self.english } else { &self.chinese };
        let Some(head) = head.as_ref().filter(|_| has_letters) else { return [0.0; N] };
        let probabilities = head.probabilities(&text);
        labels.map(|label| {
            let place = head.labels().iter().position(|known| known == label);
            place.and_then(|place| probabilities.get(place).copied()).unwrap_or_default()
        })
    }
}

/// Whether a text is in English rather than in Chinese.
pub(super) fn is_english(text: &str) -> bool {
    let n_han = text.chars().filter(|c| is_han(*c)).count();
    let n_latin = text.chars().filter(char::is_ascii_alphabetic).count();
    n_latin >= n_han * LETTERS_A_CHARACTER
}

/// A text without addresses, code and markup.
fn words(text: &str) -> String {
    let is_word = |word: &&str| !(word.is_ascii() && word.contains(NO_WORDS));
    text.split_whitespace().filter(is_word).collect::<Vec<_>>().join(" ")
}

fn head(artefact: &[u8]) -> Option<TextHead> {
    let head = TextHead::from_bytes(artefact);
    if let Err(error) = &head {
        tracing::error!(%error, "triage goes without a fitted head, by rules alone");
    }
    head.ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::text_head::{LabelledText, TextHeadSettings};

    /// Texts that a head was fitted on, with their labels.
    fn texts(name: &str) -> Vec<(String, String)> {
        let path = folder().join(name).with_extension("jsonl");
        let read = |line: &str| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let field = |name: &str| line[name].as_str().unwrap().to_owned();
            (field("text"), field("label"))
        };
        std::fs::read_to_string(path).unwrap().lines().map(read).collect()
    }

    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/triage")
    }

    #[test]
    fn addresses_and_markup_are_not_read() {
        let pair = HeadPair::read(
            include_bytes!("../../../../models/triage/tone-en.kfth"),
            include_bytes!("../../../../models/triage/tone-zh.kfth"),
        );
        for text in
            ["https://shop.example/broken-and-late", "<script>awful()</script>", "a@b.c", ""]
        {
            assert_eq!(pair.probabilities(text, ["displeased"]), [0.0], "{text}");
        }
        let [plain] = pair.probabilities("it broke", ["displeased"]);
        let [beside] = pair.probabilities("it broke https://x.example/good", ["displeased"]);
        assert!(plain > 0.0 && (plain - beside).abs() < 1e-6, "{plain} {beside}");
    }

    #[test]
    fn every_head_is_what_its_texts_give() {
        for language in ["en", "zh"] {
            let (tone, wish) =
                (texts(&format!("tone-{language}")), texts(&format!("wish-{language}")));
            let others: Vec<(String, String)> =
                tone.iter().map(|(text, _)| (text.clone(), "other".to_owned())).collect();
            let wish = [wish, others].concat();
            for (name, texts) in [("tone", tone), ("wish", wish)] {
                let name = format!("{name}-{language}");
                let shown: Vec<LabelledText<'_>> =
                    texts.iter().map(|(text, label)| LabelledText { text, label }).collect();
                let fitted = TextHead::fit(&shown, &TextHeadSettings::for_short_texts()).unwrap();
                let artefact = std::fs::read(folder().join(&name).with_extension("kfth")).unwrap();
                assert!(fitted.to_bytes() == artefact, "fit {name} again: models/triage/README.md");
            }
        }
    }
}
