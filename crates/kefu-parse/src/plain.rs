//! Plain text: paragraphs between blank lines.

use std::ops::Range;

use crate::format::article;
use crate::parsed::{Block, BlockKind, Parsed};
use crate::script::{is_dense, join_line, width};

/// A text file. Where its lines were clearly broken to fit a width, they are joined.
pub(crate) fn parse(text: &str) -> Parsed {
    as_it_is(unwrapped(text))
}

/// A text, byte for byte.
pub(crate) fn as_it_is(text: String) -> Parsed {
    Parsed { blocks: paragraphs(&text).into_iter().map(block).collect(), ..article(text) }
}

fn block(range: Range<usize>) -> Block {
    Block { kind: BlockKind::Paragraph, start: range.start, end: range.end }
}

fn paragraphs(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<Range<usize>> = None;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim();
        if body.is_empty() {
            found.extend(open.take());
        } else {
            let start = offset + (line.len() - line.trim_start().len());
            let end = offset + line.trim_end().len();
            open = Some(open.map_or(start, |first| first.start)..end);
        }
        offset += line.len();
    }
    found.extend(open);
    found
}

/// Widths that editors and mail programs break lines at, in cells.
const WRAP_WIDTHS: std::ops::RangeInclusive<usize> = 50..=120;
/// A paragraph this long shows at which width its lines were broken.
const MIN_LINES: usize = 3;

/// Joins the lines of paragraphs that were broken at one width throughout the text.
fn unwrapped(text: &str) -> String {
    let ranges = paragraphs(text);
    let lines: Vec<Vec<&str>> = ranges
        .iter()
        .map(|range| text[range.clone()].lines().map(str::trim_end).collect())
        .collect();
    let long = lines.iter().filter(|lines| lines.len() >= MIN_LINES);
    let Some(limit) = long.flatten().map(|line| cells(line)).max() else {
        return text.to_owned();
    };
    if !WRAP_WIDTHS.contains(&limit) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, lines) in ranges.iter().zip(&lines) {
        out.push_str(&text[at..range.start]);
        if is_wrapped(lines, limit) {
            lines.iter().for_each(|line| join_line(&mut out, line.trim()));
        } else {
            out.push_str(&text[range.clone()]);
        }
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Whether each line but the last ends where its follower's first word no longer fitted, and none
/// has a form of its own.
fn is_wrapped(lines: &[&str], limit: usize) -> bool {
    let is_broken = |pair: &[&str]| {
        let [line, next] = pair else { return false };
        let first_is_dense = next.chars().next().is_some_and(is_dense);
        // Two signs that may not begin a line can move a Han line's end.
        let first_word =
            if first_is_dense { 6 } else { 1 + next.split(' ').next().map_or(0, cells) };
        cells(line) + first_word > limit && cells(line) <= limit
    };
    lines.len() > 1 && lines.windows(2).all(is_broken) && !lines.iter().any(|line| is_formed(line))
}

/// Indented lines, items, rows and quotations keep their lines.
fn is_formed(line: &str) -> bool {
    let n_digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let is_numbered = n_digits > 0 && line[n_digits..].starts_with(['.', ')', '、', '．']);
    line.starts_with([' ', '\t', '-', '*', '•', '#', '|', '>', '+', '='])
        || line.contains(['\t', '|'])
        || line.contains("   ")
        || is_numbered
}

fn cells(line: &str) -> usize {
    line.chars().map(width).sum()
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

    #[test]
    fn hard_wrapped_prose_flows() {
        let latin = "Goods that arrive damaged are replaced at our cost, and you need not send\n\
                     the broken pieces back. Take two photographs on the day of delivery and\n\
                     mail them to us.\n";
        assert_eq!(parse(latin).text.lines().count(), 1);
        let han = "商品签收之日起七日内，如商品完好且不影响二次销售，您可以申请无理由退\n\
                   货。退货运费由买家承担，商品存在质量问题的除外。退款将在仓库验收后三个\n\
                   工作日内原路返回。\n";
        let joined = parse(han).text;
        assert!(joined.contains("无理由退货。退货运费"), "{joined}");
        assert!(joined.contains("三个工作日"), "{joined}");
    }

    #[test]
    fn lines_with_a_form_of_their_own_stay() {
        let address = "Harbour Home Ltd, customer service department, building four\n\
                       12 Quay Street\nPort Ellen\n\nTel. 555 0100\nFax 555 0101\n";
        assert_eq!(parse(address).text, address);
        let list = "- the first item of a list that runs on to about sixty columns\n\
                    - the second item of the list which is about as long as that\n\
                    - the third item of the list which is about as long as these\n";
        assert_eq!(parse(list).text, list);
    }
}
