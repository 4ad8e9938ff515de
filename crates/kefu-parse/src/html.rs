//! HTML to Markdown, without what surrounds the content of a page.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use htmd::element_handler::{HandlerResult, Handlers};
use htmd::options::{BulletListMarker, Options};
use htmd::{Element, HtmlToMarkdown};

use crate::error::ParseError;
use crate::limits::Limits;
use crate::markdown;
use crate::parsed::Parsed;
use crate::script::is_dense;

/// Elements that are not content, or not text.
const SKIPPED: [&str; 12] = [
    "head", "title", "script", "style", "noscript", "template", "nav", "form", "svg", "iframe",
    "button", "img",
];

/// Elements that surround a page, but belong to the content within an article.
const EDGES: [&str; 3] = ["header", "footer", "aside"];

/// Elements without a closing tag, or whose closing tag may be left out: they do not nest.
const UNCOUNTED: [&str; 29] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr", "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option",
    "optgroup", "colgroup", "html", "head", "body",
];

/// A page: its Markdown is the document's text.
pub(crate) fn parse(html: &str, limits: &Limits) -> Result<Parsed, ParseError> {
    let mut parsed = markdown::from_text(to_markdown(html, limits)?, limits)?;
    if let Some(title) = title(html)? {
        parsed.title = Some(title);
    }
    Ok(parsed)
}

/// The content of a page as Markdown.
pub(crate) fn to_markdown(html: &str, limits: &Limits) -> Result<String, ParseError> {
    // The converter walks the tree by recursion, so the depth is bounded before it starts.
    if depth(html) > limits.max_nesting {
        return Err(ParseError::TooNested { limit: limits.max_nesting });
    }
    convert(&without_han_breaks(html))
}

/// Takes out line breaks between two characters of a dense script, which a browser would show as
/// a space that nobody meant. What is preformatted stays.
fn without_han_breaks(html: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    for (at, _) in html.match_indices('\n') {
        let before = html[..at].trim_end_matches([' ', '\t', '\r']);
        let after = html[at..].trim_start_matches([' ', '\t', '\r', '\n']);
        let end = html.len() - after.len();
        let joins = before.chars().next_back().is_some_and(is_dense)
            && after.chars().next().is_some_and(is_dense);
        if joins && before.len() >= copied && !is_preformatted(before) {
            out.push_str(&html[copied..before.len()]);
            copied = end;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(html);
    }
    out.push_str(&html[copied..]);
    Cow::Owned(out)
}

/// Whether the nearest tag of its kind before a place opens preformatted text.
fn is_preformatted(before: &str) -> bool {
    const WINDOW: usize = 64 << 10;
    let from = before.floor_char_boundary(before.len().saturating_sub(WINDOW));
    let near = &before[from..];
    match (near.rfind("<pre"), near.rfind("</pre")) {
        (Some(open), Some(close)) => open > close,
        (Some(_), None) => true,
        _ => false,
    }
}

fn convert(html: &str) -> Result<String, ParseError> {
    let options = Options {
        bullet_list_marker: BulletListMarker::Dash,
        ul_bullet_spacing: 1,
        ol_number_spacing: 1,
        ..Options::default()
    };
    let n_articles = Arc::new(AtomicUsize::new(0));
    let inside = Arc::clone(&n_articles);
    let article = move |handlers: &dyn Handlers, element: Element<'_>| {
        n_articles.fetch_add(1, Ordering::Relaxed);
        let content = handlers.walk_children(element.node).content;
        n_articles.fetch_sub(1, Ordering::Relaxed);
        Some(HandlerResult::from(format!("\n\n{}\n\n", content.trim())))
    };
    let edge = move |handlers: &dyn Handlers, element: Element<'_>| {
        let is_content = element.tag == "header" && inside.load(Ordering::Relaxed) > 0;
        let content = || handlers.walk_children(element.node).content;
        is_content.then(|| HandlerResult::from(format!("\n\n{}\n\n", content().trim())))
    };
    HtmlToMarkdown::builder()
        .options(options)
        .skip_tags(SKIPPED.to_vec())
        .add_handler(vec!["article", "main"], article)
        .add_handler(EDGES.to_vec(), edge)
        .add_handler(vec!["b", "strong", "i", "em"], words_only)
        .add_handler(vec!["a"], link)
        .build()
        .convert(html)
        .map_err(|e| ParseError::ParserFailed { detail: e.to_string() })
}

/// Emphasis is left out, so that quotations read as the page does.
#[expect(clippy::needless_pass_by_value, reason = "the signature is the converter's")]
fn words_only(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    Some(handlers.walk_children(element.node))
}

