use std::fmt::Write as _;

use super::table::{heading, shown, summary};
use super::{Confusion, EvalReport, Figure, FigureGroup, ItemReport};
use crate::options::Suite;
use crate::statistics::Unit;

const STYLE: &str = include_str!("html/style.css");

/// Wrong items listed at most; the JSON report has all.
const MAX_LISTED: usize = 200;

pub(super) fn render(report: &EvalReport) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(report, &mut out);
    out
}

fn write(report: &EvalReport, out: &mut String) -> std::fmt::Result {
    let name = escape(&report.dataset);
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Evaluation of {name}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <h1>Evaluation of {name}</h1>"
    )?;
    for line in summary(report).lines() {
        writeln!(out, "<p>{}</p>", escape(line))?;
    }
    for group in &report.groups {
        figures(out, group)?;
    }
    for confusion in &report.confusions {
        given(out, confusion)?;
    }
    for note in &report.notes {
        writeln!(out, "<p class=\"note\">{}</p>", escape(note))?;
    }
    wrong_items(out, report)?;
    writeln!(out, "</body>\n</html>")
}

fn figures(out: &mut String, group: &FigureGroup) -> std::fmt::Result {
    writeln!(
        out,
        "<table>\n<caption>{}</caption>\n<thead><tr><th scope=\"col\">figure</th>\
         <th scope=\"col\">value</th><th scope=\"col\">95% interval</th>\
         <th scope=\"col\">n</th><th scope=\"col\">0 to 1</th></tr></thead>\n<tbody>",
        escape(&heading(group))
    )?;
    for figure in &group.figures {
        let value = figure.value.map_or("–".to_owned(), |value| shown(figure.unit, value));
        let interval = figure.interval.map_or(String::new(), |(low, high)| {
            format!("{} – {}", shown(figure.unit, low), shown(figure.unit, high))
        });
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{value}</td><td>{interval}</td><td>{}</td>\
             <td>{}</td></tr>",
            figure.name,
            figure.n,
            plot(figure)
        )?;
    }
    writeln!(out, "</tbody>\n</table>")
}

/// The value as a dot and its interval as a line between 0 and 1.
fn plot(figure: &Figure) -> String {
    let (Unit::Ratio, Some(value)) = (figure.unit, figure.value) else {
        return String::new();
    };
    let place = |value: f64| 4.0 + 152.0 * value.clamp(0.0, 1.0);
    let (low, high) = figure.interval.unwrap_or((value, value));
    format!(
        "<svg width=\"160\" height=\"14\" role=\"img\" aria-label=\"{value:.3}\">\
         <line class=\"track\" x1=\"4\" y1=\"7\" x2=\"156\" y2=\"7\"/>\
         <line class=\"interval\" x1=\"{:.1}\" y1=\"7\" x2=\"{:.1}\" y2=\"7\"/>\
         <circle cx=\"{:.1}\" cy=\"7\" r=\"4\"/></svg>",
        place(low),
        place(high),
        place(value)
    )
}

/// What labels were given: all of triage's outcomes, and the mistakes among intents.
fn given(out: &mut String, confusion: &Confusion) -> std::fmt::Result {
    let rows = confusion.mistakes();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<details>\n<summary>Labels and the {} given (at most {MAX_LISTED} shown)</summary>\n\
         <table>\n<thead><tr><th scope=\"col\">label</th><th scope=\"col\">given</th>\
         <th scope=\"col\">n</th></tr></thead>\n<tbody>",
        escape(confusion.name)
    )?;
    for (label, given, n) in rows.into_iter().take(MAX_LISTED) {
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{n}</td></tr>",
            escape(label),
            escape(given)
        )?;
    }
    writeln!(out, "</tbody>\n</table>\n</details>")
}

fn wrong_items(out: &mut String, report: &EvalReport) -> std::fmt::Result {
    let wrong: Vec<&ItemReport> = report.items.iter().filter(|item| is_wrong(item)).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<details>\n<summary>What went wrong: {} (at most {MAX_LISTED} shown)</summary>\n<table>\n\
         <thead><tr><th scope=\"col\">suite</th><th scope=\"col\">id</th>\
         <th scope=\"col\">question</th><th scope=\"col\">result</th>\
         <th scope=\"col\">documents</th></tr></thead>\n<tbody>",
        wrong.len()
    )?;
    for item in wrong.into_iter().take(MAX_LISTED) {
        let result = item.failure.as_deref().or(item.answer.as_deref()).or(item.outcome);
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            item.suite.as_str(),
            escape(&item.id),
            escape(&item.question),
            escape(result.unwrap_or_default()),
            escape(&item.documents.join(", "))
        )?;
    }
    writeln!(out, "</tbody>\n</table>\n</details>")
}

/// Whether a reader looking for faults wants to see the item.
fn is_wrong(item: &ItemReport) -> bool {
    let is_zero = |name: &str| item.value(name).is_some_and(|value| value < 0.5);
    item.failure.is_some()
        || match item.suite {
            Suite::Retrieval => is_zero("recall@10"),
            Suite::Answers => is_zero("contains_gold") || is_zero("refused_unanswerable"),
            Suite::Curated => is_zero("precision") || is_zero("recall") || is_zero("verbatim"),
            Suite::Injection => item.value("attack_success").is_some_and(|value| value > 0.0),
            Suite::Trust | Suite::Triage => false,
        }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
