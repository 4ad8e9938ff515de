//! The flat XML of messages: one element with fields of text.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::Event;

const MAX_FIELDS: usize = 64;

/// The texts of the fields right below the root; `None` for anything that is no such message, a
/// document type included.
pub(super) fn fields(text: &str) -> Option<BTreeMap<String, String>> {
    let mut reader = Reader::from_str(text);
    let mut fields = BTreeMap::new();
    let mut path: Vec<String> = Vec::new();
    let mut value = String::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                path.push(start.name().as_ref().to_owned());
                if path.len() == 2 {
                    value.clear();
                }
                if path.len() > 8 {
                    return None;
                }
            }
            Event::Text(part) if path.len() == 2 => value.push_str(&part),
            Event::CData(part) if path.len() == 2 => value.push_str(&part),
            Event::GeneralRef(part) if path.len() == 2 => {
                let plain = match &*part {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    "apos" => '\'',
                    _ => part.resolve_char_ref().ok()??,
                };
                value.push(plain);
            }
            Event::End(_) => {
                let name = path.pop()?;
                if path.len() == 1 {
                    if fields.len() == MAX_FIELDS {
                        return None;
                    }
                    fields.insert(name, std::mem::take(&mut value));
                }
            }
            Event::DocType(_) => return None,
            Event::Eof => return (path.is_empty() && !fields.is_empty()).then_some(fields),
            _ => {}
        }
    }
}

/// A message with these fields.
pub(super) fn write(fields: &[(&str, &str)]) -> String {
    let mut text = String::from("<xml>");
    for (name, value) in fields {
        // What would end the section is cut in two.
        let value = value.replace("]]>", "]]]]><![CDATA[>");
        text.push_str(&format!("<{name}><![CDATA[{value}]]></{name}>"));
    }
    text.push_str("</xml>");
    text
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_and_written() {
        let text = "<xml><ToUserName><![CDATA[corp]]></ToUserName>\n<CreateTime>170</CreateTime>\
                    <Content>a &lt;b&gt; &amp; &#20320;</Content><Item><Id>9</Id></Item></xml>";
        let read = fields(text).unwrap();
        assert_eq!(read["ToUserName"], "corp");
        assert_eq!(read["CreateTime"], "170");
        assert_eq!(read["Content"], "a <b> & 你");
        let hard = "x ]]> <y> & ]]]]>";
        assert_eq!(fields(&write(&[("Content", hard)])).unwrap()["Content"], hard);
    }

    #[test]
    fn other_things_are_no_messages() {
        for bad in [
            "",
            "text",
            "<xml>",
            "<xml></xml>",
            "<xml><a>1</b></xml>",
            "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><xml><a>&e;</a></xml>",
            "<xml><a>&e;</a></xml>",
        ] {
            assert_eq!(fields(bad), None, "{bad}");
        }
    }
}