/// Links to places on the page are its words; without words they are nothing.
fn link(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let address = element.attrs.iter().find(|a| &a.name.local == "href").map(|a| a.value.trim());
    let is_outward = address.is_some_and(|a| !a.starts_with('#') && !a.starts_with("javascript:"));
    if is_outward {
        return handlers.fallback(element);
    }
    let words = handlers.walk_children(element.node);
    let is_said = words.content.chars().any(|c| !c.is_whitespace() && c != '\u{200b}');
    is_said.then_some(words)
}

/// The words of the `<title>` element, entities resolved.
fn title(html: &str) -> Result<Option<String>, ParseError> {
    let lower = html.to_ascii_lowercase();
    let Some(open) = lower.find("<title") else { return Ok(None) };
    let Some(start) = lower[open..].find('>').map(|at| open + at + 1) else { return Ok(None) };
    let Some(end) = lower[start..].find("</title").map(|at| start + at) else { return Ok(None) };
    // A title holds words and entities only, so whatever looks like an element is words.
    let words = htmd::convert(&html[start..end].replace('<', "&lt;"))
        .map_err(|e| ParseError::ParserFailed { detail: e.to_string() })?;
    let words = words.replace('\\', "").split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Some(words).filter(|w| !w.is_empty()))
}

/// An upper bound of how deep the elements nest.
fn depth(html: &str) -> usize {
    let mut open: HashMap<String, usize> = HashMap::new();
    let (mut now, mut deepest) = (0_usize, 0_usize);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let closing = rest.starts_with('/');
        let name: String = rest
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if name.is_empty() || UNCOUNTED.contains(&name.as_str()) {
            continue;
        }
        if !closing && matches!(name.as_str(), "script" | "style") {
            let close = format!("</{name}");
            let end = rest.find(close.as_str()).or_else(|| rest.find(&close.to_uppercase()));
            rest = end.map_or("", |end| &rest[end + close.len()..]);
            continue;
        }
        let count = open.entry(name).or_default();
        if !closing {
            *count += 1;
            now += 1;
            deepest = deepest.max(now);
        } else if *count > 0 {
            *count -= 1;
            now -= 1;
        }
    }
    deepest
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn content_stays_and_surroundings_go() {
        let html = "<!doctype html><html><head><title>Returns &amp; refunds</title>\
            <style>p{color:red}</style></head><body><nav>Home</nav><h1>Returns</h1>\
            <script>track('visitor')</script><p>Within <b>30</b> days.</p>\
            <ul><li>Unused</li><li>Boxed</li></ul>\
            <table><tr><th>Item</th><th>Fee</th></tr><tr><td>Cup</td><td>$3</td></tr></table>\
            <footer>Imprint</footer></body></html>";
        let parsed = parse(html, &Limits::STANDARD).unwrap();
        assert_eq!(parsed.title.as_deref(), Some("Returns & refunds"));
        for kept in ["# Returns", "Within 30 days.", "- Unused", "| Cup"] {
            assert!(parsed.text.contains(kept), "{kept} in {}", parsed.text);
        }
        for gone in ["Home", "track", "color", "Imprint", "refunds"] {
            assert!(!parsed.text.contains(gone), "{gone} in {}", parsed.text);
        }
    }

    #[test]
    fn without_a_title_the_top_heading_names_the_page() {
        let parsed = parse("<h1>退货</h1><p>七天。</p>", &Limits::STANDARD).unwrap();
        assert_eq!(parsed.title.as_deref(), Some("退货"));
    }

    #[test]
    fn the_head_of_an_article_is_content_and_links_within_the_page_are_words() {
        let html = "<header><h1>Shop</h1></header><main><article><header><h1>Returns</h1></header>\
            <p>See <a href=\"#fees\">the fees</a><a href=\"#x\">\u{200b}</a> and \
            <a href=\"https://example.com/faq\">the FAQ</a>.</p></article></main>";
        let parsed = parse(html, &Limits::STANDARD).unwrap();
        let expected = "# Returns\n\nSee the fees and [the FAQ](https://example.com/faq).";
        assert_eq!(parsed.text.trim(), expected);
    }

    #[test]
    fn han_lines_join_but_not_in_preformatted_text() {
        let html = "<p>商品签收\n  之日起</p><p>thirty\ndays</p><pre>甲\n乙</pre>";
        let parsed = parse(html, &Limits::STANDARD).unwrap();
        assert!(parsed.text.contains("商品签收之日起"), "{}", parsed.text);
        assert!(parsed.text.contains("甲\n乙"), "{}", parsed.text);
        assert!(!parsed.text.contains("thirtydays"));
    }

    #[test]
    fn nesting_is_bounded_but_open_paragraphs_do_not_count() {
        let deep = "<div>".repeat(100_000);
        assert_eq!(parse(&deep, &Limits::STANDARD).unwrap_err().code(), "too_nested");
        let long = "<p>word<br>".repeat(1_000);
        assert!(parse(&long, &Limits::STANDARD).is_ok());
        assert_eq!(depth("<div></foo><div></foo><div>"), 3);
    }
}
