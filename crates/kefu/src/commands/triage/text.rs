//! Heads that tell labels by how texts are written.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, bail};
use kefu_desk::{LabelledText, TextFitReport, TextHead, TextHeadSettings};
use serde_json::{Value, json};

use super::rounded;
use crate::cli::{FitArgs, TestArgs};
use crate::output;
use crate::progress::steps_bar;
use crate::wiring::intents::{Bar, Examples};

/// Each label of more than two costs a byte for every bucket of the head, a million.
const MAX_LABELS: usize = 100;

/// Fits a head and says how well it tells texts it was not shown.
pub(super) async fn fit(args: &FitArgs) -> anyhow::Result<()> {
    let examples = Examples::read(&args.examples)?;
    let working = tokio::task::spawn_blocking(move || measured(&examples));
    let (head, report) = working.await.context("fitting was interrupted")??;
    let bytes = head.to_bytes();
    std::fs::write(&args.out, &bytes)
        .with_context(|| format!("cannot write {}", args.out.display()))?;
    if args.json {
        return output::json(&json!({
            "kind": "text",
            "out": args.out,
            "size_bytes": bytes.len(),
            "report": report_json(&report),
        }));
    }
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    output::line(format!("{} labels from {} examples", report.labels.len(), report.n_examples))?;
    let by_fold: Vec<String> = report.accuracy_by_fold.iter().map(|a| percent(*a)).collect();
    output::line(format!(
        "accuracy on unseen examples: {} (folds {}); mean F1 of the labels {}",
        percent(report.accuracy),
        by_fold.join(", "),
        percent(report.macro_f1),
    ))?;
    for label in &report.labels {
        output::line(format!(
            "  {}: {} examples, precision {}, recall {}",
            label.label,
            label.n_examples,
            percent(label.precision),
            percent(label.recall),
        ))?;
    }
    let out = args.out.display();
    output::line(format!(
        "{} bytes written to {out}. Try it: kefu triage test --head {out} \"TEXT\"",
        bytes.len()
    ))
}

fn measured(examples: &Examples) -> anyhow::Result<(TextHead, TextFitReport)> {
    let catalogue = &examples.catalogue;
    let labels: Vec<&str> =
        catalogue.specs().iter().map(|spec| spec.intent.name.as_str()).collect();
    if labels.len() > MAX_LABELS {
        bail!("{} labels are more than the {MAX_LABELS} that a head of texts holds", labels.len());
    }
    let shown: Vec<LabelledText<'_>> = catalogue
        .examples()
        .iter()
        .map(|(text, class)| LabelledText { text, label: labels[*class] })
        .collect();
    for label in &labels {
        let texts = shown.iter().filter(|example| example.label == *label);
        let texts: BTreeSet<String> = texts.map(|e| e.text.trim().to_lowercase()).collect();
        if texts.len() < 2 {
            bail!(
                "{label:?} has {} different example(s); give every label two at least, better twenty",
                texts.len()
            );
        }
    }
    let bar = steps_bar("fitting");
    let settings = TextHeadSettings::for_short_texts();
    let fitted = TextHead::fit_measured(&shown, &settings, &Bar(bar.clone()));
    bar.finish_and_clear();
    Ok(fitted?)
}

fn report_json(report: &TextFitReport) -> Value {
    json!({
        "n_examples": report.n_examples,
        "accuracy": report.accuracy,
        "accuracy_by_fold": report.accuracy_by_fold,
        "macro_f1": report.macro_f1,
        "labels": report.labels.iter().map(|label| json!({
            "label": label.label,
            "n_examples": label.n_examples,
            "precision": label.precision,
            "recall": label.recall,
        })).collect::<Vec<_>>(),
    })
}

/// Says how likely each label of a head is for a text, the likeliest first.
pub(super) fn test(args: &TestArgs, file: &Path) -> anyhow::Result<()> {
    let name = || format!("{}", file.display());
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", name()))?;
    let head = TextHead::from_bytes(&bytes).with_context(name)?;
    let likely = head.probabilities(&args.text);
    let mut told: Vec<(&str, f32)> = head.labels().iter().map(String::as_str).zip(likely).collect();
    told.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    if args.json {
        let told = told
            .iter()
            .map(|(label, likely)| json!({ "label": label, "probability": rounded(*likely) }));
        return output::json(&json!({ "labels": told.collect::<Vec<_>>() }));
    }
    for (label, likely) in told {
        output::line(format!("{label}: {:.1} %", f64::from(likely) * 100.0))?;
    }
    Ok(())
}
