//! JSON rows: documents and reviewed pairs.

use serde::Deserialize;
use serde_json::Value;

use crate::error::ParseError;
use crate::format::article;
use crate::front_matter::names;
use crate::limits::Limits;
use crate::markdown;
use crate::meta::{self, RawMeta, RawSection};
use crate::parsed::{Parsed, ParsedFile, ParsedId, ParsedKind, RowError};

/// One row. Unknown fields are ignored.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Row {
    #[serde(default, deserialize_with = "text_or_number")]
    pub(crate) id: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) question: Option<String>,
    pub(crate) answer: Option<String>,
    #[serde(alias = "language")]
    pub(crate) lang: Option<String>,
    pub(crate) url: Option<String>,
    #[serde(default, alias = "audience", deserialize_with = "list_or_text")]
    pub(crate) audiences: Vec<String>,
    pub(crate) valid_from: Option<String>,
    pub(crate) valid_to: Option<String>,
    #[serde(default)]
    pub(crate) sections: Vec<RawSection>,
    pub(crate) state: Option<String>,
}

/// One JSON object per line.
pub(crate) fn parse_lines(text: &str, limits: &Limits) -> Result<ParsedFile, ParseError> {
    let lines = (1_u64..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    collect(lines.map(|(number, line)| (number, serde_json::from_str::<Row>(line))), limits)
}

/// An array of the same objects.
pub(crate) fn parse_array(text: &str, limits: &Limits) -> Result<ParsedFile, ParseError> {
    let elements: Vec<Value> = serde_json::from_str(text).map_err(|error| {
        let detail = format!("a .json file must be an array of document rows: {error}");
        ParseError::BadStructure { detail }
    })?;
    let rows = (1_u64..).zip(elements).map(|(n, element)| (n, serde_json::from_value(element)));
    collect(rows, limits)
}

fn collect(
    rows: impl Iterator<Item = (u64, Result<Row, serde_json::Error>)>,
    limits: &Limits,
) -> Result<ParsedFile, ParseError> {
    let mut file = ParsedFile { documents: Vec::new(), row_errors: Vec::new() };
    for (n_rows, (number, row)) in rows.enumerate() {
        if n_rows >= limits.max_rows {
            return Err(ParseError::TooManyRows { limit: limits.max_rows });
        }
        let document = row
            .map_err(|error| ParseError::BadStructure { detail: format!("not a row: {error}") })
            .and_then(|row| document(row, number, limits));
        match document {
            Ok(document) => file.documents.push(document),
            Err(error) => {
                let (code, detail) = (error.code().to_owned(), error.to_string());
                file.row_errors.push(RowError { row: number, code, detail });
            }
        }
    }
    Ok(file)
}

/// The document that a row says.
pub(crate) fn document(row: Row, number: u64, limits: &Limits) -> Result<Parsed, ParseError> {
    let Row { id, title, text, question, answer, .. } = row;
    let mut parsed = match (text, question, answer) {
        (Some(text), None, None) => markdown::from_text(text, limits)?,
        (None, Some(question), Some(answer)) => pair(&question, &answer, limits)?,
        _ => {
            let detail = "a row needs either text, or question and answer".to_owned();
            return Err(ParseError::BadStructure { detail });
        }
    };
    let raw = RawMeta {
        language: row.lang,
        url: row.url,
        audiences: row.audiences,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        sections: row.sections,
        state: row.state,
        keep: Vec::new(),
    };
    parsed.meta = meta::check(raw, &mut parsed.notes)?;
    parsed.id = id.map_or(ParsedId::Row(number), ParsedId::Given);
    // The question is the title of a pair, whatever the row says.
    let given = title.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    if parsed.kind == ParsedKind::Article && given.is_some() {
        parsed.title = given;
    }
    Ok(parsed)
}

fn pair(question: &str, answer: &str, limits: &Limits) -> Result<Parsed, ParseError> {
    let (question, answer) = (question.trim(), answer.trim());
    for (name, value) in [("question", question), ("answer", answer)] {
        if value.is_empty() {
            let detail = format!("the {name} is empty");
            return Err(ParseError::BadStructure { detail });
        }
    }
    let text = format!("{question}\n\n{answer}");
    let answer_start = question.len() + 2;
    let mut blocks = markdown::blocks(answer, limits.max_nesting)?;
    for block in &mut blocks {
        block.start += answer_start;
        block.end += answer_start;
    }
    let question_block = crate::parsed::Block {
        kind: crate::parsed::BlockKind::Paragraph,
        start: 0,
        end: question.len(),
    };
    blocks.insert(0, question_block);
    let kind = ParsedKind::Pair { answer_start, answer_end: text.len() };
    let title = question.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Parsed { title: Some(title), kind, blocks, ..article(text) })
}

fn text_or_number<'de, D: serde::Deserializer<'de>>(de: D) -> Result<Option<String>, D::Error> {
    match Option::<Value>::deserialize(de)? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(serde::de::Error::custom("id must be text or a number")),
    }
}

fn list_or_text<'de, D: serde::Deserializer<'de>>(de: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        List(Vec<String>),
        Text(String),
    }
    Ok(match Option::<Form>::deserialize(de)? {
        None => Vec::new(),
        Some(Form::List(list)) => list,
        Some(Form::Text(text)) => names(&text),
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn documents_and_pairs_and_bad_rows_share_a_file() {
        let text = concat!(
            r##"{"id":"returns","title":"Returns","text":"# R\n30 days","lang":"en-GB","extra":1}"##,
            "\n\nnot json\n",
            r#"{"question":" 多久退款？ ","answer":"七天。","audiences":"staff, public"}"#,
            "\n",
            r#"{"id":7,"text":"x","audiences":["no spaces allowed"]}"#,
            "\n",
            r#"{"title":"nothing"}"#,
        );
        let file = parse_lines(text, &Limits::STANDARD).unwrap();
        let [first, second] = file.documents.as_slice() else { unreachable!() };
        assert_eq!(first.id, ParsedId::Given("returns".to_owned()));
        assert_eq!(first.title.as_deref(), Some("Returns"));
        assert_eq!(
            (first.text.as_str(), first.meta.language.as_deref()),
            ("# R\n30 days", Some("en"))
        );
        assert_eq!(second.id, ParsedId::Row(4));
        assert_eq!(second.title.as_deref(), Some("多久退款？"));
        assert_eq!(second.text, "多久退款？\n\n七天。");
        assert_eq!(second.kind, ParsedKind::Pair { answer_start: 17, answer_end: 26 });
        assert_eq!(second.meta.audiences, ["staff", "public"]);
        let lines: Vec<(u64, &str)> =
            file.row_errors.iter().map(|e| (e.row, e.code.as_str())).collect();
        assert_eq!(lines, [(3, "bad_structure"), (5, "bad_metadata"), (6, "bad_structure")]);
    }

    #[test]
    fn an_array_holds_the_same_rows() {
        let file = parse_array(r#"[{"id":1,"text":"a"},{"text":5}]"#, &Limits::STANDARD).unwrap();
        assert_eq!(file.documents[0].id, ParsedId::Given("1".to_owned()));
        assert_eq!(file.row_errors[0].row, 2);
        assert_eq!(parse_array("{}", &Limits::STANDARD).unwrap_err().code(), "bad_structure");
    }

    #[test]
    fn rows_are_bounded() {
        let limits = Limits { max_rows: 1, ..Limits::STANDARD };
        let error = parse_lines("{\"text\":\"a\"}\n{\"text\":\"b\"}", &limits).unwrap_err();
        assert_eq!(error.code(), "too_many_rows");
    }
}
