//! The decision taken before retrieval, by rules and small classifiers alone.

mod abuse;
mod asking;
mod complaint;
mod courtesy;
mod guard;
mod heads;
mod kind;
mod lexicon;
mod matcher;
mod mood;
mod narrative;
mod pattern;
mod reading;
mod rule_file;
mod signs;
mod spelling;
mod tone;
mod trend;
mod urgency;
mod wish;
mod wording;

use kefu_core::{
    Courtesy, Escalation, EscalationReason, IntentVerdict, Language, Priority, Reason, Refusal,
    Signals, Speaker, Trend, Triage, TriageInput, TriageOutcome, Turn,
};

use crate::intents::IntentHead;
use abuse::Abuse;
use complaint::Complaints;
use courtesy::Courtesies;
use guard::Guard;
use kind::Kinds;
use lexicon::{Lexicon, Signal};
use mood::Mood;
use pattern::Script;
use reading::Reading;
use signs::SignPair;
use tone::Tone;
use urgency::Urgencies;
use wish::Wishes;
use wording::Wording;
pub(crate) use wording::bounded_shadow;

/// How triage behaves where companies differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesSettings {
    /// Answers in a row that were no answer, after which a person takes over; below that Kefu
    /// offers one. Zero counts as one.
    pub escalate_after_failures: u32,
}

/// Triage by the phrase rules under `rules/`, English and Chinese.
///
/// A request for a person always escalates, whatever else the text says; when the text also tells
/// of danger or lost money, the ticket gets that queue and urgency. An attempt to turn the assistant
/// against its task is refused. Building one compiles all
/// rules and judges some usual turns (some hundred milliseconds): share it.
pub struct Rules {
    settings: RulesSettings,
    english: Lexicon,
    chinese: Lexicon,
    guard: Guard,
    mood: Mood,
    tone: Tone,
    wishes: Wishes,
    complaints: Complaints,
    kinds: Kinds,
    urgencies: Urgencies,
    risks: SignPair,
    abuse: Abuse,
    /// English, then Chinese.
    courtesies: [Courtesies; 2],
    intents: Option<IntentHead>,
}

/// Repetitions of one message, this one included, that count as going round in circles.
const LOOP_REPETITIONS: usize = 3;
/// A customer's request for a person is short. A longer text that attacks the assistant holds any
/// word somewhere, and opens no ticket by it.
const ONE_MATTER_CHARS: usize = 400;
/// How many turns back repetitions are looked for.
const LOOP_WINDOW_TURNS: usize = 8;
/// Longer turns are no mere courtesy.
const COURTESY_BYTES: usize = 200;
/// How many of the customer's earlier turns tell how their mood moves.
const TREND_TURNS: usize = 4;

/// Names of rules that code knows.
mod rule_name {
    /// A complaint by the weight of its signs, not by one phrase.
    pub(super) const WEIGHED: &str = "complaint.weighed";
    /// A wish for a person by the sound of the whole turn, not by one phrase.
    pub(super) const WISH: &str = "wish.heard";
    /// Somebody came to harm, or is about to; sections of `rules/*/risk.txt`.
    pub(super) const INJURIES: [&str; 2] = ["medical.harm", "medical.danger"];
}

impl Rules {
    /// Compiles the rules.
    #[must_use]
    pub fn new(settings: RulesSettings) -> Self {
        let rules = Self {
            settings,
            english: Lexicon::english(),
            chinese: Lexicon::chinese(),
            guard: Guard::new(),
            mood: Mood::new(),
            tone: Tone::new(),
            wishes: Wishes::new(),
            complaints: Complaints::new(),
            kinds: Kinds::new(),
            urgencies: Urgencies::new(),
            risks: SignPair::compile(
                include_str!("../rules/en/risk.txt"),
                include_str!("../rules/zh/risk.txt"),
            ),
            abuse: Abuse::new(),
            courtesies: [
                Courtesies::compile(include_str!("../rules/en/courtesy.txt"), Script::Spaced),
                Courtesies::compile(include_str!("../rules/zh/courtesy.txt"), Script::Unspaced),
            ],
            intents: None,
        };
        rules.warm_up();
        rules
    }

