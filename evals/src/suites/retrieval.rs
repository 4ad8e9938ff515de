//! Does the right document come first? Answerable questions that name their document.

use std::time::Instant;

use super::{FigureSpec, LATENCY, Progress, SuiteRun};
use crate::dataset::GoldQuestion;
use crate::metrics::ranking::{documents, ndcg_at, ndcg_first_at, recall_at, reciprocal_rank_at};
use crate::metrics::{share, text};
use crate::observe::EvalObserver;
use crate::options::Suite;
use crate::report::{ItemReport, Slice};
use crate::subject::{RankedPassage, Subject};

/// Passages asked for: enough that ten documents are nearly always among them.
const TOP_K: usize = 50;
/// Passages among which a reference answer is looked for.
const N_READ: usize = 3;
/// Found documents kept in the report.
const N_REPORTED: usize = 5;

const SPECS: &[FigureSpec] = &[
    FigureSpec::score("recall@1"),
    FigureSpec::score("recall@5"),
    FigureSpec::score("recall@10"),
    FigureSpec::score("mrr@10"),
    FigureSpec::score("ndcg@10"),
    FigureSpec::score("ndcg_first@10"),
    FigureSpec::score("answer_in_top_3"),
    FigureSpec::latency("latency_ms_p50", 0.5),
    FigureSpec::latency("latency_ms_p95", 0.95),
];

pub(crate) async fn run(
    subject: &dyn Subject,
    questions: &[&GoldQuestion],
    slice: Slice,
    observer: &dyn EvalObserver,
) -> SuiteRun {
    let answerable: Vec<_> = questions.iter().filter(|question| question.answerable).collect();
    let scored: Vec<_> = answerable.iter().filter(|q| !q.gold_documents().is_empty()).collect();
    let mut progress = Progress::start(observer, Suite::Retrieval, slice, scored.len());
    let mut items = Vec::with_capacity(scored.len());
    for question in &scored {
        let item = ask(subject, question, slice).await;
        progress.asked(item.failure.is_some());
        items.push(item);
    }
    progress.finish();
    let n_left_out = answerable.len() - scored.len();
    let mut notes = Vec::new();
    if n_left_out > 0 {
        notes.push(format!(
            "retrieval: {n_left_out} answerable questions name no document and were not asked"
        ));
    }
    SuiteRun { suite: Suite::Retrieval, slice, specs: SPECS, items, notes }
}

async fn ask(subject: &dyn Subject, question: &GoldQuestion, slice: Slice) -> ItemReport {
    let asked = match slice {
        Slice::AsAsked => question.clone(),
        Slice::Alone => GoldQuestion { history: Vec::new(), ..question.clone() },
    };
    let begun = Instant::now();
    let found = subject.retrieve(&asked, TOP_K).await;
    let latency_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let (passages, failure) = match found {
        Ok(passages) => (passages, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    let ranking = documents(passages.iter().map(|passage| passage.document_id.as_str()));
    let mut values = measures(question, &ranking, &passages);
    values.push((LATENCY, latency_ms));
    ItemReport {
        suite: Suite::Retrieval,
        slice,
        id: question.id.clone(),
        question: question.text.clone(),
        language: question.language,
        features: Vec::new(),
        label: None,
        cluster: super::cluster(question),
        failure,
        outcome: None,
        lane: None,
        answer: None,
        confidence: None,
        documents: ranking.iter().take(N_REPORTED).map(|id| (*id).to_owned()).collect(),
        values,
    }
}

fn measures(
    question: &GoldQuestion,
    ranking: &[&str],
    passages: &[RankedPassage],
) -> Vec<(&'static str, f64)> {
    let gold = question.gold_documents();
    let mut values = vec![
        ("recall@1", recall_at(ranking, &gold, 1)),
        ("recall@5", recall_at(ranking, &gold, 5)),
        ("recall@10", recall_at(ranking, &gold, 10)),
        ("mrr@10", reciprocal_rank_at(ranking, &gold, 10)),
        ("ndcg@10", ndcg_at(ranking, &gold, 10)),
        ("ndcg_first@10", ndcg_first_at(ranking, &gold, 10)),
    ];
    if !question.answers.is_empty() {
        let said = |answer: &String| {
            passages.iter().take(N_READ).any(|passage| text::contains(&passage.text, answer))
        };
        values.push(("answer_in_top_3", share(question.answers.iter().any(said))));
    }
    values
}
