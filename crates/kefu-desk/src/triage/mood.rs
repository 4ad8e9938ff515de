//! How pleased or displeased a text sounds, from weighted words in both languages.
//!
//! A word's weight is turned by what stands near it: negation ("not good", 不好吃), degree (很,
//! "slightly"), contrast (what follows 但是 or "but" weighs more than what came before), wishes and
//! questions. Patterns over classes of words find what no list can hold. All are under `rules/*/mood/`; they were written for this product and come from
//! no data set.

mod clause;
mod leaning;
mod phrases;
mod scan;
mod words;

use super::pattern::Script;
use clause::Tally;
use leaning::Leaning;
use phrases::{Phrases, merged};
use words::Words;

/// Keeps a text of one mild word from sounding sure.
const DOUBT: f32 = 3.0;

/// The word lists of both languages.
pub(super) struct Mood {
    english: Words,
    chinese: Words,
    english_phrases: Phrases,
    chinese_phrases: Phrases,
    leaning: Leaning,
}

/// What a text's words add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Feeling {
    /// Sum of praise, 0 or more.
    pub(super) praise: f32,
    /// Sum of blame, 0 or more.
    pub(super) blame: f32,
}

impl Feeling {
    /// From -1 (all blame) to 1 (all praise); 0 when neither was said.
    pub(super) fn score(self) -> f32 {
        (self.praise - self.blame) / (self.praise + self.blame + DOUBT)
    }
}

impl Mood {
    pub(super) fn new() -> Self {
        let chinese = Words::chinese();
        let leaning = Leaning::of(chinese.weighted());
        Self {
            english: Words::english(),
            chinese,
            english_phrases: Phrases::compile(
                include_str!("../../rules/en/mood/patterns.txt"),
                Script::Spaced,
            ),
            chinese_phrases: Phrases::compile(
                include_str!("../../rules/zh/mood/patterns.txt"),
                Script::Unspaced,
            ),
            leaning,
        }
    }

    /// Reads the shadow of a text.
    pub(super) fn feel(&self, shadow: &str) -> Feeling {
        let mut tally = Tally::default();
        let clauses = scan::clauses(shadow);
        let english = self.english_phrases.find(&clauses);
        let chinese = self.chinese_phrases.find(&clauses);
        for (clause, (english, chinese)) in clauses.iter().zip(english.iter().zip(&chinese)) {
            tally.begin(clause);
            if clause.has_han {
                let found = merged(self.chinese.find(&clause.characters), chinese);
                tally.add(clause, &found);
                if found.is_empty() && !clause.is_question {
                    tally.hint(self.leaning.lean(&clause.characters));
                }
            }
            tally.add(clause, &merged(self.english.find(&clause.words), english));
            tally.end(clause);
        }
        tally.feeling()
    }
}

#[cfg(test)]
mod tests;
