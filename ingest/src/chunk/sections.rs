//! Blocks to sections.

use kefu_core::Span;

use super::omitted::Omitted;
use crate::parser::{Block, BlockKind};

/// What stands under one heading.
#[derive(Debug)]
pub(super) struct Section<'a> {
    /// Headings above, outermost first, the section's own last.
    pub(super) path: Vec<String>,
    /// Headings before the body that are not in the path: sections without a body of their own.
    orphans: Vec<String>,
    /// Bytes of the headings before the body; of the question in a pair.
    pub(super) lead: Option<Span>,
    /// The rest.
    pub(super) body: Vec<&'a Block>,
}

impl Section<'_> {
    pub(super) fn orphans(&self) -> &[String] {
        &self.orphans
    }
}

/// Blocks that cover all of a text but white space: gaps become paragraphs, and ranges that do
/// not fit the text are left to the gaps.
pub(super) fn covering(text: &str, blocks: &[Block]) -> Vec<Block> {
    let mut covering = Vec::with_capacity(blocks.len());
    let mut at = 0;
    let fill = |start: usize, end: usize, covering: &mut Vec<Block>| {
        let gap = &text[start..end];
        let start = start + (gap.len() - gap.trim_start().len());
        let end = start + text[start..end].trim_end().len();
        if start < end {
            covering.push(Block { kind: BlockKind::Paragraph, start, end });
        }
    };
    for block in blocks {
        let fits = block.start >= at && text.get(block.start..block.end).is_some();
        if fits && !text[block.start..block.end].trim().is_empty() {
            fill(at, block.start, &mut covering);
            covering.push(block.clone());
            at = block.end;
        }
    }
    fill(at, text.len(), &mut covering);
    covering
}

/// One section per heading with a body; headings without one belong to the next section, unless
/// something was left out between them.
pub(super) fn split<'a>(blocks: &'a [Block], omitted: Omitted<'_>) -> Vec<Section<'a>> {
    let mut sections = Vec::new();
    let mut path: Vec<(u8, &str)> = Vec::new();
    let mut lead: Option<Span> = None;
    let mut lead_titles: Vec<&str> = Vec::new();
    let mut body: Vec<&Block> = Vec::new();
    let close = |path: &[(u8, &str)], lead: Option<Span>, titles: &[&str], body| {
        let path: Vec<String> = path.iter().map(|(_, title)| (*title).to_owned()).collect();
        let orphans = titles.iter().filter(|t| !path.iter().any(|p| p == *t));
        Section { orphans: orphans.map(|t| (*t).to_owned()).collect(), path, lead, body }
    };
    for block in blocks {
        let BlockKind::Heading { level, title } = &block.kind else {
            body.push(block);
            continue;
        };
        if !body.is_empty() || lead.is_some_and(|lead| omitted.between(lead.end, block.start)) {
            sections.push(close(&path, lead.take(), &lead_titles, std::mem::take(&mut body)));
            lead_titles.clear();
        }
        path.retain(|(above, _)| above < level);
        path.push((*level, title));
        lead_titles.push(title);
        lead = Some(Span { start: lead.map_or(block.start, |l| l.start), end: block.end });
    }
    if lead.is_some() || !body.is_empty() {
        sections.push(close(&path, lead, &lead_titles, body));
    }
    sections
}

/// A pair is one section: the question leads, as far as nothing was left out of it, and the answer
/// follows.
pub(super) fn pair<'a>(
    blocks: &'a [Block],
    answer: Span,
    omitted: Omitted<'_>,
) -> Vec<Section<'a>> {
    let mut lead: Option<Span> = None;
    let mut body: Vec<&Block> = Vec::new();
    for block in blocks {
        let start = lead.map_or(block.start, |lead| lead.start);
        let leads = body.is_empty() && block.end <= answer.start;
        if leads && !omitted.between(start, block.start) {
            lead = Some(Span { start, end: block.end });
        } else {
            body.push(block);
        }
    }
    vec![Section { path: Vec::new(), orphans: Vec::new(), lead, body }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heading(level: u8, title: &str, start: usize) -> Block {
        let kind = BlockKind::Heading { level, title: title.to_owned() };
        Block { kind, start, end: start + 1 }
    }

    fn paragraph(start: usize, end: usize) -> Block {
        Block { kind: BlockKind::Paragraph, start, end }
    }

    #[test]
    fn a_heading_without_a_body_goes_with_the_next() {
        let blocks = [
            heading(1, "Shop", 0),
            heading(2, "Returns", 2),
            paragraph(4, 5),
            heading(2, "Empty", 6),
            heading(2, "Shipping", 8),
            paragraph(10, 11),
            heading(2, "End", 12),
        ];
        let sections = split(&blocks, Omitted(&[]));
        let seen: Vec<_> = sections
            .iter()
            .map(|s| (s.path.join("/"), s.orphans.join("/"), s.lead, s.body.len()))
            .collect();
        let lead = |start, end| Some(Span { start, end });
        assert_eq!(
            seen,
            [
                ("Shop/Returns".to_owned(), String::new(), lead(0, 3), 1),
                ("Shop/Shipping".to_owned(), "Empty".to_owned(), lead(6, 9), 1),
                ("Shop/End".to_owned(), String::new(), lead(12, 13), 0),
            ]
        );
    }

    #[test]
    fn gaps_and_bad_ranges_become_paragraphs() {
        let text = "ab 退货 cd";
        let blocks = [paragraph(0, 2), paragraph(4, 6), paragraph(1, 2), paragraph(10, 99)];
        let spans: Vec<_> = covering(text, &blocks).iter().map(|b| (b.start, b.end)).collect();
        assert_eq!(spans, [(0, 2), (3, 12)]);
    }
}
