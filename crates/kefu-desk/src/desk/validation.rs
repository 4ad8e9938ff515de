//! Bounds of what people at the desk may send.

use kefu_core::TicketEvent;

use crate::error::DeskError;

/// Longest reply or note.
pub const MAX_TEXT_BYTES: usize = 8_000;
/// Longest name of an agent.
pub const MAX_AGENT_BYTES: usize = 200;

/// The event with names and texts trimmed.
pub(crate) fn validated(event: TicketEvent) -> Result<TicketEvent, DeskError> {
    Ok(match event {
        TicketEvent::Claim { agent } => TicketEvent::Claim { agent: name(&agent)? },
        TicketEvent::Reply { agent, text } => {
            TicketEvent::Reply { agent: name(&agent)?, text: self::text("text", &text)? }
        }
        TicketEvent::Resolve { agent, note } => {
            let note = note.filter(|note| !note.trim().is_empty());
            let note = note.map(|note| text("note", &note)).transpose()?;
            TicketEvent::Resolve { agent: name(&agent)?, note }
        }
        TicketEvent::Reopen { agent } => TicketEvent::Reopen { agent: name(&agent)? },
    })
}

fn name(agent: &str) -> Result<String, DeskError> {
    let agent = bounded("agent", agent, MAX_AGENT_BYTES)?;
    if agent.chars().any(char::is_control) {
        return Err(DeskError::Invalid { field: "agent", detail: "holds a control character" });
    }
    Ok(agent)
}

fn text(field: &'static str, text: &str) -> Result<String, DeskError> {
    bounded(field, text, MAX_TEXT_BYTES)
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
