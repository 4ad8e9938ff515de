use kefu_text::Analyser;

use crate::error::RagError;
use crate::question::Question;
use crate::settings::AnswerSettings;
use crate::time::is_day;

/// Earlier turns a caller may send. More than `max_history_turns` are accepted and the oldest
/// ignored, because callers that keep their own state send what they have.
const MAX_HISTORY_ENTRIES: usize = 200;
/// Answers are longer than questions; an earlier turn may have this many times a question's bytes.
const HISTORY_TURN_FACTOR: usize = 8;
const MAX_CHANNEL_BYTES: usize = 64;
const MAX_CUSTOMER_ID_BYTES: usize = 256;

/// Checks everything a caller can get wrong, before any work.
pub(crate) fn check(
    question: &Question,
    settings: &AnswerSettings,
    analyser: &Analyser,
) -> Result<(), RagError> {
    check_bytes("question", &question.text, settings.max_question_bytes)?;
    if !question.text.chars().any(is_seen) {
        return Err(empty());
    }
    let n_terms = analyser.terms(&question.text).len();
    check_limit("question", n_terms, settings.max_question_terms, "terms")?;

    if question.conversation_id.is_some() && !question.history.is_empty() {
        let detail = "cannot be sent together with conversation_id; leave one of them out";
        return Err(invalid("history", detail));
    }
    check_limit("history", question.history.len(), MAX_HISTORY_ENTRIES, "turns")?;
    for turn in &question.history {
        let limit = settings.max_question_bytes.saturating_mul(HISTORY_TURN_FACTOR);
        check_bytes("history", &turn.text, limit)?;
    }
    if question.as_of.as_deref().is_some_and(|day| !is_day(day)) {
        return Err(invalid("as_of", "must be a day of the calendar, YYYY-MM-DD"));
    }
    check_bytes("channel", &question.channel, MAX_CHANNEL_BYTES)?;
    if let Some(id) = &question.customer.id {
        check_bytes("customer.id", id, MAX_CUSTOMER_ID_BYTES)?;
    }
    Ok(())
}

/// Checks that there is something to search for: a sign or a picture alone can be kept and answered
/// in kind, but not looked up.
pub(crate) fn check_words(question: &Question) -> Result<(), RagError> {
    if question.text.chars().any(char::is_alphanumeric) { Ok(()) } else { Err(empty()) }
}

/// Checks how many passages are wanted.
pub(crate) fn check_top_k(top_k: usize) -> Result<(), RagError> {
    match top_k {
        1..=200 => Ok(()),
        _ => Err(invalid("top_k", "must be 1 to 200")),
    }
}

/// Whether a reader sees anything of a character.
fn is_seen(c: char) -> bool {
    let is_ignorable = matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{e0000}'..='\u{e0fff}'
    );
    !c.is_whitespace() && !c.is_control() && !is_ignorable
}

fn empty() -> RagError {
    invalid("question", "is empty; send the customer's words")
}

fn invalid(field: &'static str, detail: &str) -> RagError {
    RagError::Invalid { field, detail: detail.to_owned() }
}

fn check_bytes(field: &'static str, text: &str, limit: usize) -> Result<(), RagError> {
    check_limit(field, text.len(), limit, "bytes")
}

fn check_limit(
    field: &'static str,
    actual: usize,
    limit: usize,
    unit: &'static str,
) -> Result<(), RagError> {
    if actual > limit {
        return Err(RagError::TooLarge { field, actual, limit, unit });
    }
    Ok(())
}
