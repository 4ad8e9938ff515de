//! Plain text: paragraphs between blank lines.

use crate::format::article;
use crate::parsed::{Block, BlockKind, Parsed};

pub(crate) fn parse(text: &str) -> Parsed {
    Parsed { blocks: paragraphs(text), ..article(text.to_owned()) }
}

fn paragraphs(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim();
        if body.is_empty() {
            blocks.extend(open.take().map(paragraph));
        } else {
            let start = offset + (line.len() - line.trim_start().len());
            let end = offset + line.trim_end().len();
            open = Some((open.map_or(start, |(first, _)| first), end));
        }
        offset += line.len();
    }
    blocks.extend(open.map(paragraph));
    blocks
}

fn paragraph((start, end): (usize, usize)) -> Block {
    Block { kind: BlockKind::Paragraph, start, end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_part_paragraphs() {
        let parsed = parse("\n One\ntwo \r\n\r\n \n三\n");
        let slices: Vec<&str> =
            parsed.blocks.iter().map(|b| &parsed.text[b.start..b.end]).collect();
        assert_eq!(slices, ["One\ntwo", "三"]);
    }
}