    /// Judges usual turns: automata are built as texts need them, and the first customers should not
    /// wait for that.
    fn warm_up(&self) {
        let turns = include_str!("../rules/warm_up.txt").lines();
        for text in turns.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let input = TriageInput { text, language: Language::UNDETERMINED, history: &[] };
            self.assess(&input);
            self.courtesy(text);
        }
    }

    /// Tells intents by a head, or by none.
    #[must_use]
    pub fn telling_intents(self, intents: Option<IntentHead>) -> Self {
        Self { intents, ..self }
    }

    /// The first rule that finds `signal`, in either language: customers mix them.
    fn find(&self, signal: Signal, wordings: &[Wording; 2]) -> Option<&'static str> {
        let [english, chinese] = wordings;
        let found = || self.english.find(signal, english);
        found().or_else(|| self.chinese.find(signal, chinese))
    }

    /// How the mood came to be what it is `now`.
    fn trend(&self, input: &TriageInput<'_>, now: f32) -> Trend {
        let earlier = input.history.iter().rev().filter(|turn| turn.speaker == Speaker::Customer);
        let mut moods = vec![now];
        moods.extend(earlier.take(TREND_TURNS).map(|turn| self.mood_of(&turn.text)));
        moods.reverse();
        trend::trend(&moods)
    }

    fn accepts_offer(&self, history: &[Turn], wordings: &[Wording; 2]) -> Option<&'static str> {
        let last = history.last().filter(|turn| turn.speaker == Speaker::Assistant)?;
        let offer = self.wordings(&wording::bounded_shadow(&last.text));
        let offered =
            self.english.offers_person(&offer[0]) || self.chinese.offers_person(&offer[1]);
        let [english, chinese] = wordings;
        let accepts = || self.english.assents(english).or_else(|| self.chinese.assents(chinese));
        offered.then(accepts).flatten()
    }

    /// A wish for a person in words that no rule knows, where no rule knows what only looks like one.
    fn hears_wish(&self, text: &str, wordings: &[Wording; 2]) -> Option<&'static str> {
        let [english, chinese] = wordings;
        let is_excused = || {
            self.courtesy_in(wordings).is_some()
                || self.english.excuses(Signal::Human, english)
                || self.chinese.excuses(Signal::Human, chinese)
                || self.english.assents(english).is_some()
                || self.chinese.assents(chinese).is_some()
        };
        (self.wishes.hears_one(text) && !is_excused()).then_some(rule_name::WISH)
    }

    fn courtesy_in(&self, wordings: &[Wording; 2]) -> Option<Courtesy> {
        let by_language = self.courtesies.iter().zip(wordings);
        by_language.filter_map(|(courtesies, wording)| courtesies.of(wording)).next()
    }

    fn wordings(&self, shadow: &str) -> [Wording; 2] {
        [self.english.wording(shadow), self.chinese.wording(shadow)]
    }
}

impl Triage for Rules {
    fn assess(&self, input: &TriageInput<'_>) -> TriageOutcome {
        self.decide(input, &self.read(input.text))
    }

    fn signals(&self, input: &TriageInput<'_>) -> Signals {
        let reading = self.read(input.text);
        let trend = self.trend(input, reading.sentiment());
        self.tell(input.text, &reading, trend)
    }

    fn intent(&self, text: &str, vector: Option<&[f32]>) -> Option<IntentVerdict> {
        self.intents.as_ref().map(|head| head.judge(text, vector))
    }

    fn courtesy(&self, text: &str) -> Option<Courtesy> {
        if text.len() > COURTESY_BYTES {
            return None;
        }
        self.courtesy_in(&self.wordings(&wording::bounded_shadow(text)))
    }

    fn matter<'a>(&self, text: &'a str) -> &'a str {
        courtesy::matter(text, |clause| self.courtesy(clause))
    }

    fn after_failures(&self, n_failures: u32) -> Option<Escalation> {
        (n_failures >= self.settings.escalate_after_failures.max(1)).then(|| Escalation {
            reason: EscalationReason::LowConfidence,
            queue: "support".to_owned(),
            priority: Priority::Normal,
            rule: "failures.in_a_row",
        })
    }

    fn engine_failure(&self) -> Escalation {
        Escalation {
            reason: EscalationReason::EngineFailure,
            queue: "support".to_owned(),
            priority: Priority::High,
            rule: "engine.failure",
        }
    }
}

