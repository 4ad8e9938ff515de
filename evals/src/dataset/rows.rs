use std::path::Path;

use kefu_core::Language;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Example, GoldPair, GoldQuestion, GoldTurn, TurnRole};
use crate::error::EvalError;

#[derive(Deserialize)]
pub(super) struct QuestionRow {
    id: String,
    question: String,
    answers: Vec<String>,
    doc_id: Option<String>,
    answerable: bool,
    lang: String,
    #[serde(default)]
    history: Option<Vec<TurnRow>>,
    #[serde(default)]
    also_in: Option<Vec<String>>,
    as_of: Option<String>,
    same_as: Option<String>,
    near_miss_of: Option<String>,
    #[serde(default)]
    kind: String,
}

#[derive(Deserialize)]
struct TurnRow {
    role: String,
    text: String,
}

#[derive(Deserialize)]
pub(super) struct ExampleRow {
    text: String,
    label: String,
    lang: String,
}

/// Reads a file of one JSON object per line, with line numbers; a missing file has no rows.
pub(super) fn read<Row: DeserializeOwned, T>(
    path: &Path,
    convert: impl Fn(Row) -> Result<T, String>,
) -> Result<Vec<(usize, T)>, EvalError> {
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(path)
        .map_err(|source| EvalError::Unreadable { path: path.to_owned(), source })?;
    let lines = (1_usize..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(line, json)| {
            serde_json::from_str(json)
                .map_err(|error| error.to_string())
                .and_then(&convert)
                .map(|row| (line, row))
                .map_err(|detail| EvalError::BadRow { path: path.to_owned(), line, detail })
        })
        .collect()
}

pub(super) fn question(row: QuestionRow) -> Result<GoldQuestion, String> {
    if row.id.trim().is_empty() {
        return Err("id must not be empty".to_owned());
    }
    let reviewed = match (row.same_as, row.near_miss_of) {
        (Some(_), Some(_)) => return Err("give same_as or near_miss_of, not both".to_owned()),
        (Some(id), None) => Some(GoldPair { id, is_same: true, kind: row.kind }),
        (None, near) => near.map(|id| GoldPair { id, is_same: false, kind: row.kind }),
    };
    let history = row.history.unwrap_or_default();
    Ok(GoldQuestion {
        reviewed,
        language: language(&row.lang)?,
        history: history.into_iter().map(turn).collect::<Result<_, _>>()?,
        answers: row.answers.into_iter().filter(|a| !a.trim().is_empty()).collect(),
        also_in: row.also_in.unwrap_or_default(),
        id: row.id,
        text: row.question,
        document_id: row.doc_id,
        answerable: row.answerable,
        as_of: row.as_of,
    })
}

pub(super) fn example(row: ExampleRow) -> Result<Example, String> {
    if row.text.trim().is_empty() {
        return Err("text must not be empty".to_owned());
    }
    Ok(Example { language: language(&row.lang)?, text: row.text, label: row.label })
}

fn turn(row: TurnRow) -> Result<GoldTurn, String> {
    let role = match row.role.as_str() {
        "user" => TurnRole::User,
        "assistant" | "agent" => TurnRole::Assistant,
        other => return Err(format!("history role {other:?} is not user, assistant or agent")),
    };
    Ok(GoldTurn { role, text: row.text })
}

fn language(code: &str) -> Result<Language, String> {
    Language::from_code(code).ok_or_else(|| format!("lang {code:?} is not a language code"))
}
