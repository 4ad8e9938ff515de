//! The walk of one question through the stages.

mod again;
mod clarifying;
mod comparing;
mod conflicting;
mod courtesy;
mod handing_over;
mod intent;

use std::sync::Arc;
use std::time::{Duration, Instant};

use kefu_core::{
    Confidence, Deadline, ErrorKind, Escalation, Lane, Language, Outcome, Reason, RecordsError,
    Scope, TicketNumber, TriageInput, TriageOutcome,
};

use crate::admission;
use crate::answerer::AnswererParts;
use crate::decide::{Signals, uncalibrated};
use crate::dialogue::{self, Dialogue};
use crate::error::RagError;
use crate::events::{AnswerEvent, AnswerObserver, Listened, Unobserved};
use crate::exchange::{Draft, Times, Work, settle};
use crate::features::Features;
use crate::find::{Depth, Found, find};
use crate::lanes::{self, Writing};
use crate::messages::{self, Message};
use crate::outcome::Answered;
use crate::question::Question;
use crate::read;
use crate::sheet::Sheet;
use crate::time::{check, ms_since, within};
use crate::understand::{self, Understood};

/// Recording an answer that was given gets at least this long, whatever the deadline.
const MIN_TIME_TO_RECORD: Duration = Duration::from_secs(5);

/// An answer that only repeats the conversation has at most this share of what it must have.
const ECHO_SHARE: f32 = 0.5;

/// Answers one question and records the exchange.
pub(crate) async fn ask(
    parts: &AnswererParts,
    scope: &Scope,
    question: &Question,
    observer: &dyn AnswerObserver,
) -> Result<Answered, RagError> {
    let started = Instant::now();
    let asked_ms = parts.clock.now_ms();
    admission::check(question, &parts.settings, &parts.analyser)?;
    if let Some(answered) = again::again(parts, scope, question, observer).await? {
        return Ok(answered);
    }
    let observer = &Listened::to(observer);
    let walk = async || {
        let dialogue = load(parts, scope, question, asked_ms).await?;
        let language = understand::language(question, &dialogue.conversation, &dialogue.turns);
        let purpose = Purpose::Customer;
        let run = Run {
            parts,
            scope,
            question,
            dialogue,
            language,
            started,
            asked_ms,
            observer,
            purpose,
        };
        run.walk().await
    };
    match walk().await {
        // The desk was quicker: the conversation changed hands while it was looked at.
        Err(RagError::Records(RecordsError::Conflict { .. })) if !observer.heard_text() => {
            walk().await
        }
        answered => answered,
    }
}

/// Answers one question for a person at the desk: without triage and without a trace.
pub(crate) async fn suggest(
    parts: &AnswererParts,
    scope: &Scope,
    question: &Question,
) -> Result<Answered, RagError> {
    let started = Instant::now();
    let asked_ms = parts.clock.now_ms();
    admission::check(question, &parts.settings, &parts.analyser)?;
    admission::check_words(question)?;
    let dialogue = load(parts, scope, question, asked_ms).await?;
    let language = understand::language(question, &dialogue.conversation, &dialogue.turns);
    let (purpose, observer) = (Purpose::Desk, &Listened::to(&Unobserved));
    let run =
        Run { parts, scope, question, dialogue, language, started, asked_ms, observer, purpose };
    run.answer(Work::none(), Sheet::new(observer)).await
}

/// For whom a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// The customer reads the answer, and it is recorded.
    Customer,
    /// A person at the desk reads it and decides; nothing is recorded and nobody is called.
    Desk,
}

async fn load(
    parts: &AnswererParts,
    scope: &Scope,
    question: &Question,
    now_ms: i64,
) -> Result<Dialogue, RagError> {
    let limits = (parts.settings.max_history_turns, now_ms);
    let load = dialogue::load(parts.records.as_ref(), scope, question, limits);
    within(question.deadline, "loading the conversation", load).await?
}

struct Run<'a> {
    parts: &'a AnswererParts,
    scope: &'a Scope,
    question: &'a Question,
    dialogue: Dialogue,
    language: Language,
    started: Instant,
    asked_ms: i64,
    observer: &'a Listened<'a>,
    purpose: Purpose,
}