impl Rules {
    fn decide(&self, input: &TriageInput<'_>, reading: &Reading) -> TriageOutcome {
        let refusal = self
            .guard
            .judge(input.text)
            .map(|attack| Refusal { reason: Reason::Unsafe, rule: attack.rule });
        if let Some(refusal) = &refusal
            && input.text.chars().count() > ONE_MATTER_CHARS
        {
            return TriageOutcome::Refuse(refusal.clone());
        }
        let asked = self
            .find(Signal::Human, &reading.wordings)
            .or_else(|| self.accepts_offer(input.history, &reading.wordings));
        // Signs of a complaint weigh nothing against those of an attack.
        let is_trusted = |other: &Escalation| refusal.is_none() || other.rule != rule_name::WEIGHED;
        let other = most_serious(reading).filter(is_trusted);
        // What a rule found says more than how the turn sounds.
        let is_weighed = other.as_ref().is_none_or(|other| other.rule == rule_name::WEIGHED);
        let heard = || is_weighed.then(|| self.hears_wish(input.text, &reading.wordings)).flatten();
        let escalation = match (asked.or_else(heard), other) {
            (Some(rule), Some(other)) => {
                let asked = escalation(Signal::Human, rule);
                let priority = asked.priority.max(other.priority);
                Escalation { queue: other.queue, priority, ..asked }
            }
            (Some(rule), None) => escalation(Signal::Human, rule),
            (None, Some(other)) => other,
            (None, None) if refusal.is_none() && goes_in_circles(input) => circles(),
            (None, None) => {
                return refusal.map_or(TriageOutcome::Proceed, TriageOutcome::Refuse);
            }
        };
        TriageOutcome::Escalate(escalation)
    }
}

/// The most serious matter beside a wish for a person; an insult with a matter behind it is a
/// complaint.
fn most_serious(reading: &Reading) -> Option<Escalation> {
    let found = |signal, rule: Option<&'static str>| Some(escalation(signal, rule?));
    let injury = || {
        let complaint = escalation(Signal::Complaint, reading.injury?);
        Some(Escalation { queue: "safety".to_owned(), priority: Priority::Urgent, ..complaint })
    };
    // Whoever tells at length what was done to them complains, about money too.
    let money = || {
        let money = found(Signal::Money, reading.money)?;
        let reason = if reading.is_story() { EscalationReason::Complaint } else { money.reason };
        Some(Escalation { reason, ..money })
    };
    found(Signal::Harm, reading.harm)
        .or_else(injury)
        .or_else(money)
        .or_else(|| found(Signal::Complaint, reading.complaint))
        .or_else(|| found(Signal::Insult, reading.insult))
}

fn escalation(signal: Signal, rule: &'static str) -> Escalation {
    let (reason, queue, priority) = match signal {
        Signal::Human => (EscalationReason::HumanRequested, "support", Priority::Normal),
        Signal::Harm => (EscalationReason::Abuse, "safety", Priority::Urgent),
        Signal::Money => (EscalationReason::MoneySafety, "safety", Priority::Urgent),
        Signal::Complaint => (EscalationReason::Complaint, "complaints", Priority::High),
        Signal::Insult => (EscalationReason::Abuse, "support", Priority::Normal),
    };
    Escalation { reason, queue: queue.to_owned(), priority, rule }
}

fn circles() -> Escalation {
    Escalation {
        reason: EscalationReason::Loop,
        queue: "support".to_owned(),
        priority: Priority::Normal,
        rule: "loop.same_words",
    }
}

/// Whether the customer says the same for the third time within a few turns.
fn goes_in_circles(input: &TriageInput<'_>) -> bool {
    let words = |text: &str| wording::bare(&wording::bounded_shadow(text));
    let now = words(input.text);
    let n_earlier = input
        .history
        .iter()
        .rev()
        .take(LOOP_WINDOW_TURNS)
        .filter(|turn| turn.speaker == Speaker::Customer && words(&turn.text) == now)
        .count();
    // Greetings and bare numbers may well be repeated.
    now.chars().count() > 5 && n_earlier + 1 >= LOOP_REPETITIONS
}

#[cfg(test)]
mod tests;
