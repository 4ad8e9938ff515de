use std::collections::BTreeSet;

use async_trait::async_trait;
use kefu_core::{DocumentKind, DocumentState, Span};
use kefu_ingest::{
    Block, BlockKind, FileInput, ParseFailure, ParsedDocument, ParsedFile, ParsedId, Parser,
};
use serde_json::Value;

/// Reads text files as one paragraph each, and JSONL rows with `id` and either `text` or a
/// question and its answer.
pub(super) struct PlainParser;

#[async_trait]
impl Parser for PlainParser {
    async fn parse(&self, file: &FileInput) -> Result<ParsedFile, ParseFailure> {
        let failure = |detail: &str| ParseFailure {
            code: "unreadable".to_owned(),
            detail: detail.to_owned(),
        };
        let text = std::str::from_utf8(&file.bytes).map_err(|_| failure("it is not text"))?;
        let document = if file.name.ends_with(".jsonl") {
            let row: Value = serde_json::from_str(text).map_err(|_| failure("no JSON"))?;
            let word = |name: &str| row[name].as_str().map(str::to_owned);
            let state = word("state").and_then(|word| DocumentState::parse(&word));
            let id = ParsedId::Given(word("id").unwrap());
            let parsed = match word("question") {
                Some(question) => pair(id, &question, &word("answer").unwrap()),
                None => document(id, word("text").unwrap(), word("url")),
            };
            ParsedDocument { state, ..parsed }
        } else {
            document(ParsedId::File, text.to_owned(), None)
        };
        Ok(ParsedFile { documents: vec![document], row_errors: Vec::new() })
    }
}

fn pair(id: ParsedId, question: &str, answer: &str) -> ParsedDocument {
    let text = format!("{question}\n\n{answer}");
    let answer = Span { start: question.len() + 2, end: text.len() };
    let question_block = Block { kind: BlockKind::Paragraph, start: 0, end: question.len() };
    let answer_block = Block { kind: BlockKind::Paragraph, start: answer.start, end: answer.end };
    ParsedDocument {
        title: Some(question.to_owned()),
        kind: DocumentKind::Pair { answer },
        blocks: vec![question_block, answer_block],
        ..document(id, text, None)
    }
}

fn document(id: ParsedId, text: String, url: Option<String>) -> ParsedDocument {
    let blocks = vec![Block { kind: BlockKind::Paragraph, start: 0, end: text.len() }];
    ParsedDocument {
        keep: Vec::new(),
        id,
        title: None,
        text,
        kind: DocumentKind::Article,
        language: None,
        url,
        audiences: BTreeSet::new(),
        valid_from: None,
        valid_to: None,
        sections: Vec::new(),
        state: None,
        blocks,
        notes: Vec::new(),
    }
}
