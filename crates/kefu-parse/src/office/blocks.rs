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
    for run in &paragraph.runs {
        if run.revision == RevisionType::Deleted {
            continue;
        }
        push_run(&mut words, run);
        if run.line_break {
            words.push('\n');
        }
    }
    words
}

fn push_run(words: &mut String, run: &TextRun) {
    if let Some(label) = &run.note {
        words.push_str(&format!("[{label}]"));
    }
    let shown = run.text.trim();
    match &run.hyperlink {
        Some(address) if is_web(address) && !shown.is_empty() && shown != address => {
            let lead = &run.text[..run.text.len() - run.text.trim_start().len()];
            let tail = &run.text[run.text.trim_end().len()..];
            words.push_str(&format!("{lead}[{shown}]({address}){tail}"));
        }
        _ => words.push_str(&run.text),
    }
}

fn is_web(address: &str) -> bool {
    let has_scheme = ["https://", "http://", "mailto:"].iter().any(|s| address.starts_with(s));
    has_scheme && !address.contains([' ', '(', ')', '\n'])
}