impl Run<'_> {
    async fn walk(&self) -> Result<Answered, RagError> {
        let sheet = Sheet::new(self.observer);
        if let Some(ticket_id) = self.dialogue.open_ticket() {
            return self.stay_silent(&self.dialogue, ticket_id, sheet).await;
        }
        let mut work = Work::none();
        sheet.status("triage");
        let started = Instant::now();
        let outcome = self.assess();
        let is_answered = matches!(outcome, TriageOutcome::Proceed);
        let courtesy = is_answered.then(|| self.courtesy(&self.question.text)).flatten();
        work.timings.triage_ms = ms_since(started);
        if let Some(courtesy) = courtesy {
            return self.answer_in_kind(courtesy, (work, sheet)).await;
        }
        match outcome {
            TriageOutcome::Escalate(escalation) => {
                self.note_intent(None, &mut work);
                self.hand_over(escalation, work, sheet).await
            }
            TriageOutcome::Refuse(refusal) => {
                tracing::info!(rule = refusal.rule, "not answering");
                self.abstain(refusal.reason, (self.none(), work), sheet).await
            }
            TriageOutcome::Proceed => match self.answer(work, sheet).await {
                Err(error) if is_engine_failure(&error) && !self.observer.heard_text() => {
                    tracing::error!(%error, "a part failed, handing over");
                    let escalation = self.parts.triage.engine_failure();
                    let sheet = Sheet::new(self.observer);
                    let handed = self.hand_over(escalation, Work::none(), sheet).await;
                    handed.map_err(|_| error)
                }
                answered => answered,
            },
        }
    }

    fn assess(&self) -> TriageOutcome {
        self.parts.triage.assess(&self.triage_input())
    }

    fn triage_input(&self) -> TriageInput<'_> {
        TriageInput {
            text: &self.question.text,
            language: self.language,
            history: &self.dialogue.turns,
        }
    }

    async fn answer(&self, mut work: Work, mut sheet: Sheet<'_>) -> Result<Answered, RagError> {
        check(self.question.deadline, "judging the question")?;
        sheet.status("retrieving");
        let asked = self.asked().await;
        let turns = if asked.is_chosen { Vec::new() } else { self.matter() };
        let readings = understand::understand(&asked.question, &turns, &self.parts.analyser);
        work.rewritten = readings.alone.rewritten.clone();

        let settings = &self.parts.settings;
        let depth =
            Depth { top_k_per_leg: settings.top_k_per_leg, n_candidates: settings.rerank_depth };
        let mut found = find(self.parts, self.scope, &asked.question, (readings, depth)).await?;
        let understood = Arc::clone(&found.understood);
        self.note(&found, &mut work);
        if found.ranked.passages.is_empty() {
            let reason = if found.is_outdated { Reason::AsOfUnknown } else { Reason::NoDocument };
            return self.abstain(reason, (self.none(), work), sheet).await;
        }
        let to_read = read::to_read(&found.ranked);
        sheet.observe(AnswerEvent::Sources(to_read.iter().map(|p| p.scored()).collect()));

        sheet.status("reading");
        if found.curated.is_none()
            && let Some(comparison) = self.comparison(&asked, &found)
            && let Some(parts) = self.parts_of(&comparison, (&asked, depth)).await?
        {
            return self.answer_compared(&comparison, parts, (work, sheet)).await;
        }
        let reading = lanes::read(self.parts, self.question, &mut found, &mut work).await?;
        let versions = reading.as_ref().map(|reading| self.versions(&asked, &found, reading));
        let versions = versions.unwrap_or_default();
        let signals = reading.as_ref().map(|reading| self.signals((&found, reading), &versions));
        work.features.extend(signals.iter().flat_map(Signals::named));
        if let Some(score) = lanes::answer_curated(&found, &mut sheet) {
            work.features.push(("curated_match".to_owned(), score));
            let confidence = uncalibrated(score, settings.curated_threshold);
            return self.answered(Lane::Curated, confidence, (work, sheet)).await;
        }
        let (Some(reading), Some(signals)) = (reading, signals) else {
            return self.abstain(Reason::WeakEvidence, (self.none(), work), sheet).await;
        };
        if versions.is_empty()
            && let Some(options) = self.options(&asked, &found, &reading)
        {
            return self.ask_back(options, (work, sheet)).await;
        }
        let mut confidence = self.confidence(&signals, &understood, &work.features);
        if found.is_echo() && !signals.has_the_figure() {
            confidence.value = confidence.value.min(confidence.threshold * ECHO_SHARE);
        }
        let is_unsure = confidence.value < confidence.threshold && !self.question.answer_anyway;
        if is_unsure || reading.picks.is_empty() {
            return self.abstain(Reason::WeakEvidence, (confidence, work), sheet).await;
        }
        if !versions.is_empty() {
            let contradicted = (&found, &reading, versions.as_slice());
            return self.answer_contradicted(contradicted, confidence, (work, sheet)).await;
        }
        let writing = Writing {
            parts: self.parts,
            question: &asked.question,
            understood: &understood,
            found: &found,
            reading: &reading,
            signals: &signals,
        };
        let lane = lanes::answer(&writing, &mut work, &mut sheet).await?;
        self.answered(lane, confidence, (work, sheet)).await
    }

    /// How sure the answer is, and how sure it must be.
    fn confidence(
        &self,
        signals: &Signals,
        understood: &Understood,
        features: &[(String, f32)],
    ) -> Confidence {
        let settings = &self.parts.settings;
        let with_dense = signals.passage_cosine.is_some();
        let fit = self.parts.calibration.as_ref();
        match fit.and_then(|known| known.fit(understood.written_in, with_dense)) {
            Some(fit) => Confidence {
                value: fit.probability(features),
                calibrated: true,
                threshold: settings.answer_threshold.unwrap_or(fit.threshold),
            },
            None => {
                let threshold =
                    settings.answer_threshold.unwrap_or(settings.conservative_threshold);
                uncalibrated(signals.probability(), threshold)
            }
        }
    }

    /// The confidence of an answer that was not looked for.
    fn none(&self) -> Confidence {
        let settings = &self.parts.settings;
        uncalibrated(0.0, settings.answer_threshold.unwrap_or(settings.conservative_threshold))
    }

    /// Puts on record what retrieval did.
    fn note(&self, found: &Found, work: &mut Work) {
        work.release = found.release;
        work.rewritten = found.understood.rewritten.clone();
        work.timings.retrieve_ms = found.retrieve_ms;
        work.timings.rerank_ms = found.rerank_ms;
        work.passages = found.ranked.passages.iter().map(|p| p.trace.clone()).collect();
        if found.vector.is_some() {
            work.embedder = self.parts.embedder.as_ref().map(|e| e.info().id.clone());
        }
        let flag = |on: bool| if on { 1.0 } else { 0.0 };
        work.features.push(("retrieval_degraded".to_owned(), flag(found.degraded)));
        work.features.extend(Features::of(found).named());
        self.note_intent(found.vector.as_deref(), work);
    }

    async fn answered(
        &self,
        lane: Lane,
        confidence: Confidence,
        (work, sheet): (Work, Sheet<'_>),
    ) -> Result<Answered, RagError> {
        let draft = Draft::new((Outcome::Answered, lane), sheet.into_parts(), confidence, work);
        Ok(self.record(&self.dialogue, draft).await?)
    }

    /// Whether one more failure is one too many.
    fn gives_up(&self) -> Option<Escalation> {
        if self.purpose == Purpose::Desk {
            return None;
        }
        let n_failures = self.dialogue.conversation.n_failures.saturating_add(1);
        self.parts.triage.after_failures(n_failures)
    }

    /// Says that there is no answer, and after repeated failures hands over instead. An attempt at
    /// misuse that is refused is no failure, so that nobody opens tickets with it.
    async fn abstain(
        &self,
        reason: Reason,
        (confidence, work): (Confidence, Work),
        mut sheet: Sheet<'_>,
    ) -> Result<Answered, RagError> {
        if reason != Reason::Unsafe
            && let Some(escalation) = self.gives_up()
        {
            return self.hand_over(escalation, work, sheet).await;
        }
        let text = messages::text(self.language, Message::Abstained(reason));
        sheet.say(&text);
        let kind = (Outcome::Abstained, Lane::None);
        let draft = Draft::new(kind, (text, Vec::new()), confidence, work);
        let draft = Draft { reason: Some(reason), ..draft };
        Ok(self.record(&self.dialogue, draft).await?)
    }

    async fn record(
        &self,
        dialogue: &Dialogue,
        mut draft: Draft,
    ) -> Result<Answered, RecordsError> {
        draft.work.timings.total_ms = ms_since(self.started);
        let times = Times { asked_ms: self.asked_ms, answered_ms: self.parts.clock.now_ms() };
        let (exchange, mut answered) =
            settle(self.question, dialogue, self.language, (draft, times));
        if self.question.rehearsal.is_some() || self.purpose == Purpose::Desk {
            answered.number(TicketNumber::NONE);
            return Ok(answered);
        }
        let deadline = Deadline::after(self.question.deadline.remaining().max(MIN_TIME_TO_RECORD));
        let commit = self.parts.records.commit_exchange(self.scope, &exchange);
        let timed_out = |_| RecordsError::Storage { detail: "recording took too long".to_owned() };
        let committed = within(deadline, "recording", commit).await.map_err(timed_out)??;
        if let Some(number) = committed.number {
            answered.number(number);
        }
        Ok(answered)
    }
}

/// Whether a part of Kefu is broken, rather than the question or the load.
fn is_engine_failure(error: &RagError) -> bool {
    match error {
        RagError::Store(error) => error.kind() != ErrorKind::Overloaded,
        RagError::Records(error) => {
            matches!(
                error.kind(),
                ErrorKind::Unavailable | ErrorKind::StorageFull | ErrorKind::Internal
            )
        }
        _ => false,
    }
}
