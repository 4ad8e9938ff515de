//! Ranges of a text that belong to no chunk.

use std::borrow::Cow;

use kefu_core::Span;

use crate::parser::{Block, BlockKind};

/// Ranges that are left out, ordered and disjoint. No chunk reaches across one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Omitted<'a>(pub(super) &'a [Span]);

impl Omitted<'_> {
    /// Whether something is left out between two places.
    pub(super) fn between(self, start: usize, end: usize) -> bool {
        let next = self.0.partition_point(|omitted| omitted.end <= start);
        self.0.get(next).is_some_and(|omitted| omitted.start < end && !omitted.is_empty())
    }

    /// The blocks without what is left out: a block is cut where something is missing from it, and
    /// keeps its words otherwise.
    pub(super) fn remove_from(self, text: &str, blocks: Vec<Block>) -> Vec<Block> {
        if self.0.is_empty() {
            return blocks;
        }
        let mut remaining = Vec::with_capacity(blocks.len());
        for block in blocks {
            let pieces = self.remaining(text, Span { start: block.start, end: block.end });
            if let [only] = pieces.as_slice()
                && only.len() == block.end - block.start
            {
                remaining.push(block);
                continue;
            }
            let kinds = std::iter::once(cut_kind(text, &block.kind, &pieces))
                .chain(std::iter::repeat(rest_kind(&block.kind)));
            let cut = pieces.iter().zip(kinds);
            remaining.extend(cut.map(|(piece, kind)| Block {
                kind,
                start: piece.start,
                end: piece.end,
            }));
        }
        remaining
    }

    /// What is left of a range, in order, without white space at the ends.
    fn remaining(self, text: &str, span: Span) -> Vec<Span> {
        let mut pieces = Vec::new();
        let mut at = span.start;
        let first = self.0.partition_point(|omitted| omitted.end <= span.start);
        let inside = self.0[first..].iter().take_while(|omitted| omitted.start < span.end);
        let ends = inside.map(|omitted| (omitted.start, omitted.end));
        for (start, end) in ends.chain([(span.end, span.end)]) {
            let gap = Span { start: at, end: start.max(at) };
            let slice = gap.of(text).unwrap_or_default();
            let start = gap.start + (slice.len() - slice.trim_start().len());
            let piece = Span { start, end: start + slice.trim().len() };
            pieces.extend((!piece.is_empty()).then_some(piece));
            at = end.max(at);
        }
        pieces
    }
}

/// What the first remaining piece of a block is. A heading is named by what is left of it.
fn cut_kind(text: &str, kind: &BlockKind, pieces: &[Span]) -> BlockKind {
    let BlockKind::Heading { level, .. } = kind else { return kind.clone() };
    let words = pieces.iter().filter_map(|piece| piece.of(text)).map(without_marks);
    let words: Vec<Cow<'_, str>> = words.collect();
    BlockKind::Heading { level: *level, title: words.join(" ").trim().to_owned() }
}

/// The words of a heading's line.
pub(crate) fn without_marks(text: &str) -> Cow<'_, str> {
    super::plain::plain(text.trim_start_matches('#').trim())
}

fn rest_kind(kind: &BlockKind) -> BlockKind {
    match kind {
        BlockKind::Heading { .. } => BlockKind::Paragraph,
        BlockKind::TableHeader => BlockKind::TableRow,
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: usize, end: usize) -> Span {
        Span { start, end }
    }

    #[test]
    fn blocks_are_cut_where_something_is_missing() {
        let text = "## Fees 12\n\nmore <b>text</b>";
        let heading = BlockKind::Heading { level: 2, title: "Fees 12".to_owned() };
        let blocks = vec![
            Block { kind: heading, start: 0, end: 10 },
            Block { kind: BlockKind::Paragraph, start: 12, end: 28 },
        ];
        let omitted = [span(8, 10), span(17, 20), span(24, 28)];
        let left = Omitted(&omitted).remove_from(text, blocks);
        let seen: Vec<_> = left.iter().map(|b| &text[b.start..b.end]).collect();
        assert_eq!(seen, ["## Fees", "more", "text"]);
        let renamed = BlockKind::Heading { level: 2, title: "Fees".to_owned() };
        assert_eq!(left[0].kind, renamed);
    }

    #[test]
    fn what_lies_between_two_places_is_found() {
        let omitted = [span(3, 5), span(9, 9), span(12, 20)];
        let omitted = Omitted(&omitted);
        assert!(omitted.between(0, 4) && omitted.between(3, 5) && omitted.between(10, 30));
        assert!(!omitted.between(5, 12) && !omitted.between(20, 40));
    }
}
