//! What is checked of every XML member before a parser that recurses or expands sees it.

use std::io::{BufReader, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::error::ParseError;

/// Whether a member of a container holds XML.
pub(crate) fn is_xml_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [".xml", ".rels", ".opf", ".ncx"].iter().any(|ending| lower.ends_with(ending))
}

/// Reads XML to its end: elements must not nest deeper than `max_nesting`, and entities must not
/// be defined. What is not well-formed otherwise is left to the parser that needs it.
pub(crate) fn check(input: impl Read, max_nesting: usize) -> Result<(), ParseError> {
    let mut input = BufReader::new(input);
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(ParseError::broken)?;
    let text = decode(&bytes);
    let mut reader = Reader::from_str(&text);
    reader.config_mut().check_end_names = false;
    let mut depth = 0_usize;
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) => depth += 1,
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::DocType(doctype)) if doctype.contains("<!ENTITY") => {
                let detail = "its XML defines entities, which office programs never do".to_owned();
                return Err(ParseError::BrokenFile { detail });
            }
            Ok(Event::Eof) | Err(_) => return Ok(()),
            Ok(_) => {}
        }
        if depth > max_nesting {
            return Err(ParseError::TooNested { limit: max_nesting });
        }
    }
}

/// XML as text: a byte order mark decides, else UTF-8.
pub(crate) fn decode(bytes: &[u8]) -> String {
    let (text, _, _) = encoding_rs::UTF_8.decode(bytes);
    text.into_owned()
}

/// The value of an attribute by its local name, entities resolved.
pub(crate) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|a| a.key.local_name().as_ref() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.into_owned())
}
