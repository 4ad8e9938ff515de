//! Everything that is read from one turn, once.

use kefu_core::{Risk, Signals, Trend, UrgencyLevel};

use super::Rules;
use super::complaint::{self, Beside};
use super::heads;
use super::lexicon::Signal;
use super::mood::Feeling;
use super::narrative::Narrative;
use super::signs::SignText;
use super::tone::Sound;
use super::wording::{self, Wording};
use super::{abuse, rule_name};

/// How much blame there is in a wrong that is told, and in one that is asked about.
const TOLD: f32 = 1.4;
const ASKED: f32 = 0.5;
/// What words and signs count beside the sound of a text.
const READ: f32 = 1.0;
/// Earlier turns are read this far.
const EARLIER_BYTES: usize = 600;

/// What the rules found in a turn.
pub(super) struct Reading {
    pub(super) wordings: [Wording; 2],
    signs: SignText,
    feeling: Feeling,
    sound: Sound,
    story: Narrative,
    grievance: f32,
    /// Names of the rules that found them.
    pub(super) harm: Option<&'static str>,
    pub(super) money: Option<&'static str>,
    pub(super) insult: Option<&'static str>,
    /// The rule that found a complaint's phrase, or the weighing of signs.
    pub(super) complaint: Option<&'static str>,
    /// The customer or somebody near them came to harm, or is about to.
    pub(super) injury: Option<&'static str>,
    complaint_certainty: f32,
    risks: Vec<&'static str>,
}

impl Rules {
    pub(super) fn read(&self, text: &str) -> Reading {
        let shadow = wording::bounded_shadow(text);
        let wordings = self.wordings(&shadow);
        let gist = wording::gist(&shadow);
        let gist = wording::standard(&gist);
        let signs = SignText::of(&gist);
        let find = |signal| self.find(signal, &wordings);
        let feeling = self.mood.feel(&gist);
        let sound = self.tone.hear(&gist);
        let story = Narrative::of(&gist);
        let (phrase, insult) = (find(Signal::Complaint), find(Signal::Insult));
        let beside = Beside {
            feeling,
            sound,
            story,
            has_phrase: phrase.is_some(),
            has_insult: insult.is_some(),
            is_english: heads::is_english(&gist),
        };
        let grievance = self.complaints.grievance(&signs);
        let complaint_certainty = complaint::certainty(grievance, beside);
        let weighed = (complaint_certainty >= complaint::SURE).then_some(rule_name::WEIGHED);
        let risks: Vec<_> = self.risks.find_all(&signs).into_iter().map(|(name, _)| name).collect();
        Reading {
            harm: find(Signal::Harm),
            money: find(Signal::Money),
            injury: risks.iter().copied().find(|name| rule_name::INJURIES.contains(name)),
            insult,
            complaint: phrase.or(weighed),
            complaint_certainty,
            wordings,
            signs,
            feeling,
            sound,
            story,
            grievance,
            risks,
        }
    }

    /// The signals of a turn with this reading.
    pub(super) fn tell(&self, text: &str, reading: &Reading, trend: Trend) -> Signals {
        let abuse = self.abuse.certainty(text, reading.insult.is_some());
        let is_complaint = reading.complaint_certainty >= complaint::SURE;
        Signals {
            problem: is_complaint.then(|| self.kinds.of(&reading.signs)),
            complaint: reading.complaint_certainty,
            sentiment: reading.sentiment(),
            trend,
            urgency: self.urgencies.of(&reading.signs, reading.danger()),
            risks: reading.risks(abuse >= abuse::SURE),
            abuse,
        }
    }

    /// The mood of an earlier turn, by its beginning.
    pub(super) fn mood_of(&self, text: &str) -> f32 {
        let text = &text[..text.floor_char_boundary(EARLIER_BYTES)];
        let shadow = wording::bounded_shadow(text);
        let shadow = wording::standard(&shadow);
        let grievance = self.complaints.grievance(&SignText::of(&shadow));
        let sound = self.tone.hear(&shadow);
        sentiment((self.mood.feel(&shadow), sound), Narrative::of(&shadow), grievance)
    }
}

/// What was done to somebody sours the mood, however calmly it is told.
fn sentiment((feeling, sound): (Feeling, Sound), story: Narrative, grievance: f32) -> f32 {
    let told = if story.asks() { ASKED } else { TOLD };
    // Among praise, the same words often tell of waiting that was worth it.
    let unpraised = (feeling.blame + 1.0) / (feeling.blame + feeling.praise + 1.0);
    let read = Feeling { blame: feeling.blame + grievance * told * unpraised, ..feeling }.score();
    (sound.pleased - sound.displeased + READ * read) / (1.0 + READ)
}

impl Reading {
    pub(super) fn sentiment(&self) -> f32 {
        sentiment((self.feeling, self.sound), self.story, self.grievance)
    }

    /// Whether somebody tells at length what happened to them.
    pub(super) fn is_story(&self) -> bool {
        self.story.telling() >= 0.8 && self.complaint_certainty >= complaint::SURE
    }

    /// What makes a turn urgent beside its words of time.
    fn danger(&self) -> Option<(UrgencyLevel, &'static str)> {
        let now = |rule| (UrgencyLevel::Now, rule);
        self.harm.or(self.injury).map(now).or(self.money.map(|rule| (UrgencyLevel::Today, rule)))
    }

    fn risks(&self, is_abusive: bool) -> Vec<Risk> {
        let has = |kind: &str| self.risks.iter().any(|name| name.starts_with(kind));
        let found = |risk: &Risk| match risk {
            Risk::Harm => self.harm.is_some(),
            Risk::Money => self.money.is_some(),
            Risk::Medical => has("medical."),
            Risk::Legal => has("legal."),
            Risk::Abuse => is_abusive,
        };
        Risk::ALL.into_iter().filter(found).collect()
    }
}
