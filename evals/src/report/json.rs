use serde_json::{Map, Value, json};

use super::{Confusion, EvalReport, Figure, FigureGroup, ItemReport, Part};
use crate::statistics::{Better, Unit};

/// Raised when a field changes its meaning; new fields do not raise it.
const SCHEMA: u32 = 1;

pub(super) fn render(report: &EvalReport) -> Value {
    let options = &report.options;
    let suites: Vec<&str> = options.suites.iter().map(|suite| suite.as_str()).collect();
    json!({
        "schema": SCHEMA,
        "dataset": {
            "name": report.dataset,
            "hash": report.dataset_hash,
            "n_questions": report.n_questions,
            "n_examples": report.n_examples,
        },
        "options": {
            "suites": suites,
            "sample": options.sample,
            "seed": options.seed,
            "n_resamples": options.n_resamples,
        },
        "subject": {
            "pipeline": report.subject.pipeline,
            "embedder": report.subject.embedder,
            "generator": report.subject.generator,
            "reranker": report.subject.reranker,
        },
        "groups": report.groups.iter().map(group).collect::<Vec<_>>(),
        "notes": report.notes,
        "confusions": report.confusions.iter().map(confusion).collect::<Vec<_>>(),
        "items": report.items.iter().map(item).collect::<Vec<_>>(),
    })
}

fn group(group: &FigureGroup) -> Value {
    let figures: Map<String, Value> =
        group.figures.iter().map(|f| (f.name.to_owned(), figure(f))).collect();
    let (language, label) = match &group.part {
        Part::All => (None, None),
        Part::Language(language) => (Some(language.code()), None),
        Part::Label(label) => (None, Some(label.as_str())),
    };
    json!({
        "suite": group.suite.as_str(),
        "slice": group.slice.as_str(),
        "lang": language,
        "label": label,
        "n": group.n_items,
        "n_failed": group.n_failed,
        "figures": figures,
    })
}

fn confusion(confusion: &Confusion) -> Value {
    let row = |(label, given, n): &(String, String, usize)| json!({ "label": label, "given": given, "n": n });
    json!({ "name": confusion.name, "rows": confusion.rows.iter().map(row).collect::<Vec<_>>() })
}

fn figure(figure: &Figure) -> Value {
    json!({
        "n": figure.n,
        "value": figure.value,
        "low": figure.interval.map(|(low, _)| low),
        "high": figure.interval.map(|(_, high)| high),
        "unit": match figure.unit {
            Unit::Ratio => "ratio",
            Unit::Milliseconds => "ms",
            Unit::Count => "count",
        },
        "better": match figure.better {
            Better::Higher => Some("higher"),
            Better::Lower => Some("lower"),
            Better::Neither => None,
        },
    })
}

fn item(item: &ItemReport) -> Value {
    let measures: Map<String, Value> =
        item.values.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let features: Map<String, Value> =
        item.features.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    json!({
        "suite": item.suite.as_str(),
        "slice": item.slice.as_str(),
        "id": item.id,
        "question": item.question,
        "lang": item.language.code(),
        "label": item.label,
        "cluster": item.cluster,
        "failure": item.failure,
        "outcome": item.outcome,
        "lane": item.lane,
        "answer": item.answer,
        "confidence": item.confidence,
        "documents": item.documents,
        "features": features,
        "measures": measures,
    })
}
