use std::fmt::Write as _;

use kefu_core::{Handoff, Language, Outcome};

/// Longest note, in bytes.
const MAX_NOTE_BYTES: usize = 8_000;

/// A hand-off package as a private note, in the customer's language (English but for Chinese).
pub(super) fn note(package: &Handoff) -> String {
    let words = if package.language == Language::CHINESE { &CHINESE } else { &ENGLISH };
    let mut text = format!("**{}**: {}", words.handed_over, package.reason.as_str());
    if let Some(problem) = &package.problem {
        push(&mut text, format_args!(" ({problem})"));
    }
    let (now, trend) = (package.mood.now, package.mood.trend.as_str());
    push(&mut text, format_args!("\n**{}**: {now:.1} ({trend})", words.mood));
    if let Some(open) = &package.open_question {
        push(&mut text, format_args!("\n**{}**: {}", words.open, one_line(&open.text)));
    }
    if !package.summary.is_empty() {
        push(&mut text, format_args!("\n\n**{}**", words.summary));
        for line in &package.summary {
            push(&mut text, format_args!("\n- {}", one_line(&line.quote.text)));
        }
    }
    if !package.tried.is_empty() {
        push(&mut text, format_args!("\n\n**{}**", words.tried));
        for attempt in &package.tried {
            let titles: Vec<&str> =
                attempt.citations.iter().map(|citation| citation.title.as_str()).collect();
            let mark = if attempt.outcome == Outcome::Answered { "✓" } else { "✗" };
            let value = attempt.confidence.value;
            let question = one_line(&attempt.question);
            let titles = titles.join(", ");
            push(&mut text, format_args!("\n- {mark} {question} ({value:.2}) {titles}"));
        }
    }
    if let Some(reply) = &package.suggested_reply {
        push(&mut text, format_args!("\n\n**{}**\n{}", words.suggested, reply.text));
    }
    text.truncate(text.floor_char_boundary(MAX_NOTE_BYTES));
    text
}

struct Words {
    handed_over: &'static str,
    mood: &'static str,
    open: &'static str,
    summary: &'static str,
    tried: &'static str,
    suggested: &'static str,
}

const ENGLISH: Words = Words {
    handed_over: "Handed over",
    mood: "Mood",
    open: "Open question",
    summary: "In the customer's words",
    tried: "What was tried",
    suggested: "Suggested reply",
};
const CHINESE: Words = Words {
    handed_over: "转接原因",
    mood: "情绪",
    open: "待解决的问题",
    summary: "客户原话",
    tried: "已尝试的回答",
    suggested: "建议回复",
};

fn push(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(what);
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
