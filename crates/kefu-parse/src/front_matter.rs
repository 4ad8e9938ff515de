//! The `key: value` lines between two `---` lines at the top of a Markdown file.

use crate::meta::{RawMeta, RawSection};

/// What the lines say.
#[derive(Debug, Default)]
pub(crate) struct FrontMatter {
    pub(crate) title: Option<String>,
    pub(crate) meta: RawMeta,
}

/// Longer openings are content that happens to begin with a rule.
const MAX_LINES: usize = 100;

/// Splits a text into front matter and the rest. Without front matter the rest is the whole text.
pub(crate) fn split(text: &str) -> (FrontMatter, &str) {
    parse(text).unwrap_or_else(|| (FrontMatter::default(), text))
}

fn parse(text: &str) -> Option<(FrontMatter, &str)> {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next()?;
    if first.trim_end() != "---" {
        return None;
    }
    let mut offset = first.len();
    let mut found = FrontMatter::default();
    let mut list_key: Option<String> = None;
    for line in lines.take(MAX_LINES) {
        offset += line.len();
        let trimmed = line.trim();
        if matches!(line.trim_end(), "---" | "...") {
            return Some((found, &text[offset..]));
        }
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let is_section = list_key.as_deref() == Some("sections");
        if let Some(item) = trimmed.strip_prefix("- ") {
            if is_section {
                found.meta.sections.push(RawSection::default());
                set_section(&mut found.meta, item)?;
            } else {
                set(&mut found, list_key.as_deref()?, item);
            }
            continue;
        }
        if is_section && line.starts_with([' ', '\t']) {
            set_section(&mut found.meta, trimmed)?;
            continue;
        }
        let (key, value) = trimmed.split_once(':')?;
        let key = key.trim().to_ascii_lowercase();
        if !value.trim().is_empty() {
            set(&mut found, &key, value);
        }
        list_key = Some(key);
    }
    None
}

fn set(found: &mut FrontMatter, key: &str, value: &str) {
    let value = unquote(value);
    let meta = &mut found.meta;
    let slot = match key {
        "title" => &mut found.title,
        "lang" | "language" => &mut meta.language,
        "url" => &mut meta.url,
        "valid_from" => &mut meta.valid_from,
        "valid_to" => &mut meta.valid_to,
        "state" => &mut meta.state,
        "audience" | "audiences" => {
            meta.audiences.extend(names(value));
            return;
        }
        "keep" => {
            meta.keep.extend(names(value));
            return;
        }
        _ => return,
    };
    *slot = Some(value.to_owned()).filter(|v| !v.is_empty());
}

/// Sets a field of the last section; `None` when the line is no `key: value`.
fn set_section(meta: &mut RawMeta, line: &str) -> Option<()> {
    let (key, value) = line.split_once(':')?;
    let (section, value) = (meta.sections.last_mut()?, unquote(value).to_owned());
    match key.trim().to_ascii_lowercase().as_str() {
        "heading" => section.heading = value,
        "valid_from" => section.valid_from = Some(value),
        "valid_to" => section.valid_to = Some(value),
        _ => {}
    }
    Some(())
}

/// Names of a list such as `[public, staff]` or `public, staff`.
pub(crate) fn names(value: &str) -> Vec<String> {
    let inner = value.trim().trim_start_matches('[').trim_end_matches(']');
    inner.split(',').map(|name| unquote(name).to_owned()).filter(|name| !name.is_empty()).collect()
}

fn unquote(value: &str) -> &str {
    let value = value.trim();
    for quote in ['"', '\''] {
        let inner = value.strip_prefix(quote).and_then(|v| v.strip_suffix(quote));
        if let Some(inner) = inner {
            return inner;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_cut_off() {
        let text = "---\ntitle: \"Returns: how\"\nlang: zh-Hans\naudiences: [public, staff]\n\
                    valid_to: 2026-12-31\nkeep:\n- contents\n- spam\nowner: Li\n---\n# Returns\n";
        let (found, rest) = split(text);
        assert_eq!(rest, "# Returns\n");
        assert_eq!(found.title.as_deref(), Some("Returns: how"));
        assert_eq!(found.meta.language.as_deref(), Some("zh-Hans"));
        assert_eq!(found.meta.audiences, ["public", "staff"]);
        assert_eq!(found.meta.keep, ["contents", "spam"]);
        assert_eq!(found.meta.valid_to.as_deref(), Some("2026-12-31"));
    }

    #[test]
    fn sections_have_days_of_their_own() {
        let text = "---\nsections:\n- heading: \"Winter: sale\"\n  valid_to: 2026-02-28\n\
                    - heading: 春季\n  valid_from: 2026-03-01\nvalid_to: 2026-12-31\n---\nText";
        let (found, rest) = split(text);
        let [winter, spring] = found.meta.sections.as_slice() else { unreachable!() };
        assert_eq!(winter.heading, "Winter: sale");
        assert_eq!(winter.valid_to.as_deref(), Some("2026-02-28"));
        assert_eq!((spring.heading.as_str(), &spring.valid_to), ("春季", &None));
        assert_eq!(spring.valid_from.as_deref(), Some("2026-03-01"));
        assert_eq!(found.meta.valid_to.as_deref(), Some("2026-12-31"));
        assert_eq!(rest, "Text");
    }

    #[test]
    fn a_list_of_lines_is_a_list() {
        let (found, rest) = split("---\r\naudiences:\r\n  - staff\r\n  - partners\r\n---\r\nText");
        assert_eq!(found.meta.audiences, ["staff", "partners"]);
        assert_eq!(rest, "Text");
    }

    #[test]
    fn a_rule_is_not_front_matter() {
        for text in ["---\nJust a rule above prose.\n---\n", "---\ntitle: never closed\n", "text"] {
            assert_eq!(split(text).1, text);
        }
    }
}
