//! The child's reply. It comes from a process that read untrusted input, so every value is checked
//! before it is believed.

use std::collections::BTreeSet;

use kefu_core::{Audience, DocumentKind, DocumentState, Language, SectionValidity, Span, Validity};
use serde::Deserialize;

use crate::parser::{
    Block, BlockKind, ParseFailure, ParsedDocument, ParsedFile, ParsedId, RowError,
};

/// Either an error or the other two.
#[derive(Deserialize)]
struct Reply {
    error: Option<Failure>,
    documents: Option<Vec<Document>>,
    row_errors: Option<Vec<Row>>,
}

#[derive(Deserialize)]
struct Failure {
    code: String,
    detail: String,
}

#[derive(Deserialize)]
struct Row {
    row: u64,
    code: String,
    detail: String,
}

#[derive(Deserialize)]
struct Document {
    id: Id,
    title: Option<String>,
    text: String,
    kind: Kind,
    meta: Meta,
    blocks: Vec<WireBlock>,
    notes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Id {
    File,
    Row(u64),
    Given(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Article,
    Pair { answer_start: usize, answer_end: usize },
}

#[derive(Deserialize)]
struct Meta {
    language: Option<String>,
    url: Option<String>,
    audiences: Vec<String>,
    valid_from: Option<String>,
    valid_to: Option<String>,
    #[serde(default)]
    sections: Vec<WireSection>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    keep: Vec<String>,
}

#[derive(Deserialize)]
struct WireSection {
    heading: String,
    valid_from: Option<String>,
    valid_to: Option<String>,
}

#[derive(Deserialize)]
struct WireBlock {
    kind: WireKind,
    start: usize,
    end: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireKind {
    Heading { level: u8, title: String },
    Paragraph,
    ListItem,
    TableHeader,
    TableRow,
    Code,
    Quote,
}

/// Reads one reply line of the parsing process, without its end.
///
/// # Errors
/// [`ParseFailure`] as the process reported it, or `parser_garbage` when the line is no reply or
/// names ranges outside its text.
pub fn read_reply(line: &[u8]) -> Result<ParsedFile, ParseFailure> {
    let reply: Reply = serde_json::from_slice(line).map_err(|_| garbage("it is not a reply"))?;
    if let Some(error) = reply.error {
        return Err(ParseFailure { code: error.code, detail: error.detail });
    }
    let (Some(documents), Some(rows)) = (reply.documents, reply.row_errors) else {
        return Err(garbage("it holds neither documents nor an error"));
    };
    let row = |e: Row| RowError { row: e.row, code: e.code, detail: e.detail };
    Ok(ParsedFile {
        documents: documents.into_iter().map(document).collect::<Result<_, _>>()?,
        row_errors: rows.into_iter().map(row).collect(),
    })
}

fn garbage(what: &str) -> ParseFailure {
    ParseFailure::new("parser_garbage", format!("the parser's reply cannot be used: {what}"))
}

fn document(wire: Document) -> Result<ParsedDocument, ParseFailure> {
    let kind = match wire.kind {
        Kind::Article => DocumentKind::Article,
        Kind::Pair { answer_start, answer_end } => {
            let answer = Span { start: answer_start, end: answer_end };
            answer.of(&wire.text).ok_or_else(|| garbage("the answer lies outside the text"))?;
            DocumentKind::Pair { answer }
        }
    };
    let blocks = blocks(wire.blocks, &wire.text)?;
    let audiences: Option<BTreeSet<Audience>> =
        wire.meta.audiences.iter().map(|name| Audience::new(name)).collect();
    Ok(ParsedDocument {
        id: match wire.id {
            Id::File => ParsedId::File,
            Id::Row(number) => ParsedId::Row(number),
            Id::Given(id) => ParsedId::Given(id),
        },
        title: wire.title,
        kind,
        language: wire.meta.language.as_deref().and_then(Language::from_code),
        url: wire.meta.url,
        audiences: audiences.ok_or_else(|| garbage("an audience has no valid name"))?,
        valid_from: wire.meta.valid_from,
        valid_to: wire.meta.valid_to,
        sections: wire.meta.sections.into_iter().map(section).collect(),
        state: wire.meta.state.as_deref().map(state).transpose()?,
        keep: wire.meta.keep,
        blocks,
        notes: wire.notes,
        text: wire.text,
    })
}

fn section(wire: WireSection) -> SectionValidity {
    let validity = Validity { from: wire.valid_from, to: wire.valid_to };
    SectionValidity { heading: wire.heading, validity }
}

fn state(word: &str) -> Result<DocumentState, ParseFailure> {
    DocumentState::parse(word).ok_or_else(|| garbage("a state has no known word"))
}

fn blocks(wire: Vec<WireBlock>, text: &str) -> Result<Vec<Block>, ParseFailure> {
    let mut floor = 0;
    let mut blocks = Vec::with_capacity(wire.len());
    for WireBlock { kind, start, end } in wire {
        if start < floor || text.get(start..end).is_none() {
            return Err(garbage("a block lies outside the text"));
        }
        floor = end;
        let kind = match kind {
            WireKind::Heading { level, title } => BlockKind::Heading { level, title },
            WireKind::Paragraph => BlockKind::Paragraph,
            WireKind::ListItem => BlockKind::ListItem,
            WireKind::TableHeader => BlockKind::TableHeader,
            WireKind::TableRow => BlockKind::TableRow,
            WireKind::Code => BlockKind::Code,
            WireKind::Quote => BlockKind::Quote,
        };
        blocks.push(Block { kind, start, end });
    }
    Ok(blocks)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn the_parsers_own_replies_are_read() {
        let rows = concat!(
            "{\"id\":\"a\",\"text\":\"# T\\n\\nx\",\"lang\":\"zh\"}\n",
            "bad\n{\"question\":\"q\",\"answer\":\"a\"}\n"
        );
        let request = format!("{{\"name\":\"f.jsonl\",\"size_bytes\":{}}}\n{rows}", rows.len());
        let mut reply = Vec::new();
        kefu_parse::serve(request.as_bytes(), &mut reply, &kefu_parse::Limits::STANDARD).unwrap();
        let file = read_reply(reply.trim_ascii_end()).unwrap();
        assert_eq!(file.documents[0].id, ParsedId::Given("a".to_owned()));
        assert_eq!(file.documents[0].language, Some(Language::CHINESE));
        assert!(matches!(file.documents[0].blocks[0].kind, BlockKind::Heading { level: 1, .. }));
        assert!(
            matches!(file.documents[1].kind, DocumentKind::Pair { answer } if answer.start == 3)
        );
        assert_eq!(file.row_errors[0].row, 2);
    }

    #[test]
    fn replies_with_ranges_outside_the_text_are_refused() {
        let reply = |block: &str| {
            format!(
                r#"{{"documents":[{{"id":"file","title":null,"text":"退货","kind":"article","meta":{{"language":null,"url":null,"audiences":[],"valid_from":null,"valid_to":null}},"blocks":[{block}],"notes":[]}}],"row_errors":[]}}"#
            )
        };
        assert!(read_reply(reply(r#"{"kind":"paragraph","start":0,"end":6}"#).as_bytes()).is_ok());
        for bad in [(0, 7), (1, 6), (6, 0)] {
            let block = format!(r#"{{"kind":"paragraph","start":{},"end":{}}}"#, bad.0, bad.1);
            let failure = read_reply(reply(&block).as_bytes()).unwrap_err();
            assert_eq!(failure.code, "parser_garbage");
        }
        for bad in [&b"hello"[..], b"{}"] {
            assert_eq!(read_reply(bad).unwrap_err().code, "parser_garbage");
        }
    }
}
