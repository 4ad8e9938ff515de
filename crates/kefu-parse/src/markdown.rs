//! Markdown to blocks.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::error::ParseError;
use crate::format::article;
use crate::front_matter;
use crate::limits::Limits;
use crate::meta;
use crate::parsed::{Block, BlockKind, Parsed};

/// A Markdown file: front matter cut off, the rest kept byte for byte.
pub(crate) fn parse(text: &str, limits: &Limits) -> Result<Parsed, ParseError> {
    let (front, rest) = front_matter::split(text);
    let mut parsed = from_text(rest.to_owned(), limits)?;
    parsed.meta = meta::check(front.meta, &mut parsed.notes)?;
    if front.title.is_some() {
        parsed.title = front.title;
    }
    Ok(parsed)
}

/// An article whose title is its first top heading.
pub(crate) fn from_text(text: String, limits: &Limits) -> Result<Parsed, ParseError> {
    let blocks = blocks(&text, limits.max_nesting)?;
    let title = blocks.iter().find_map(|block| match &block.kind {
        BlockKind::Heading { level: 1, title } if !title.is_empty() => Some(title.clone()),
        _ => None,
    });
    Ok(Parsed { title, blocks, ..article(text) })
}

/// Blocks of a text. A block reaches to the next one's start, so that link definitions, rules and
/// table underlines belong to the block above them and nothing is lost.
pub(crate) fn blocks(text: &str, max_nesting: usize) -> Result<Vec<Block>, ParseError> {
    let mut walk = Walk::default();
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        walk.take(&event, range);
        if walk.depth > max_nesting {
            return Err(ParseError::TooNested { limit: max_nesting });
        }
    }
    Ok(tile(text, walk.starts))
}

#[derive(Default)]
struct Walk {
    starts: Vec<(usize, BlockKind)>,
    depth: usize,
    quotes: usize,
    items: usize,
    /// A list inside the present item has ended, so what follows needs a block of its own.
    after_inner: bool,
    heading: Option<(usize, u8, String)>,
}

impl Walk {
    fn take(&mut self, event: &Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => {
                self.depth += 1;
                self.open(tag, range);
            }
            Event::End(tag) => {
                self.depth = self.depth.saturating_sub(1);
                self.close(*tag);
            }
            Event::Text(words) | Event::Code(words) => {
                if let Some((_, _, title)) = &mut self.heading {
                    title.push_str(words);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some((_, _, title)) = &mut self.heading {
                    title.push(' ');
                }
            }
            Event::Rule if self.items == 0 => self.start(range.start, BlockKind::Paragraph),
            _ => {}
        }
    }

    fn open(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        let kind = match tag {
            Tag::Heading { level, .. } if self.quotes == 0 && self.items == 0 => {
                self.heading = Some((range.start, *level as u8, String::new()));
                return;
            }
            Tag::BlockQuote(_) => {
                if self.items == 0 {
                    self.start(range.start, BlockKind::Quote);
                }
                self.quotes += 1;
                return;
            }
            Tag::Item => {
                self.items += 1;
                self.after_inner = false;
                BlockKind::ListItem
            }
            Tag::TableHead => BlockKind::TableHeader,
            Tag::TableRow => BlockKind::TableRow,
            Tag::Paragraph | Tag::HtmlBlock | Tag::CodeBlock(_) if self.items > 0 => {
                if !std::mem::take(&mut self.after_inner) {
                    return;
                }
                BlockKind::ListItem
            }
            Tag::Paragraph | Tag::HtmlBlock => BlockKind::Paragraph,
            Tag::CodeBlock(_) => BlockKind::Code,
            _ => return,
        };
        self.start(range.start, kind);
    }

    fn close(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                if let Some((start, level, title)) = self.heading.take() {
                    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
                    self.start(start, BlockKind::Heading { level, title });
                }
            }
            TagEnd::BlockQuote(_) => self.quotes = self.quotes.saturating_sub(1),
            TagEnd::Item => self.items = self.items.saturating_sub(1),
            TagEnd::List(_) | TagEnd::Table => self.after_inner = self.items > 0,
            _ => {}
        }
    }

    /// What stands in a quotation belongs to the quotation.
    fn start(&mut self, at: usize, kind: BlockKind) {
        if self.quotes == 0 {
            self.starts.push((at, kind));
        }
    }
}

