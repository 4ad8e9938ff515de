//! Do reviewed pairs answer their own questions, in other words too, and no others?

use std::time::Instant;

use kefu_core::Lane;

use super::{FigureSpec, LATENCY, Progress, SuiteRun};
use crate::calibrate::bounds;
use crate::dataset::{GoldPair, GoldQuestion};
use crate::metrics::share;
use crate::observe::EvalObserver;
use crate::options::Suite;
use crate::report::{ItemReport, Slice};
use crate::statistics::{Better, Unit};
use crate::subject::{Reply, Subject};

/// What sets call a question in the pair's own words.
const VERBATIM: &str = "verbatim";
/// Passages among which the pair is looked for: as many as are reranked by default.
const TOP_K: usize = 20;
const CONFIDENCE: f64 = 0.95;

const SPECS: &[FigureSpec] = &[
    FigureSpec::score("precision"),
    FigureSpec::score("recall"),
    FigureSpec::score("verbatim"),
    FigureSpec::mean("near_miss_answered", Unit::Ratio, Better::Lower),
    FigureSpec::score("pair_found"),
    FigureSpec::latency("latency_ms_p50", 0.5),
    FigureSpec::latency("latency_ms_p95", 0.95),
];

/// Asks every question that is measured against a pair. Items carry what differs as their label.
pub(crate) async fn run(
    subject: &dyn Subject,
    questions: &[&GoldQuestion],
    observer: &dyn EvalObserver,
) -> SuiteRun {
    let asked: Vec<(&GoldQuestion, &GoldPair)> =
        questions.iter().filter_map(|q| Some((*q, q.reviewed.as_ref()?))).collect();
    let mut progress = Progress::start(observer, Suite::Curated, Slice::AsAsked, asked.len());
    let mut items = Vec::with_capacity(asked.len());
    for (question, pair) in asked {
        let item = ask(subject, question, pair).await;
        progress.asked(item.failure.is_some());
        items.push(item);
    }
    progress.finish();
    let notes = vec![bound(&items)];
    SuiteRun { suite: Suite::Curated, slice: Slice::AsAsked, specs: SPECS, items, notes }
}

async fn ask(subject: &dyn Subject, question: &GoldQuestion, pair: &GoldPair) -> ItemReport {
    let begun = Instant::now();
    let reply = subject.answer(question).await;
    let latency_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let found = if pair.is_same { subject.retrieve(question, TOP_K).await.ok() } else { None };
    let found = found.map(|passages| passages.iter().any(|p| p.document_id.as_str() == pair.id));
    let mut values = measures(pair, reply.as_ref().ok(), found);
    values.push((LATENCY, latency_ms));
    let (reply, failure) = match reply {
        Ok(reply) => (Some(reply), None),
        Err(error) => (None, Some(error.to_string())),
    };
    ItemReport {
        suite: Suite::Curated,
        slice: Slice::AsAsked,
        id: question.id.clone(),
        question: question.text.clone(),
        language: question.language,
        features: reply.as_ref().map_or_else(Vec::new, |reply| reply.features.clone()),
        label: Some(pair.kind.clone()).filter(|kind| !kind.is_empty()),
        cluster: format!("pair:{}", pair.id),
        failure,
        outcome: reply.as_ref().map(|reply| reply.outcome.as_str()),
        lane: reply.as_ref().map(|reply| reply.lane.as_str()),
        confidence: reply.as_ref().map(|reply| reply.confidence.value),
        documents: reply.as_ref().and_then(answering).into_iter().map(str::to_owned).collect(),
        answer: reply.map(|reply| reply.text),
        values,
    }
}

/// Precision is over what the lane answered, questions in the pair's own words left out: they would
/// only flatter it. A failure counts against recall.
fn measures(
    pair: &GoldPair,
    reply: Option<&Reply>,
    found: Option<bool>,
) -> Vec<(&'static str, f64)> {
    let answering = reply.and_then(answering);
    let is_right = pair.is_same && answering == Some(pair.id.as_str());
    let is_verbatim = pair.kind == VERBATIM;
    let mut values = Vec::new();
    if answering.is_some() && !is_verbatim {
        values.push(("precision", share(is_right)));
    }
    if pair.is_same {
        values.push((if is_verbatim { VERBATIM } else { "recall" }, share(is_right)));
        values.push(("pair_found", share(found.unwrap_or(false))));
    } else {
        values.push(("near_miss_answered", share(answering.is_some())));
    }
    values
}

/// The pair that answered by itself.
fn answering(reply: &Reply) -> Option<&str> {
    let first = reply.citations.first().filter(|_| reply.lane == Lane::Curated)?;
    Some(first.document_id.as_str())
}

/// A resampled interval says nothing where nothing is wrong: the exact bound does.
fn bound(items: &[ItemReport]) -> String {
    let judged: Vec<f64> = items.iter().filter_map(|item| item.value("precision")).collect();
    let n_wrong = judged.iter().filter(|value| **value < 0.5).count();
    let worst = 1.0 - bounds::upper(n_wrong, judged.len(), CONFIDENCE);
    format!(
        "curated: {n_wrong} of {} answers given were wrong; precision is at least {worst:.4} with \
         95% confidence (Clopper-Pearson)",
        judged.len()
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use kefu_core::{Citation, Confidence, DocumentId, Outcome, Revision, Span};

    use super::*;

    fn reply(lane: Lane, id: &str) -> Reply {
        let citation = Citation {
            label: 1,
            document_id: DocumentId::new(id).unwrap(),
            title: String::new(),
            revision: Revision::parse("0123456789abcdef").unwrap(),
            quote: String::new(),
            span: Span { start: 0, end: 0 },
            url: None,
        };
        Reply {
            outcome: Outcome::Answered,
            lane,
            reason: None,
            text: String::new(),
            citations: vec![citation],
            confidence: Confidence { value: 0.9, calibrated: false, threshold: 0.9 },
            features: Vec::new(),
        }
    }

    fn check(is_same: bool, kind: &str, reply: Option<&Reply>, expected: &[(&str, f64)]) {
        let pair = GoldPair { id: "a".to_owned(), is_same, kind: kind.to_owned() };
        let values = measures(&pair, reply, Some(true));
        let found: Vec<_> = values.into_iter().filter(|(name, _)| *name != "pair_found").collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn only_what_the_lane_answered_counts_for_precision() {
        let right = reply(Lane::Curated, "a");
        check(true, "paraphrase", Some(&right), &[("precision", 1.0), ("recall", 1.0)]);
        check(true, VERBATIM, Some(&right), &[(VERBATIM, 1.0)]);
        let other = reply(Lane::Curated, "b");
        check(true, "paraphrase", Some(&other), &[("precision", 0.0), ("recall", 0.0)]);
        check(true, "paraphrase", Some(&reply(Lane::Extractive, "a")), &[("recall", 0.0)]);
        check(true, "paraphrase", None, &[("recall", 0.0)]);
        check(false, "number", Some(&right), &[("precision", 0.0), ("near_miss_answered", 1.0)]);
        check(false, "number", None, &[("near_miss_answered", 0.0)]);
    }
}
