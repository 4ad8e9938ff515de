//! `kefu triage`.

mod text;

use std::sync::Arc;

use anyhow::Context;
use kefu_core::ports::{EmbedKind, Embedder};
use kefu_core::{Triage, TriageInput, TriageOutcome};
use kefu_desk::{FitReport, Rules, RulesSettings};
use serde_json::{Value, json};

use crate::cli::{FitArgs, HeadKind, TestArgs, TriageCommand};
use crate::config::{Layers, Settings};
use crate::output;
use crate::wiring::intents::{self, Examples};
use crate::wiring::models::{self, Wanted};

/// Fits a head, or tries triage on a text.
pub(crate) async fn run(command: &TriageCommand, layers: &Layers) -> anyhow::Result<()> {
    match command {
        TriageCommand::Fit(args) => match args.kind {
            HeadKind::Intents => fit(args, &layers.settings).await,
            HeadKind::Text => text::fit(args).await,
        },
        TriageCommand::Test(args) => match &args.head {
            Some(head) => text::test(args, head),
            None => test(args, &layers.settings).await,
        },
    }
}

async fn embedder(settings: &Settings) -> anyhow::Result<Option<Arc<dyn Embedder>>> {
    let section = settings.models.clone();
    let load = move || models::load(&section, Wanted::Embedder);
    let loaded = tokio::task::spawn_blocking(load).await;
    Ok(loaded.context("loading the embedder was interrupted")??.embedder)
}

async fn fit(args: &FitArgs, settings: &Settings) -> anyhow::Result<()> {
    let examples = Examples::read(&args.examples)?;
    let embedder = if args.words_only { None } else { embedder(settings).await? };
    let (head, report) = examples.fit(embedder.as_deref()).await?;
    let bytes = head.to_bytes();
    std::fs::write(&args.out, &bytes)
        .with_context(|| format!("cannot write {}", args.out.display()))?;
    if args.json {
        return output::json(&json!({
            "kind": "intents",
            "out": args.out,
            "size_bytes": bytes.len(),
            "embedder": head.embedder(),
            "report": report_json(&report),
        }));
    }
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    output::line(format!(
        "{} intents from {} examples ({} out of scope), {} of them read by the embedder",
        report.n_intents, report.n_examples, report.n_out_of_scope, report.n_with_vector
    ))?;
    let by_fold: Vec<String> = report.accuracy_by_fold.iter().map(|a| percent(*a)).collect();
    output::line(format!(
        "accuracy on unseen examples: {} (folds {}); words alone {}{}",
        percent(report.accuracy),
        by_fold.join(", "),
        percent(report.accuracy_by_words),
        report
            .accuracy_by_vector
            .map_or(String::new(), |a| format!(", vectors alone {}", percent(a))),
    ))?;
    let bound_to = head.embedder().map_or("no embedder".to_owned(), |id| format!("embedder {id}"));
    let out = args.out.display();
    output::line(format!(
        "{} bytes written to {out}, for {bound_to}. Set desk.intents = \"{out}\"",
        bytes.len()
    ))
}

fn report_json(report: &FitReport) -> Value {
    json!({
        "n_intents": report.n_intents,
        "n_examples": report.n_examples,
        "n_out_of_scope": report.n_out_of_scope,
        "n_with_vector": report.n_with_vector,
        "accuracy": report.accuracy,
        "accuracy_by_fold": report.accuracy_by_fold,
        "accuracy_vectors_alone": report.accuracy_by_vector,
        "accuracy_words_alone": report.accuracy_by_words,
    })
}

async fn test(args: &TestArgs, settings: &Settings) -> anyhow::Result<()> {
    let embedder = embedder(settings).await?;
    let head = intents::head(&settings.desk.intents, embedder.as_deref()).await?;
    let after = settings.desk.escalate_after_failures;
    let rules = Rules::new(RulesSettings { escalate_after_failures: after }).telling_intents(head);
    let language = kefu_text::detect(&args.text);
    let input = TriageInput { text: &args.text, language, history: &[] };
    let vector = match embedder.as_deref().filter(|model| model.info().serves(language)) {
        Some(model) => model.embed(EmbedKind::Query, std::slice::from_ref(&args.text)).await?.pop(),
        None => None,
    };
    let signals = rules.signals(&input);
    let found = json!({
        "language": language.code(),
        "verdict": verdict(&rules.assess(&input)),
        "intent": rules.intent(&args.text, vector.as_deref()).map(|verdict| json!({
            "name": verdict.intent.as_ref().map(|intent| &intent.name),
            "queue": verdict.intent.as_ref().and_then(|intent| intent.queue.as_ref()),
            "skill": verdict.intent.as_ref().and_then(|intent| intent.skill.as_ref()),
            "confidence": rounded(verdict.confidence),
            "in_scope": rounded(verdict.in_scope),
            "out_of_scope": verdict.is_out_of_scope(),
            "told_by": verdict.source.as_str(),
        })),
        "signals": {
            "problem": signals.problem.map(|problem| problem.as_str()),
            "complaint": rounded(signals.complaint),
            "sentiment": rounded(signals.sentiment),
            "urgency": signals.urgency.level.as_str(),
            "urgency_reasons": signals.urgency.reasons,
            "risks": signals.risks.iter().map(|risk| risk.as_str()).collect::<Vec<_>>(),
            "abuse": rounded(signals.abuse),
        },
    });
    if args.json {
        return output::json(&found);
    }
    for (part, value) in found.as_object().into_iter().flatten() {
        match value.as_object() {
            None => output::line(format!("{part}: {}", shown(value)))?,
            Some(fields) => {
                let fields = fields.iter().filter(|(_, value)| !value.is_null());
                let fields: Vec<String> =
                    fields.map(|(name, value)| format!("{name} {}", shown(value))).collect();
                output::line(format!("{part}: {}", fields.join(", ")))?;
            }
        }
    }
    Ok(())
}

fn verdict(outcome: &TriageOutcome) -> Value {
    match outcome {
        TriageOutcome::Proceed => json!({ "outcome": "proceed" }),
        TriageOutcome::Escalate(escalation) => json!({
            "outcome": "escalate",
            "reason": escalation.reason.as_str(),
            "queue": escalation.queue,
            "priority": escalation.priority.as_str(),
            "rule": escalation.rule,
        }),
        TriageOutcome::Refuse(refusal) => json!({
            "outcome": "refuse",
            "reason": refusal.reason.as_str(),
            "rule": refusal.rule,
        }),
    }
}

/// To three places, as people read it.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 1_000.0).round() / 1_000.0
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            if items.is_empty() { "none".to_owned() } else { items.join(" ") }
        }
        Value::Null => "none".to_owned(),
        other => other.to_string(),
    }
}