fn tile(text: &str, starts: Vec<(usize, BlockKind)>) -> Vec<Block> {
    let lead = text.len() - text.trim_start().len();
    let mut blocks: Vec<Block> = Vec::with_capacity(starts.len() + 1);
    // Definitions before the first block make a paragraph of their own.
    if starts.first().is_none_or(|(first, _)| *first > lead) && lead < text.len() {
        blocks.push(Block { kind: BlockKind::Paragraph, start: lead, end: text.len() });
    }
    for (start, kind) in starts {
        let lead = text[start..].len() - text[start..].trim_start().len();
        let floor = blocks.last().map_or(0, |last| last.start);
        let start = (start + lead).max(floor);
        if let Some(last) = blocks.last_mut() {
            last.end = start;
        }
        blocks.push(Block { kind, start, end: text.len() });
    }
    for block in &mut blocks {
        block.end = block.start + text[block.start..block.end].trim_end().len();
    }
    blocks.retain(|block| block.start < block.end);
    blocks
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    fn shape(text: &str) -> Vec<(String, &str)> {
        let blocks = blocks(text, 50).unwrap();
        let name = |kind: &BlockKind| match kind {
            BlockKind::Heading { level, title } => format!("h{level} {title}"),
            other => format!("{other:?}").to_lowercase(),
        };
        blocks.iter().map(|b| (name(&b.kind), &text[b.start..b.end])).collect()
    }

    fn pairs(text: &str, expected: &[(&str, &str)]) {
        let found = shape(text);
        let found: Vec<(&str, &str)> = found.iter().map(|(k, s)| (k.as_str(), *s)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn headings_and_prose() {
        pairs(
            "# Returns **policy** #\n\nWithin 30 days.\nAlways.\n\nSetext\n------\n> Quoted\n> twice\n",
            &[
                ("h1 Returns policy", "# Returns **policy** #"),
                ("paragraph", "Within 30 days.\nAlways."),
                ("h2 Setext", "Setext\n------"),
                ("quote", "> Quoted\n> twice"),
            ],
        );
    }

    #[test]
    fn lists_give_one_block_per_item() {
        pairs(
            "1. Pack it\n   with care\n\n   Twice.\n2. Send\n   - by post\n   - by courier\n\n   Keep the slip.\n",
            &[
                ("listitem", "1. Pack it\n   with care\n\n   Twice."),
                ("listitem", "2. Send"),
                ("listitem", "- by post"),
                ("listitem", "- by courier"),
                ("listitem", "Keep the slip."),
            ],
        );
    }

    #[test]
    fn table_rows_are_blocks_and_the_underline_belongs_to_the_head() {
        pairs(
            "| 商品 | 价格 |\n| --- | --- |\n| 杯子 | 39 元 |\n| 碗 | 25 元 |\n\nEnd\n",
            &[
                ("tableheader", "| 商品 | 价格 |\n| --- | --- |"),
                ("tablerow", "| 杯子 | 39 元 |"),
                ("tablerow", "| 碗 | 25 元 |"),
                ("paragraph", "End"),
            ],
        );
    }

    #[test]
    fn nothing_is_lost_between_blocks() {
        let text = "[a]: https://example.com\n\nText\n\n[b]: https://example.com\n\n---\n\n```\ncode\n```\n<!-- hidden -->\n";
        let covered: String = shape(text).iter().map(|(_, slice)| *slice).collect();
        let squash = |t: &str| t.split_whitespace().collect::<String>();
        assert_eq!(squash(&covered), squash(text));
    }

    #[test]
    fn deep_nesting_is_refused() {
        let deep = "> ".repeat(300) + "x";
        assert_eq!(blocks(&deep, 200).unwrap_err(), ParseError::TooNested { limit: 200 });
    }

    #[test]
    fn the_title_comes_from_the_front_matter_then_from_the_top_heading() {
        let limits = Limits::STANDARD;
        let parsed = parse("---\ntitle: A\n---\n# B\n", &limits).unwrap();
        assert_eq!((parsed.title.as_deref(), parsed.text.as_str()), (Some("A"), "# B\n"));
        assert_eq!(parse("## C\n# B\n", &limits).unwrap().title.as_deref(), Some("B"));
        assert_eq!(parse("## C\n", &limits).unwrap().title, None);
    }
}
