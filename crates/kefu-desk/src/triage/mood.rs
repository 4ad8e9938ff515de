//! How pleased or displeased a text sounds, from weighted words in both languages.
//!
//! A word's weight is turned by what stands near it: negation ("not good", 不好吃), degree (很,
//! "slightly"), contrast (what follows 但是 or "but" weighs more than what came before), wishes and
//! questions. The lists are under `rules/*/mood/`; they were written for this product and come from
//! no data set.

mod clause;
mod leaning;
mod scan;
mod words;

use clause::Tally;
use leaning::Leaning;
use words::Words;

/// Keeps a text of one mild word from sounding sure.
const DOUBT: f32 = 3.0;

/// The word lists of both languages.
pub(super) struct Mood {
    english: Words,
    chinese: Words,
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
        Self { english: Words::english(), chinese, leaning }
    }

    /// Reads the shadow of a text.
    pub(super) fn feel(&self, shadow: &str) -> Feeling {
        let mut tally = Tally::default();
        for clause in scan::clauses(shadow) {
            tally.begin(&clause);
            if clause.has_han {
                let found = self.chinese.find(&clause.characters);
                tally.add(&clause, &found);
                if found.is_empty() && !clause.is_question {
                    tally.hint(self.leaning.lean(&clause.characters));
                }
            }
            tally.add(&clause, &self.english.find(&clause.words));
            tally.end(&clause);
        }
        tally.feeling()
    }
}

#[cfg(test)]
mod tests;
