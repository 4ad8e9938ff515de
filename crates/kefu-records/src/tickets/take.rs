//! Steps of a ticket's life.

use kefu_core::ports::{Change, NamedStep, StepKey, TicketTransition};
use kefu_core::{ConversationId, DeskEvent, OpenHandOver, Ticket, TicketStatus};
use rusqlite::params;

use super::row::{open, read, rewrite};
use crate::conversations::add_turn;
use crate::fault::{Fault, conflict, invalid, not_found};
use crate::outbox;
use crate::session::Session;
use crate::words::Word;

/// What the history says of a step beside the ticket.
pub(crate) struct Logged<'a> {
    pub(crate) action: &'a str,
    pub(crate) actor: Option<&'a str>,
    pub(crate) note: Option<&'a str>,
    /// What the sender calls it.
    pub(crate) key: Option<&'a StepKey>,
}

/// Writes a step if the ticket is still as it was read; what it changed.
pub(super) fn take(s: &Session<'_>, step: &TicketTransition) -> Result<Vec<Change>, Fault> {
    let TicketTransition { before, after, .. } = step;
    if before.id != after.id || before.conversation_id != after.conversation_id {
        return Err(invalid("a step keeps the ticket's id and conversation"));
    }
    let now = read(s, &before.id)?.ok_or_else(|| not_found("ticket", &before.id))?;
    if &now != before {
        return Err(conflict(format!("ticket {} has changed; read it again", before.id)));
    }
    let is_open = after.status != TicketStatus::Resolved;
    if is_open
        && let Some(other) = open(s, &after.conversation_id)?.filter(|other| other.id != after.id)
    {
        return Err(conflict(format!("the conversation has open ticket {}", other.id)));
    }
    if let Some(key) = &step.key
        && step_of_key(s, &after.conversation_id, &key.name)?.is_some()
    {
        return Err(conflict("a step with this key exists"));
    }
    rewrite(s, after)?;
    let (action, actor) = (step.action, step.actor.as_deref());
    let (note, key) = (step.note.as_deref(), step.key.as_ref());
    log_step(s, after, &Logged { action, actor, note, key })?;
    s.run(
        "UPDATE conversations SET state = ?3, ticket_id = ?4 WHERE tenant = ?1 AND id = ?2",
        params![
            s.tenant(),
            after.conversation_id.as_str(),
            step.conversation_state.word(),
            is_open.then_some(after.id.as_str())
        ],
    )?;
    if let Some(turn) = &step.turn {
        add_turn(s, &after.conversation_id, turn)?;
    }
    outbox::keep(s, &DeskEvent::of_transition(step))?;
    Ok(vec![
        Change::Conversation {
            id: after.conversation_id.clone(),
            state: step.conversation_state,
            hand_over: is_open.then(|| OpenHandOver::from(after)),
            turns: step.turn.iter().cloned().collect(),
        },
        Change::Ticket(Box::new(after.clone())),
    ])
}

/// The step with this name of a ticket of the conversation.
pub(super) fn step_of_key(
    s: &Session<'_>,
    id: &ConversationId,
    name: &str,
) -> Result<Option<NamedStep>, Fault> {
    s.one(
        "SELECT step.action, step.client_fingerprint FROM ticket_steps AS step
        JOIN tickets AS ticket ON ticket.tenant = step.tenant AND ticket.id = step.ticket_id
        WHERE step.tenant = ?1 AND step.client_key = ?3 AND ticket.conversation_id = ?2",
        params![s.tenant(), id.as_str(), name],
        |row| Ok(NamedStep { action: row.get(0)?, fingerprint: row.get(1)? }),
    )
}

/// Adds a line to a ticket's history.
pub(crate) fn log_step(s: &Session<'_>, ticket: &Ticket, logged: &Logged<'_>) -> Result<(), Fault> {
    s.run(
        "INSERT INTO ticket_steps (tenant, ticket_id, action, actor, status, assignee, note, at_ms,
            client_key, client_fingerprint)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            s.tenant(),
            ticket.id.as_str(),
            logged.action,
            logged.actor,
            ticket.status.word(),
            ticket.assignee,
            logged.note,
            ticket.updated_at_ms,
            logged.key.map(|key| &key.name),
            logged.key.map(|key| &key.fingerprint)
        ],
    )?;
    Ok(())
}
