//! E-books: the chapters in reading order.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::archive::Archive;
use crate::error::ParseError;
use crate::limits::Limits;
use crate::parsed::{Block, BlockKind, Parsed};
use crate::{html, markdown, xml};

/// What the package document says.
#[derive(Default)]
struct Package {
    title: Option<String>,
    language: Option<String>,
    /// Names of the chapters' members, in reading order.
    chapters: Vec<String>,
}

pub(crate) fn parse(bytes: &[u8], limits: &Limits) -> Result<Parsed, ParseError> {
    let mut archive = Archive::open(bytes, limits)?;
    let container = xml::decode(&archive.read("META-INF/container.xml")?);
    let root = root_file(&container).ok_or_else(|| ParseError::broken("it names no package"))?;
    let package = read_package(&root, &xml::decode(&archive.read(&root)?));
    if package.chapters.len() > limits.max_pages {
        return Err(ParseError::TooMany { what: "chapters", limit: limits.max_pages });
    }
    let mut text = String::new();
    let mut notes = Vec::new();
    for name in &package.chapters {
        let chapter =
            archive.read(name).and_then(|bytes| html::to_markdown(&xml::decode(&bytes), limits));
        match chapter {
            Ok(chapter) if chapter.trim().is_empty() => {}
            Ok(chapter) => {
                if !text.is_empty() {
                    text.push_str("\n\n");
                }
                text.push_str(chapter.trim());
            }
            Err(error) => notes.push(format!("a chapter could not be read: {error}")),
        }
        if text.len() as u64 > limits.max_output_bytes {
            return Err(ParseError::TooLarge { what: "text", limit: limits.max_output_bytes });
        }
    }
    if text.is_empty() && !notes.is_empty() {
        return Err(ParseError::broken(notes.swap_remove(0)));
    }
    let mut parsed = markdown::from_text(text, limits)?;
    parsed.title = package.title.or(parsed.title).or_else(|| first_heading(&parsed.blocks));
    parsed.meta.language = package
        .language
        .and_then(|code| kefu_core::Language::from_code(&code))
        .map(|language| language.code().to_owned());
    parsed.notes = notes;
    Ok(parsed)
}

fn first_heading(blocks: &[Block]) -> Option<String> {
    blocks.iter().find_map(|block| match &block.kind {
        BlockKind::Heading { title, .. } => Some(title.clone()),
        _ => None,
    })
}

fn root_file(container: &str) -> Option<String> {
    let mut reader = Reader::from_str(container);
    loop {
        match reader.read_event() {
            Ok(Event::Start(e) | Event::Empty(e)) if e.local_name().as_ref() == "rootfile" => {
                return xml::attribute(&e, "full-path");
            }
            Ok(Event::Eof) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

fn read_package(root: &str, text: &str) -> Package {
    let mut package = Package::default();
    let mut items = std::collections::HashMap::new();
    let mut reader = Reader::from_str(text);
    let mut field: Option<String> = None;
    loop {
        match reader.read_event() {
            Ok(Event::Start(e) | Event::Empty(e)) => match e.local_name().as_ref() {
                "item" => {
                    let (id, href) = (xml::attribute(&e, "id"), xml::attribute(&e, "href"));
                    let is_page =
                        xml::attribute(&e, "media-type").is_some_and(|kind| kind.contains("html"));
                    let is_contents = xml::attribute(&e, "properties")
                        .is_some_and(|all| all.split_whitespace().any(|p| p == "nav"));
                    if let (Some(id), Some(href), true, false) = (id, href, is_page, is_contents) {
                        items.insert(id, member_name(root, &href));
                    }
                }
                "itemref" => {
                    let id = xml::attribute(&e, "idref").unwrap_or_default();
                    package.chapters.extend(items.get(&id).cloned());
                }
                name @ ("title" | "language") => field = Some(name.to_owned()),
                _ => {}
            },
            Ok(Event::Text(words)) => {
                let words = words.xml10_content().trim().to_owned();
                match field.as_deref() {
                    Some("title") if !words.is_empty() => {
                        let title = package.title.get_or_insert_default();
                        title.push_str(&words);
                    }
                    Some("language") if !words.is_empty() => package.language = Some(words),
                    _ => {}
                }
            }
            Ok(Event::End(_)) => field = None,
            Ok(Event::Eof) | Err(_) => return package,
            Ok(_) => {}
        }
    }
}

/// The member that an address within the package document means.
fn member_name(root: &str, href: &str) -> String {
    let href = percent_decoded(href.split('#').next().unwrap_or_default());
    let mut parts: Vec<&str> = root.split('/').collect();
    parts.pop();
    for part in href.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%');
        let code = code.and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_resolved_within_the_container() {
        assert_eq!(member_name("OEBPS/book.opf", "text/ch%201.xhtml#a"), "OEBPS/text/ch 1.xhtml");
        assert_eq!(member_name("book.opf", "../../etc/passwd"), "etc/passwd");
        assert_eq!(member_name("a/b/c.opf", "../d.xhtml"), "a/d.xhtml");
        assert_eq!(percent_decoded("%E9%80%80%zz%"), "退%zz%");
    }
}
