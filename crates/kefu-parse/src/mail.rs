//! E-mail through `mail-parser`.

use mail_parser::{Addr, Message, MessageParser, MimeHeaders, PartType};

use crate::error::ParseError;
use crate::limits::Limits;
use crate::parsed::Parsed;
use crate::{html, markdown, plain};

/// Attachments that the report names.
const MAX_NAMED: usize = 20;

/// A message: who wrote it and when, then its text. What is attached is named in the notes.
pub(crate) fn parse(bytes: &[u8], limits: &Limits) -> Result<Parsed, ParseError> {
    let broken = || ParseError::broken("it is no e-mail message");
    let message = MessageParser::default().parse(bytes).ok_or_else(broken)?;
    if message.headers().is_empty() {
        return Err(broken());
    }
    let head = head(&message);
    let body = body(&message, limits)?;
    let text = format!("{head}{body}");
    let mut parsed =
        if is_plain(&message) { plain::as_it_is(text) } else { markdown::from_text(text, limits)? };
    parsed.title = message.subject().map(crate::script::flow).filter(|title| !title.is_empty());
    let names: Vec<String> = message
        .attachments()
        .filter_map(|part| part.attachment_name())
        .map(|name| name.chars().take(100).collect())
        .collect();
    if !names.is_empty() {
        let more = if names.len() > MAX_NAMED { " and more" } else { "" };
        let shown = names.get(..MAX_NAMED).unwrap_or(&names).join(", ");
        parsed.notes.push(format!("attachments are left out: {shown}{more}"));
    }
    Ok(parsed)
}

fn head(message: &Message<'_>) -> String {
    let mut head = String::new();
    if let Some(sender) = message.from().and_then(|from| from.first()) {
        head.push_str(&format!("From: {}\n", crate::script::flow(&name(sender))));
    }
    if let Some(date) = message.date().filter(|date| date.is_valid()) {
        head.push_str(&format!("Date: {:04}-{:02}-{:02}\n", date.year, date.month, date.day));
    }
    if !head.is_empty() {
        head.push('\n');
    }
    head
}

fn name(address: &Addr<'_>) -> String {
    match (address.name(), address.address()) {
        (Some(name), Some(at)) => format!("{name} <{at}>"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => String::new(),
    }
}

/// Whether the message says its text without markup.
fn is_plain(message: &Message<'_>) -> bool {
    message.text_bodies().next().is_some_and(|part| matches!(part.body, PartType::Text(_)))
}

fn body(message: &Message<'_>, limits: &Limits) -> Result<String, ParseError> {
    let mut body = String::new();
    for part in message.text_bodies() {
        let words = match &part.body {
            PartType::Text(words) => words.replace("\r\n", "\n"),
            PartType::Html(page) => html::to_markdown(page, limits)?,
            _ => continue,
        };
        if !body.is_empty() {
            body.push_str("\n\n");
        }
        body.push_str(words.trim());
    }
    Ok(body)
}
