//! How sure it is that a turn complains.
//!
//! Phrases that only a complaint has decide alone (`rules/*/complaint.txt`). The rest is weighed:
//! signs of a wrong done (`rules/*/grievance.txt`), the blame in the words, and whether somebody
//! tells what happened to them rather than asks what to do. No complaint was shown to it: the
//! weights are judgement.

use super::mood::Feeling;
use super::narrative::Narrative;
use super::signs::{SignPair, SignText};
use super::tone::Sound;

/// From here on a turn is a complaint.
pub(super) const SURE: f32 = 0.5;

/// What a phrase of a complaint makes of the odds at least.
const PHRASE: f32 = 1.5;
/// Blame counts for less the more of it there is, and for this much at most.
const BLAME: f32 = 0.24;
const MAX_BLAME: f32 = 0.9;
/// Praise speaks against.
const PRAISE: f32 = 0.12;
/// Abuse with a matter behind it is a complaint.
const INSULT: f32 = 0.4;
/// A question is no complaint unless much speaks for one.
const QUESTION: f32 = 0.42;
const STORY: f32 = 0.65;
/// A statement of what happened, rather than a question.
const STATEMENT: f32 = 0.52;
/// Chinese signs are rarer in a text, as its words are shorter.
const CHINESE: f32 = 1.35;
/// Whoever says a fault and asks nothing wants something done about it.
const PLAINLY: f32 = 0.4;
/// How steeply odds turn into certainty.
const STEEPNESS: f32 = 4.0;
/// What the rules' evidence counts beside the sound of the text.
const READ: f32 = 0.35;
/// How displeased a text must sound: the heads of the languages differ in what they take for it.
const DOUBT_ENGLISH: f32 = 0.15;
const DOUBT_CHINESE: f32 = -0.3;
/// Likelihoods are taken to be this far from sure.
const LEAST: f32 = 1e-3;

/// The signs of a wrong done.
pub(super) struct Complaints(SignPair);

/// What else was found in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beside {
    pub(super) feeling: Feeling,
    pub(super) sound: Sound,
    pub(super) story: Narrative,
    /// Whether a phrase was found that only a complaint has.
    pub(super) has_phrase: bool,
    pub(super) has_insult: bool,
    pub(super) is_english: bool,
}

impl Complaints {
    pub(super) fn new() -> Self {
        Self(SignPair::compile(
            include_str!("../../rules/en/grievance.txt"),
            include_str!("../../rules/zh/grievance.txt"),
        ))
    }

    /// How much speaks of a wrong done; 0 when nothing does.
    pub(super) fn grievance(&self, text: &SignText) -> f32 {
        let [english, chinese] = self.0.find(text);
        let weight = |found: Vec<(&str, f32)>| found.iter().map(|(_, weight)| weight).sum::<f32>();
        weight(english) + weight(chinese) * CHINESE
    }
}

/// From 0 to 1; [`SURE`] is a complaint.
pub(super) fn certainty(grievance: f32, beside: Beside) -> f32 {
    let Beside { feeling, sound, story, has_phrase, has_insult, is_english } = beside;
    let blame = (BLAME * feeling.blame.sqrt()).min(MAX_BLAME);
    // The blame in a bare insult is about no matter.
    let is_bare_insult = has_insult && grievance <= 0.0;
    let mut odds = if is_bare_insult { 0.0 } else { grievance + blame };
    if odds > 0.0 {
        // Among praise a story tells of something else.
        let ill = grievance * 4.0 + feeling.blame + 1.0;
        let told = STORY * story.telling() + STATEMENT * story.stating();
        odds += told.max(PLAINLY * story.plainness()) * ill / (ill + feeling.praise);
    }
    odds -= PRAISE * feeling.praise;
    if has_insult && odds > 0.0 {
        odds += INSULT;
    }
    if story.asks() {
        odds *= QUESTION;
    }
    let heard = if is_bare_insult { 0.0 } else { log_odds(sound.displeased) };
    let doubt = if is_english { DOUBT_ENGLISH } else { DOUBT_CHINESE };
    let read = heard + READ * STEEPNESS * (odds - 1.0) - doubt;
    let phrase = if has_phrase { STEEPNESS * (PHRASE - 1.0) } else { f32::NEG_INFINITY };
    1.0 / (1.0 + (-read.max(phrase)).exp())
}

/// Logarithm of the odds of a probability, bounded.
fn log_odds(probability: f32) -> f32 {
    let probability = probability.clamp(LEAST, 1.0 - LEAST);
    (probability / (1.0 - probability)).ln()
}
