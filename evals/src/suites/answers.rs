//! Is the answer right, supported by its sources, or rightly refused?

mod measures;
mod quotes;

use std::time::Instant;

use super::{FigureSpec, LATENCY, Progress, SuiteRun};
use crate::dataset::GoldQuestion;
use crate::metrics::ranking::documents;
use crate::observe::EvalObserver;
use crate::options::Suite;
use crate::report::{ItemReport, Slice};
use crate::statistics::{Better, Unit};
use crate::subject::{Reply, Subject};
use quotes::QuoteChecker;

pub(crate) const SPECS: &[FigureSpec] = &[
    FigureSpec::score("contains_gold"),
    FigureSpec::score("token_f1"),
    FigureSpec::score("exact_match"),
    FigureSpec::score("cites_gold_document"),
    FigureSpec::score("refused_unanswerable"),
    FigureSpec::mean("false_refusal", Unit::Ratio, Better::Lower),
    FigureSpec::mean("escalated", Unit::Ratio, Better::Neither),
    FigureSpec::mean("lane_curated", Unit::Ratio, Better::Neither),
    FigureSpec::mean("lane_extractive", Unit::Ratio, Better::Neither),
    FigureSpec::mean("lane_generated", Unit::Ratio, Better::Neither),
    FigureSpec::mean("lane_none", Unit::Ratio, Better::Neither),
    FigureSpec::mean("words_per_answer", Unit::Count, Better::Neither),
    FigureSpec::mean("characters_per_answer", Unit::Count, Better::Neither),
    FigureSpec::mean("unsupported_numbers", Unit::Ratio, Better::Lower),
    FigureSpec::score("quotes_equal_source"),
    FigureSpec::mean("failed", Unit::Ratio, Better::Lower),
    FigureSpec::latency("latency_ms_p50", 0.5),
    FigureSpec::latency("latency_ms_p95", 0.95),
];

pub(crate) async fn run(
    subject: &dyn Subject,
    questions: &[&GoldQuestion],
    observer: &dyn EvalObserver,
) -> SuiteRun {
    let mut progress = Progress::start(observer, Suite::Answers, Slice::AsAsked, questions.len());
    let mut quotes = QuoteChecker::new(subject);
    let mut items = Vec::with_capacity(questions.len());
    for question in questions {
        let item = ask(subject, question, &mut quotes).await;
        progress.asked(item.failure.is_some());
        items.push(item);
    }
    progress.finish();
    let n_unchecked = quotes.n_unchecked();
    let mut notes = Vec::new();
    if n_unchecked > 0 {
        notes.push(format!(
            "answers: quotes of {n_unchecked} answers were not checked, because the subject does \
             not give the text of its sources"
        ));
    }
    SuiteRun { suite: Suite::Answers, slice: Slice::AsAsked, specs: SPECS, items, notes }
}

async fn ask(
    subject: &dyn Subject,
    question: &GoldQuestion,
    quotes: &mut QuoteChecker<'_>,
) -> ItemReport {
    let begun = Instant::now();
    let reply = subject.answer(question).await;
    let latency_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let mut values = measures::of(question, reply.as_ref().ok());
    values.push((LATENCY, latency_ms));
    let (reply, failure) = match reply {
        Ok(reply) => (Some(reply), None),
        Err(error) => (None, Some(error.to_string())),
    };
    if let Some(reply) = &reply
        && let Some(equal) = quotes.check(reply).await
    {
        values.push(("quotes_equal_source", equal));
    }
    ItemReport {
        suite: Suite::Answers,
        slice: Slice::AsAsked,
        id: question.id.clone(),
        question: question.text.clone(),
        language: question.language,
        features: Vec::new(),
        label: None,
        cluster: super::cluster(question),
        failure,
        outcome: reply.as_ref().map(|reply| reply.outcome.as_str()),
        lane: reply.as_ref().map(|reply| reply.lane.as_str()),
        confidence: reply.as_ref().map(|reply| reply.confidence.value),
        documents: reply.as_ref().map_or_else(Vec::new, cited),
        answer: reply.map(|reply| reply.text),
        values,
    }
}

fn cited(reply: &Reply) -> Vec<String> {
    let ids = reply.citations.iter().map(|citation| citation.document_id.as_str());
    documents(ids).into_iter().map(str::to_owned).collect()
}
