use std::fmt::Write as _;

use super::{EvalReport, Figure, FigureGroup, Part, Slice};
use crate::options::Suite;
use crate::statistics::Unit;

pub(super) fn render(report: &EvalReport) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(report, &mut out);
    out
}

fn write(report: &EvalReport, out: &mut String) -> std::fmt::Result {
    writeln!(out, "{}", summary(report))?;
    let mut labels: Vec<&FigureGroup> = Vec::new();
    for group in &report.groups {
        // Triage sets have some hundred labels with one figure each.
        if group.suite == Suite::Triage && matches!(group.part, Part::Label(_)) {
            labels.push(group);
            continue;
        }
        writeln!(out, "\n{}", heading(group))?;
        rows(out, group.figures.iter().map(|figure| (figure.name.to_owned(), figure)).collect())?;
    }
    if !labels.is_empty() {
        writeln!(out, "\ntriage by label, share escalated")?;
        let figures = labels.into_iter().flat_map(|g| g.figures.iter().map(|f| (label(g), f)));
        rows(out, figures.collect())?;
    }
    for note in &report.notes {
        writeln!(out, "\nnote: {note}")?;
    }
    Ok(())
}

/// What was evaluated, in one paragraph.
pub(super) fn summary(report: &EvalReport) -> String {
    let subject = &report.subject;
    let sample = report.options.sample.map_or(String::new(), |n| format!(", sample of {n}"));
    format!(
        "data set {} ({}), {} questions, {} examples{sample}, seed {}\n\
         pipeline {}, embedder {}, generator {}",
        report.dataset,
        report.dataset_hash,
        report.n_questions,
        report.n_examples,
        report.options.seed,
        subject.pipeline,
        subject.embedder.as_deref().unwrap_or("none"),
        subject.generator.as_deref().unwrap_or("none"),
    )
}

/// What a group of figures is about.
pub(super) fn heading(group: &FigureGroup) -> String {
    let slice = match (group.suite, group.slice) {
        (Suite::Retrieval, Slice::Alone) => ", without history",
        _ => "",
    };
    let part = match &group.part {
        Part::All => String::new(),
        Part::Language(language) => format!(", {language} only"),
        Part::Label(label) => format!(", label {label}"),
    };
    let (n, n_failed) = (group.n_items, group.n_failed);
    format!("{}{slice}{part}: {n} asked, {n_failed} failed", group.suite.as_str())
}

/// A value as people read it.
pub(super) fn shown(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Ratio => format!("{value:.3}"),
        Unit::Milliseconds | Unit::Count => format!("{value:.1}"),
    }
}

fn label(group: &FigureGroup) -> String {
    match &group.part {
        Part::Label(label) if label.is_empty() => "(no label)".to_owned(),
        Part::Label(label) => label.clone(),
        Part::All | Part::Language(_) => String::new(),
    }
}

fn rows(out: &mut String, figures: Vec<(String, &Figure)>) -> std::fmt::Result {
    let widest = figures.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let width = widest.max(22);
    writeln!(out, "  {:width$} {:>9}  {:18} {:>6}", "figure", "value", "95% interval", "n")?;
    for (name, figure) in figures {
        let value = figure.value.map_or("-".to_owned(), |value| shown(figure.unit, value));
        let interval = figure.interval.map_or(String::new(), |(low, high)| {
            format!("[{}, {}]", shown(figure.unit, low), shown(figure.unit, high))
        });
        writeln!(out, "  {name:width$} {value:>9}  {interval:18} {:>6}", figure.n)?;
    }
    Ok(())
}
