//! Cuts a text into clauses.

use kefu_text::is_han;

use super::super::asking;
use super::super::wording::is_border;

/// A stretch between commas and stops.
#[derive(Debug, Default)]
pub(super) struct Clause {
    /// Latin words without apostrophes; every run of Han characters is one `_`.
    pub(super) words: Vec<String>,
    /// Every letter of a clause with Han characters; none of others.
    pub(super) characters: Vec<String>,
    pub(super) has_han: bool,
    /// Whether it asks.
    pub(super) is_question: bool,
    /// Whether a sentence ends here, not only a clause.
    pub(super) ends_sentence: bool,
    /// Exclamation marks at its end, three at most.
    pub(super) n_shouts: u8,
}

/// The clauses of a shadow, in order.
pub(super) fn clauses(shadow: &str) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let mut text = String::new();
    let mut border = String::new();
    for c in shadow.chars() {
        if is_border(c) {
            border.push(c);
            continue;
        }
        if !border.is_empty() && !c.is_whitespace() {
            push(&mut clauses, &text, &border);
            text.clear();
            border.clear();
        }
        text.push(c);
    }
    push(&mut clauses, &text, &border);
    clauses
}

fn push(clauses: &mut Vec<Clause>, text: &str, border: &str) {
    let mut clause = Clause { has_han: text.contains(is_han), ..Clause::default() };
    let mut word = String::new();
    for c in text.chars() {
        let is_letter = c.is_alphanumeric();
        if is_letter && clause.has_han {
            clause.characters.push(c.to_string());
        }
        let han = is_letter && is_han(c);
        if is_letter && !han {
            word.push(c);
        } else if c != '\'' && !word.is_empty() {
            clause.words.push(std::mem::take(&mut word));
        }
        if han && clause.words.last().is_none_or(|last| last != "_") {
            clause.words.push("_".to_owned());
        }
    }
    if !word.is_empty() {
        clause.words.push(word);
    }
    if clause.words.is_empty() {
        // A lone emoticon or dash still carries its border to the clause before.
        if let Some(last) = clauses.last_mut() {
            last.ends_sentence |= ends_sentence(border);
        }
        return;
    }
    let first = clause.words.first().map_or("", String::as_str);
    clause.is_question = asking::asks(text.trim(), first, border.contains('?'));
    clause.ends_sentence = ends_sentence(border);
    clause.n_shouts =
        u8::try_from(border.chars().filter(|c| *c == '!').count().min(3)).unwrap_or(3);
    clauses.push(clause);
}

fn ends_sentence(border: &str) -> bool {
    border.contains(['.', '。', '!', '?', '\n', '…', ';'])
}
