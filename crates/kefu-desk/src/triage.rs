//! The decision taken before retrieval, by rules alone.

mod guard;
mod lexicon;
mod pattern;
mod rule_file;
mod spelling;
mod wording;

use kefu_core::{
    Escalation, EscalationReason, IntentVerdict, Language, Priority, Reason, Refusal, Speaker,
    Triage, TriageInput, TriageOutcome, Turn,
};

use crate::intents::IntentHead;
use guard::Guard;
use lexicon::{Lexicon, Signal};
use wording::Wording;

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
/// rules (some tens of milliseconds): share it.
pub struct Rules {
    settings: RulesSettings,
    english: Lexicon,
    chinese: Lexicon,
    guard: Guard,
    intents: Option<IntentHead>,
}

/// Repetitions of one message, this one included, that count as going round in circles.
const LOOP_REPETITIONS: usize = 3;
/// A customer's request for a person is short. A longer text that attacks the assistant holds any
/// word somewhere, and opens no ticket by it.
const ONE_MATTER_CHARS: usize = 400;
/// How many turns back repetitions are looked for.
const LOOP_WINDOW_TURNS: usize = 8;

impl Rules {
    /// Compiles the rules.
    #[must_use]
    pub fn new(settings: RulesSettings) -> Self {
        let rules = Self {
            settings,
            english: Lexicon::english(),
            chinese: Lexicon::chinese(),
            guard: Guard::new(),
            intents: None,
        };
        // Tables and automata are built on first use; the first customer should not wait for them.
        rules.assess(&TriageInput {
            text: "你好 hello",
            language: Language::ENGLISH,
            history: &[],
        });
        rules
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

    /// The most serious matter beside a wish for a person; an insult with a reason behind it is a
    /// complaint.
    fn find_any(&self, wordings: &[Wording; 2]) -> Option<Escalation> {
        [Signal::Harm, Signal::Money, Signal::Complaint, Signal::Insult]
            .into_iter()
            .find_map(|signal| Some(escalation(signal, self.find(signal, wordings)?)))
    }

    fn accepts_offer(&self, history: &[Turn], wordings: &[Wording; 2]) -> Option<&'static str> {
        let last = history.last().filter(|turn| turn.speaker == Speaker::Assistant)?;
        let offer = self.wordings(&last.text);
        let offered =
            self.english.offers_person(&offer[0]) || self.chinese.offers_person(&offer[1]);
        let [english, chinese] = wordings;
        let accepts = || self.english.assents(english).or_else(|| self.chinese.assents(chinese));
        offered.then(accepts).flatten()
    }

    fn wordings(&self, text: &str) -> [Wording; 2] {
        let shadow = wording::bounded_shadow(text);
        [self.english.wording(&shadow), self.chinese.wording(&shadow)]
    }
}

impl Triage for Rules {
    fn assess(&self, input: &TriageInput<'_>) -> TriageOutcome {
        let refusal = self
            .guard
            .judge(input.text)
            .map(|attack| Refusal { reason: Reason::Unsafe, rule: attack.rule });
        if let Some(refusal) = &refusal
            && input.text.chars().count() > ONE_MATTER_CHARS
        {
            return TriageOutcome::Refuse(refusal.clone());
        }
        let wordings = self.wordings(input.text);
        let human = self
            .find(Signal::Human, &wordings)
            .or_else(|| self.accepts_offer(input.history, &wordings));
        let other = self.find_any(&wordings);
        let escalation = match (human, other) {
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

    fn intent(&self, text: &str, vector: Option<&[f32]>) -> Option<IntentVerdict> {
        self.intents.as_ref().map(|head| head.judge(text, vector))
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
