//! How a turn sounds to text heads: displeased, pleased or neither.
//!
//! One head for each language, fitted on the texts in `models/triage`, which were written for this
//! product: turns of customers who complain and of others, and remarks on goods and services. Word
//! lists know what somebody thought of; n-grams of some thousand texts know the rest.

use kefu_text::is_han;

use crate::text_head::TextHead;

/// Labels in the artefacts.
const DISPLEASED: &str = "neg";
const PLEASED: &str = "pos";
/// A text with this many Latin letters for each Chinese character or more is English: a character
/// says about as much as a word.
const LETTERS_A_CHARACTER: usize = 5;

/// The heads of both languages.
pub(super) struct Tone {
    english: Option<TextHead>,
    chinese: Option<TextHead>,
}

/// How likely each is, 0 to 1; together at most 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sound {
    pub(super) displeased: f32,
    pub(super) pleased: f32,
}

impl Tone {
    pub(super) fn new() -> Self {
        Self {
            english: head(include_bytes!("../../../../models/triage/tone.en.kfth")),
            chinese: head(include_bytes!("../../../../models/triage/tone.zh.kfth")),
        }
    }

    /// Hears a text by the head of the language that most of it is in.
    pub(super) fn hear(&self, text: &str) -> Sound {
        let n_han = text.chars().filter(|c| is_han(*c)).count();
        let n_latin = text.chars().filter(char::is_ascii_alphabetic).count();
        let is_english = n_latin >= n_han * LETTERS_A_CHARACTER;
        let head = if is_english { &self.english } else { &self.chinese };
        match head {
            Some(head) if n_han + n_latin > 0 => sound(head, text),
            _ => Sound::default(),
        }
    }
}

fn sound(head: &TextHead, text: &str) -> Sound {
    let mut sound = Sound::default();
    for (label, probability) in head.labels().iter().zip(head.probabilities(text)) {
        match label.as_str() {
            DISPLEASED => sound.displeased = probability,
            PLEASED => sound.pleased = probability,
            _ => {}
        }
    }
    sound
}

fn head(artefact: &[u8]) -> Option<TextHead> {
    let head = TextHead::from_bytes(artefact);
    if let Err(error) = &head {
        tracing::error!(%error, "how turns sound is told by word lists alone");
    }
    head.ok()
}
