//! Bounds of what people at the desk may send.

use kefu_core::{TicketEvent, TransferTo};

use crate::error::DeskError;

/// Longest reply or note.
pub const MAX_TEXT_BYTES: usize = 8_000;
/// Longest name of an agent.
pub const MAX_AGENT_BYTES: usize = 200;

/// Longest name that a sender may give a step.
const MAX_KEY_BYTES: usize = 200;

/// The event with names and texts trimmed.
pub(crate) fn validated(event: TicketEvent) -> Result<TicketEvent, DeskError> {
    Ok(match event {
        TicketEvent::Claim { agent } => TicketEvent::Claim { agent: name(&agent)? },
        TicketEvent::Reply { agent, text } => {
            TicketEvent::Reply { agent: name(&agent)?, text: self::text("text", &text)? }
        }
        TicketEvent::Transfer { agent, to, note } => TicketEvent::Transfer {
            agent: name(&agent)?,
            to: match to {
                TransferTo::Agent(to) => TransferTo::Agent(named("to_agent", &to)?),
                TransferTo::Queue(to) => TransferTo::Queue(named("to_queue", &to)?),
            },
            note: self::note(note)?,
        },
        TicketEvent::Return { agent, note } => {
            TicketEvent::Return { agent: name(&agent)?, note: self::note(note)? }
        }
        TicketEvent::Resolve { agent, note } => {
            TicketEvent::Resolve { agent: name(&agent)?, note: self::note(note)? }
        }
        TicketEvent::Reopen { agent } => TicketEvent::Reopen { agent: name(&agent)? },
        TicketEvent::Assign { .. } | TicketEvent::Release { .. } | TicketEvent::Tick => event,
    })
}

/// The sender's name for a step, trimmed.
pub(crate) fn key(key: &str) -> Result<String, DeskError> {
    bounded("idempotency-key", key, MAX_KEY_BYTES)
}

/// The name of an agent, trimmed.
pub(crate) fn name(agent: &str) -> Result<String, DeskError> {
    named("agent", agent)
}

/// A name of at most [`MAX_AGENT_BYTES`] without control characters, trimmed.
pub(crate) fn named(field: &'static str, name: &str) -> Result<String, DeskError> {
    let name = bounded(field, name, MAX_AGENT_BYTES)?;
    if name.chars().any(char::is_control) {
        return Err(DeskError::Invalid { field, detail: "holds a control character" });
    }
    Ok(name)
}

fn note(note: Option<String>) -> Result<Option<String>, DeskError> {
    let note = note.filter(|note| !note.trim().is_empty());
    note.map(|note| text("note", &note)).transpose()
}

fn text(field: &'static str, text: &str) -> Result<String, DeskError> {
    bounded(field, &readable(text), MAX_TEXT_BYTES)
}

/// The text without control characters that nobody reads: what stays are its lines and tabs.
fn readable(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

fn bounded(field: &'static str, text: &str, limit_bytes: usize) -> Result<String, DeskError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(DeskError::Invalid { field, detail: "must not be empty" });
    }
    if text.len() > limit_bytes {
        return Err(DeskError::TooLong { field, limit_bytes });
    }
    Ok(text.to_owned())
}
