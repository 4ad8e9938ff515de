//! Adds up the words of clauses, each turned by its neighbours.

use super::Feeling;
use super::scan::Clause;
use super::words::{Found, Turn};

/// How far back a negation or a degree is looked for, in words or characters.
const REACH: usize = 4;
const STRONGER: f32 = 1.4;
const WEAKER: f32 = 0.6;
/// Praise denied is blame; blame denied is faint praise.
const DENIED_PRAISE: f32 = -0.8;
const DENIED_BLAME: f32 = -0.5;
/// What is only wished for is missing.
const WISHED_PRAISE: f32 = -0.3;
/// A question names a fault or a merit without claiming it.
const ASKED_PRAISE: f32 = 0.25;
const ASKED_BLAME: f32 = 0.25;
/// "But" takes from what came before it and gives to what follows.
const BEFORE_CONTRAST: f32 = 0.6;
const AFTER_CONTRAST: f32 = 1.3;
const CONCEDED: f32 = 0.5;
/// What was so before, or was only expected, says little of how it is.
const EARLIER: f32 = 0.35;
/// A denial of nothing in particular is a faint complaint.
const BARE_DENIAL: f32 = 0.25;
/// How much of a sentence is left when another with a feeling follows: last words weigh most.
const FADING: f32 = 0.88;
const SHOUT: f32 = 0.15;
/// What clauses without listed words may add up to.
const MOST_HINTS: f32 = 1.5;

/// The sums so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    done: Feeling,
    sentence: Feeling,
    factor: f32,
    has_contrast: bool,
    hints: f32,
}

impl Tally {
    pub(super) fn begin(&mut self, clause: &Clause) {
        self.factor = 1.0 + SHOUT * f32::from(clause.n_shouts);
        if self.has_contrast {
            self.factor *= AFTER_CONTRAST;
        }
    }

    /// Adds the words found in a clause.
    pub(super) fn add(&mut self, clause: &Clause, found: &[Found]) {
        for (idx, word) in found.iter().enumerate() {
            let next = found.get(idx + 1);
            let weighs = |found: &Found| found.meaning.weight.is_some_and(|w| w != 0.0);
            let turns_next = word.meaning.turn.is_some()
                && next
                    .is_some_and(|next| next.start - word.end <= turn_reach(word) && weighs(next));
            match word.meaning.turn {
                Some(Turn::Contrast) => self.contrast(),
                Some(Turn::Concession) => self.factor *= CONCEDED,
                Some(Turn::Earlier) => self.factor *= EARLIER,
                _ => {}
            }
            match word.meaning.weight {
                Some(weight) if weight != 0.0 && !turns_next => {
                    self.weigh(clause, weight, &found[..idx], word);
                }
                None if word.meaning.turn == Some(Turn::Negation) && !turns_next => {
                    self.sentence.blame += BARE_DENIAL * if clause.is_question { 0.0 } else { 1.0 };
                }
                _ => {}
            }
        }
    }

    /// Adds what a clause without listed words leans to.
    pub(super) fn hint(&mut self, lean: f32) {
        self.hints += lean;
    }

    pub(super) fn end(&mut self, clause: &Clause) {
        if clause.ends_sentence {
            self.close_sentence();
        }
    }

    pub(super) fn feeling(mut self) -> Feeling {
        self.close_sentence();
        let hints = self.hints.clamp(-MOST_HINTS, MOST_HINTS);
        self.done.praise += hints.max(0.0);
        self.done.blame -= hints.min(0.0);
        self.done
    }

    fn close_sentence(&mut self) {
        if self.sentence == Feeling::default() {
            self.has_contrast = false;
            return;
        }
        self.done.praise = self.done.praise * FADING + self.sentence.praise;
        self.done.blame = self.done.blame * FADING + self.sentence.blame;
        self.sentence = Feeling::default();
        self.has_contrast = false;
    }

    fn contrast(&mut self) {
        self.sentence.praise *= BEFORE_CONTRAST;
        self.sentence.blame *= BEFORE_CONTRAST;
        if !self.has_contrast {
            self.factor *= AFTER_CONTRAST;
        }
        self.has_contrast = true;
    }

    fn weigh(&mut self, clause: &Clause, weight: f32, before: &[Found], word: &Found) {
        let mut value = weight * self.factor;
        let mut is_denied = false;
        let mut is_wished = false;
        let mut end = word.start;
        for turn in before.iter().rev() {
            let near = end - turn.end <= REACH;
            match turn.meaning.turn {
                Some(Turn::Negation) if near => is_denied = !is_denied,
                Some(Turn::More) if end == turn.end => value *= STRONGER,
                Some(Turn::Less) if end == turn.end => value *= WEAKER,
                Some(Turn::Wish) => is_wished = true,
                // A word of feeling in between takes the negation for itself.
                None => break,
                _ => {}
            }
            end = turn.start;
        }
        if is_denied {
            value *= if weight > 0.0 { DENIED_PRAISE } else { DENIED_BLAME };
        } else if is_wished && value > 0.0 {
            value *= WISHED_PRAISE;
        }
        if clause.is_question {
            value *= if value > 0.0 { ASKED_PRAISE } else { ASKED_BLAME };
        }
        if value > 0.0 {
            self.sentence.praise += value;
        } else {
            self.sentence.blame -= value;
        }
    }
}

/// Degrees belong to the very next word, negations reach further.
fn turn_reach(word: &Found) -> usize {
    match word.meaning.turn {
        Some(Turn::Negation) => REACH,
        _ => 0,
    }
}
