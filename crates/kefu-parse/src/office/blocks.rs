//! Blocks of `undoc` to blocks of ours.

use undoc::model::{Block, ListType, Paragraph, RevisionType, TextRun};

use super::tables;
use crate::writer::Writer;

pub(super) fn write(blocks: &[Block], writer: &mut Writer) {
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => write_paragraph(paragraph, writer),
            Block::Table(table) => {
                if let Some(caption) = &table.caption {
                    writer.paragraph(caption);
                }
                writer.table(&tables::rows(table));
            }
            Block::Note { label, content } => {
                let words: Vec<String> = content.iter().map(words).collect();
                let words = words.join("\n");
                if !words.trim().is_empty() {
                    writer.paragraph(&format!("[{label}] {}", words.trim()));
                }
            }
            Block::PageBreak | Block::SectionBreak | Block::Image { .. } => {}
        }
    }
}

fn write_paragraph(paragraph: &Paragraph, writer: &mut Writer) {
    let words = words(paragraph);
    if paragraph.is_heading() {
        writer.heading(paragraph.heading.level(), &words);
        return;
    }
    match &paragraph.list_info {
        Some(list) if list.list_type != ListType::None => {
            let marker = match (list.list_type, list.number) {
                (ListType::Numbered, Some(number)) => format!("{number}."),
                _ => "-".to_owned(),
            };
            writer.item(usize::from(list.level), &marker, &words);
        }
        _ => writer.paragraph(&words),
    }
}

/// The words of a paragraph: deleted text is left out, links keep their address, references to
/// notes their label.
pub(super) fn words(paragraph: &Paragraph) -> String {
    let mut words = String::new();
    let runs = paragraph.runs.iter().filter(|run| run.revision != RevisionType::Deleted);
    let runs: Vec<&TextRun> = runs.collect();
    // Programs tear a link into runs; together they are one.
    for group in runs.chunk_by(|a, b| a.hyperlink.is_some() && a.hyperlink == b.hyperlink) {
        let mut said = String::new();
        for run in group {
            if let Some(label) = &run.note {
                said.push_str(&format!("[{label}]"));
            }
            said.push_str(&run.text.replace('\t', " "));
            if run.line_break {
                said.push('\n');
            }
        }
        let address = group.first().and_then(|run| run.hyperlink.as_deref());
        match address.filter(|address| is_web(address)) {
            Some(address) => push_link(&mut words, &said, address),
            None => words.push_str(&said),
        }
    }
    words
}

fn push_link(words: &mut String, said: &str, address: &str) {
    let shown = said.trim();
    if shown.is_empty() || shown == address {
        words.push_str(said);
        return;
    }
    let lead = &said[..said.len() - said.trim_start().len()];
    let tail = &said[said.trim_end().len()..];
    words.push_str(&format!("{lead}[{shown}]({address}){tail}"));
}

fn is_web(address: &str) -> bool {
    let has_scheme = ["https://", "http://", "mailto:"].iter().any(|s| address.starts_with(s));
    has_scheme && !address.contains([' ', '(', ')', '\n'])
}
