//! Edits of a text, and what they do to its structure and offsets.

use kefu_core::Span;

use crate::parser::{Block, BlockKind};

/// Other words for a range.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edit<'a> {
    pub(super) span: Span,
    pub(super) text: &'a str,
}

/// Edits that do not overlap, by place.
pub(super) struct Patch<'a>(Vec<Placed<'a>>);

struct Placed<'a> {
    edit: Edit<'a>,
    /// What the edits before it add to offsets.
    shift: isize,
}

impl Placed<'_> {
    fn shift_after(&self) -> isize {
        let (new, old) = (self.edit.text.len(), self.edit.span.len());
        self.shift + new.cast_signed() - old.cast_signed()
    }
}

impl<'a> Patch<'a> {
    pub(super) fn new(mut edits: Vec<Edit<'a>>) -> Self {
        edits.sort_by_key(|edit| edit.span);
        let mut placed: Vec<Placed<'_>> = Vec::with_capacity(edits.len());
        for edit in edits {
            let shift = placed.last().map_or(0, Placed::shift_after);
            placed.push(Placed { edit, shift });
        }
        Self(placed)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn text(&self, text: &str) -> String {
        let mut edited = String::with_capacity(text.len());
        let mut at = 0;
        for Placed { edit, .. } in &self.0 {
            edited.push_str(text.get(at..edit.span.start).unwrap_or_default());
            edited.push_str(edit.text);
            at = edit.span.end;
        }
        edited.push_str(text.get(at..).unwrap_or_default());
        edited
    }

    /// Where a range stands after the edits; one that cuts into an edit takes in all its words.
    pub(super) fn moved(&self, span: Span) -> Span {
        Span { start: self.start(span.start), end: self.end(span.end) }
    }

    /// Blocks after the edits: an edit's words belong to the block in which it begins, and blocks
    /// of which nothing is left go.
    pub(super) fn blocks(&self, blocks: &[Block], edited: &str) -> Vec<Block> {
        let mut moved: Vec<Block> = Vec::with_capacity(blocks.len());
        let mut floor = 0;
        for block in blocks {
            let span = Span { start: block.start, end: block.end };
            let is_touched = self.touches(span);
            let mut span = self.moved(span);
            span.start = span.start.max(floor);
            if span.is_empty() || (is_touched && is_blank(edited, span)) {
                continue;
            }
            floor = span.end;
            let kind = match &block.kind {
                BlockKind::Heading { level, .. } if is_touched => {
                    BlockKind::Heading { level: *level, title: title(edited, span) }
                }
                kind => kind.clone(),
            };
            moved.push(Block { kind, start: span.start, end: span.end });
        }
        moved
    }

    fn touches(&self, span: Span) -> bool {
        let next = self.0.partition_point(|placed| placed.edit.span.end <= span.start);
        self.0.get(next).is_some_and(|placed| placed.edit.span.start < span.end)
    }

    fn start(&self, at: usize) -> usize {
        let next = self.0.partition_point(|placed| placed.edit.span.end <= at);
        match self.0.get(next) {
            Some(placed) => at.min(placed.edit.span.start).saturating_add_signed(placed.shift),
            None => self.after_all(at),
        }
    }

    fn end(&self, at: usize) -> usize {
        let next = self.0.partition_point(|placed| placed.edit.span.end <= at);
        match self.0.get(next) {
            Some(Placed { edit, shift }) if at > edit.span.start => {
                edit.span.start.saturating_add_signed(*shift) + edit.text.len()
            }
            Some(placed) => at.saturating_add_signed(placed.shift),
            None => self.after_all(at),
        }
    }

    fn after_all(&self, at: usize) -> usize {
        at.saturating_add_signed(self.0.last().map_or(0, Placed::shift_after))
    }
}

fn is_blank(text: &str, span: Span) -> bool {
    span.of(text).is_none_or(|text| text.trim().is_empty())
}

/// The words of a heading whose line was edited.
fn title(text: &str, span: Span) -> String {
    let line = span.of(text).unwrap_or_default().trim().lines().next().unwrap_or_default();
    crate::chunk::without_marks(line).into_owned()
}
