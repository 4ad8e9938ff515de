//! How a turn sounds: displeased, pleased or neither.
//!
//! Word lists know what somebody thought of; n-grams of some thousand texts know the rest.

use super::heads::HeadPair;

/// The heads of both languages.
pub(super) struct Tone(HeadPair);

/// How likely each is, 0 to 1; together at most 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sound {
    pub(super) displeased: f32,
    pub(super) pleased: f32,
}

impl Tone {
    pub(super) fn new() -> Self {
        Self(HeadPair::read(
            include_bytes!("../../../../models/triage/tone-en.kfth"),
            include_bytes!("../../../../models/triage/tone-zh.kfth"),
        ))
    }

    pub(super) fn hear(&self, text: &str) -> Sound {
        let [displeased, pleased] = self.0.probabilities(text, ["displeased", "pleased"]);
        Sound { displeased, pleased }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_are_heard() {
        let tone = Tone::new();
        for text in ["Terrible, it broke after a day.", "太失望了，用了一天就坏"] {
            let Sound { displeased, pleased } = tone.hear(text);
            assert!(displeased > 0.4 && displeased > pleased, "{text}: {displeased} {pleased}");
        }
        for text in ["Love it, works like a charm", "非常满意，下次还来"] {
            let Sound { displeased, pleased } = tone.hear(text);
            assert!(pleased > 0.4 && pleased > displeased, "{text}: {displeased} {pleased}");
        }
        assert_eq!(tone.hear("12345 !!"), Sound::default());
    }
}
