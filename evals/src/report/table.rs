use std::fmt::Write as _;

use super::{EvalReport, Figure, FigureGroup, Part, Slice};
use crate::options::Suite;
use crate::statistics::Unit;

/// Mistakes listed at most; the JSON report has all.
const MAX_MISTAKES: usize = 15;

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
        // Triage sets have some hundred labels with the same few figures each.
        if group.suite == Suite::Triage && matches!(group.part, Part::Label(_)) {
            labels.push(group);
            continue;
        }
        writeln!(out, "\n{}", heading(group))?;
        rows(out, group.figures.iter().map(|figure| (figure.name.to_owned(), figure)).collect())?;
    }
    if !labels.is_empty() {
        writeln!(out, "\ntriage by label")?;
        by_label(out, &labels)?;
    }
    for confusion in &report.confusions {
        let mistakes = confusion.mistakes();
        if confusion.name == "intent" && !mistakes.is_empty() {
            writeln!(out, "\nintents most often taken for others")?;
            for (label, given, n) in mistakes.into_iter().take(MAX_MISTAKES) {
                writeln!(out, "  {n:>4}  {label} -> {given}")?;
            }
        }
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

/// One line for each label, with the interval of the last figure.
fn by_label(out: &mut String, groups: &[&FigureGroup]) -> std::fmt::Result {
    let names: Vec<&str> = groups
        .iter()
        .max_by_key(|group| group.figures.len())
        .map_or_else(Vec::new, |group| group.figures.iter().map(|figure| figure.name).collect());
    let width = groups.iter().map(|group| label(group).chars().count()).max().unwrap_or_default();
    let width = width.max(22);
    write!(out, "  {:width$} {:>6}", "label", "n")?;
    for name in &names {
        write!(out, " {name:>16}")?;
    }
    writeln!(out, "  95% interval")?;
    for group in groups {
        write!(out, "  {:width$} {:>6}", label(group), group.n_items)?;
        let found = |name: &str| group.figures.iter().find(|figure| figure.name == name);
        for name in &names {
            let value = found(name).and_then(|f| Some(shown(f.unit, f.value?)));
            write!(out, " {:>16}", value.unwrap_or("-".to_owned()))?;
        }
        let last = group.figures.last().and_then(|f| Some((f.unit, f.interval?)));
        let interval = last
            .map(|(unit, (low, high))| format!("[{}, {}]", shown(unit, low), shown(unit, high)));
        writeln!(out, "  {}", interval.unwrap_or_default())?;
    }
    Ok(())
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
