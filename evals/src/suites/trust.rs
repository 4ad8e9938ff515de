//! Does the subject know when it is right? Every question is answered, however unsure the subject
//! is, and its confidence is held against what the answer was worth.

mod figures;
mod verdict;

use std::time::Instant;

use super::{LATENCY, Progress};
use crate::dataset::GoldQuestion;
use crate::metrics::share;
use crate::observe::EvalObserver;
use crate::options::Suite;
use crate::report::{ItemReport, Slice};
use crate::subject::Subject;

pub(crate) use figures::{groups, judged};

/// Names of what an item says.
pub(crate) const RIGHT: &str = "right";
pub(crate) const ANSWERABLE: &str = "answerable";

pub(crate) async fn run(
    subject: &dyn Subject,
    questions: &[&GoldQuestion],
    observer: &dyn EvalObserver,
) -> Vec<ItemReport> {
    let mut progress = Progress::start(observer, Suite::Trust, Slice::AsAsked, questions.len());
    let mut items = Vec::with_capacity(questions.len());
    for question in questions {
        let item = ask(subject, question).await;
        progress.asked(item.failure.is_some());
        items.push(item);
    }
    progress.finish();
    items
}

async fn ask(subject: &dyn Subject, question: &GoldQuestion) -> ItemReport {
    let begun = Instant::now();
    let reply = subject.answer_anyway(question).await;
    let latency_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let right = reply.as_ref().is_ok_and(|reply| verdict::is_right(question, reply));
    let (reply, failure) = match reply {
        Ok(reply) => (Some(reply), None),
        Err(error) => (None, Some(error.to_string())),
    };
    ItemReport {
        suite: Suite::Trust,
        slice: Slice::AsAsked,
        id: question.id.clone(),
        question: question.text.clone(),
        language: question.language,
        label: None,
        cluster: super::cluster(question),
        failure,
        outcome: reply.as_ref().map(|reply| reply.outcome.as_str()),
        lane: reply.as_ref().map(|reply| reply.lane.as_str()),
        // Without an answer there is nothing to be sure of.
        confidence: Some(reply.as_ref().map_or(0.0, |reply| reply.confidence.value)),
        documents: Vec::new(),
        features: reply.as_ref().map_or_else(Vec::new, |reply| reply.features.clone()),
        answer: reply.map(|reply| reply.text),
        values: vec![
            (RIGHT, share(right)),
            (ANSWERABLE, share(question.answerable)),
            (LATENCY, latency_ms),
        ],
    }
}
