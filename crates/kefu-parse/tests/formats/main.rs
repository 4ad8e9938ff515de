//! Files of every format, made by the tests themselves.
#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

mod books;
mod documents;
mod endings;
mod hostile;
mod made;
mod mail;
#[cfg(feature = "pdf")]
mod pages;
mod sheets;
mod slides;

use kefu_parse::{BlockKind, Limits, Parsed, parse};

/// The only document of a file that can be read.
fn read(name: &str, bytes: &[u8]) -> Parsed {
    let mut file = parse(name, bytes, &Limits::STANDARD).unwrap();
    assert_eq!(file.documents.len(), 1, "{name}");
    file.documents.remove(0)
}

/// The code of a file that cannot.
fn code(name: &str, bytes: &[u8]) -> &'static str {
    parse(name, bytes, &Limits::STANDARD).unwrap_err().code()
}

/// Headings as (level, words).
fn headings(parsed: &Parsed) -> Vec<(u8, &str)> {
    let heading = |kind| match kind {
        &BlockKind::Heading { level, ref title } => Some((level, title.as_str())),
        _ => None,
    };
    parsed.blocks.iter().filter_map(|block| heading(&block.kind)).collect()
}

/// The words of all blocks of a kind.
fn blocks<'a>(parsed: &'a Parsed, kind: &BlockKind) -> Vec<&'a str> {
    let of_kind = parsed.blocks.iter().filter(|block| block.kind == *kind);
    of_kind.map(|block| &parsed.text[block.start..block.end]).collect()
}

/// Fails unless the blocks are ordered, end on characters and leave only white space between.
fn check_tiling(parsed: &Parsed) {
    let mut at = 0;
    for block in &parsed.blocks {
        assert!(block.start >= at && block.start < block.end, "{block:?}");
        assert!(parsed.text[at..block.start].trim().is_empty());
        assert!(!parsed.text[block.start..block.end].trim().is_empty());
        at = block.end;
    }
    assert!(parsed.text[at..].trim().is_empty());
}
