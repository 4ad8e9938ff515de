//! Rows of the table of tickets.

use kefu_core::{
    ConversationId, Customer, Sentiment, SlaTarget, Ticket, TicketId, TicketNumber, TicketSignals,
    TicketSla,
};
use rusqlite::{Params, Row, named_params, params};

use super::take::{Logged, log_step};
use crate::blob::{attributes, count, int, language, read_attributes};
use crate::fault::{Fault, damaged};
use crate::session::Session;
use crate::words::{Word, priority, urgency};

/// The columns that [`ticket`] reads, in its order.
pub(super) const COLUMNS: &str = "id, number, conversation_id, customer_id, customer_tier, channel,
    reason, queue, urgency, status, language, subject, assignee, problem, intent, sentiment,
    sentiment_trend, waiting_since_ms, first_warn_ms, first_due_ms, resolution_warn_ms,
    resolution_due_ms, first_responded_ms, resolved_ms, alarm_at_ms, created_at_ms, updated_at_ms,
    customer_attributes, customer_verified";

const SET: &str = "number = :number, customer_id = :customer_id, customer_tier = :customer_tier,
    channel = :channel, reason = :reason, queue = :queue, urgency = :urgency, status = :status,
    language = :language, subject = :subject, assignee = :assignee, problem = :problem,
    intent = :intent, sentiment = :sentiment, sentiment_trend = :sentiment_trend,
    waiting_since_ms = :waiting_since_ms, first_warn_ms = :first_warn_ms,
    first_due_ms = :first_due_ms, resolution_warn_ms = :resolution_warn_ms,
    resolution_due_ms = :resolution_due_ms, first_responded_ms = :first_responded_ms,
    resolved_ms = :resolved_ms, alarm_at_ms = :alarm_at_ms, created_at_ms = :created_at_ms,
    updated_at_ms = :updated_at_ms, customer_attributes = :customer_attributes,
    customer_verified = :customer_verified";

/// The ticket of a conversation that is not resolved; there is at most one.
pub(crate) fn open(s: &Session<'_>, id: &ConversationId) -> Result<Option<Ticket>, Fault> {
    let rest = "conversation_id = ?2 AND status <> 'resolved'";
    s.one(&select(rest), params![s.tenant(), id.as_str()], ticket)
}

/// All tickets of a conversation.
pub(crate) fn of_conversation(s: &Session<'_>, id: &ConversationId) -> Result<Vec<Ticket>, Fault> {
    s.all(&select("conversation_id = ?2"), params![s.tenant(), id.as_str()], ticket)
}

pub(crate) fn read(s: &Session<'_>, id: &TicketId) -> Result<Option<Ticket>, Fault> {
    s.one(&select("id = ?2"), params![s.tenant(), id.as_str()], ticket)
}

/// The number that the next ticket of the tenant gets.
pub(crate) fn next_number(s: &Session<'_>) -> Result<TicketNumber, Fault> {
    let last =
        s.one("SELECT max(number) FROM tickets WHERE tenant = ?1", params![s.tenant()], |row| {
            Ok(row.get::<_, Option<i64>>(0)?)
        })?;
    Ok(match last.flatten() {
        Some(last) => TicketNumber(count(last)?.max(TicketNumber::FIRST.0 - 1) + 1),
        None => TicketNumber::FIRST,
    })
}

pub(super) fn alarms(s: &Session<'_>, now_ms: i64, limit: usize) -> Result<Vec<Ticket>, Fault> {
    let rest = "alarm_at_ms <= ?2 AND status <> 'resolved' ORDER BY alarm_at_ms LIMIT ?3";
    s.all(&select(rest), params![s.tenant(), now_ms, int(limit)], ticket)
}

/// Writes a new ticket and the first line of its history.
pub(crate) fn insert(s: &Session<'_>, ticket: &Ticket) -> Result<(), Fault> {
    // What the row needs to exist; all else is set as for a change.
    s.run(
        "INSERT INTO tickets (tenant, id, conversation_id, number, reason, queue, urgency, status,
            language, subject, created_at_ms, updated_at_ms)
        VALUES (?1, ?2, ?3, ?4, '', '', 0, ?5, '', '', 0, 0)",
        params![
            s.tenant(),
            ticket.id.as_str(),
            ticket.conversation_id.as_str(),
            number(ticket.number)?,
            ticket.status.word(),
        ],
    )?;
    rewrite(s, ticket)?;
    log_step(s, ticket, &Logged { action: "open", actor: None, note: None, key: None })
}

/// Writes every column of a ticket that is there.
pub(crate) fn rewrite(s: &Session<'_>, ticket: &Ticket) -> Result<(), Fault> {
    let Ticket { sla, signals, .. } = ticket;
    let warn = |target: Option<SlaTarget>| target.map(|target| target.warn_ms);
    let due = |target: Option<SlaTarget>| target.map(|target| target.due_ms);
    let values = named_params! {
        ":tenant": s.tenant(),
        ":id": ticket.id.as_str(),
        ":number": number(ticket.number)?,
        ":customer_id": ticket.customer.id,
        ":customer_tier": ticket.customer.tier,
        ":customer_attributes": attributes(&ticket.customer.attributes)?,
        ":customer_verified": ticket.customer.is_verified,
        ":channel": ticket.channel,
        ":reason": ticket.reason.word(),
        ":queue": ticket.queue,
        ":urgency": urgency(ticket.priority),
        ":status": ticket.status.word(),
        ":language": ticket.language.code(),
        ":subject": ticket.subject,
        ":assignee": ticket.assignee,
        ":problem": signals.problem,
        ":intent": signals.intent,
        ":sentiment": signals.sentiment.map(|mood| mood.now_percent),
        ":sentiment_trend": signals.sentiment.map(|mood| mood.trend.word()),
        ":waiting_since_ms": ticket.waiting_since_ms,
        ":first_warn_ms": warn(sla.first_response),
        ":first_due_ms": due(sla.first_response),
        ":resolution_warn_ms": warn(sla.resolution),
        ":resolution_due_ms": due(sla.resolution),
        ":first_responded_ms": sla.first_responded_ms,
        ":resolved_ms": sla.resolved_ms,
        ":alarm_at_ms": sla.alarm_at_ms,
        ":created_at_ms": ticket.created_at_ms,
        ":updated_at_ms": ticket.updated_at_ms,
    };
    run_named(s, &format!("UPDATE tickets SET {SET} WHERE tenant = :tenant AND id = :id"), values)
}

pub(crate) fn ticket_id(text: &str) -> Result<TicketId, Fault> {
    TicketId::parse(text).map_err(|_| damaged("a ticket id"))
}

pub(super) fn ticket(row: &Row<'_>) -> Result<Ticket, Fault> {
    let conversation_id = ConversationId::parse(row.get_ref(2)?.as_str()?);
    Ok(Ticket {
        id: ticket_id(row.get_ref(0)?.as_str()?)?,
        number: TicketNumber(count(row.get(1)?)?),
        conversation_id: conversation_id.map_err(|_| damaged("a conversation id"))?,
        customer: Customer {
            id: row.get(3)?,
            tier: row.get(4)?,
            attributes: read_attributes(row.get_ref(27)?.as_str()?)?,
            is_verified: row.get(28)?,
        },
        channel: row.get(5)?,
        reason: Word::read(row.get_ref(6)?.as_str()?)?,
        queue: row.get(7)?,
        priority: priority(row.get(8)?)?,
        status: Word::read(row.get_ref(9)?.as_str()?)?,
        language: language(row.get_ref(10)?.as_str()?)?,
        subject: row.get(11)?,
        assignee: row.get(12)?,
        signals: TicketSignals {
            problem: row.get(13)?,
            intent: row.get(14)?,
            sentiment: sentiment(row.get(15)?, row.get(16)?)?,
        },
        waiting_since_ms: row.get(17)?,
        sla: TicketSla {
            first_response: target(row.get(18)?, row.get(19)?),
            resolution: target(row.get(20)?, row.get(21)?),
            first_responded_ms: row.get(22)?,
            resolved_ms: row.get(23)?,
            alarm_at_ms: row.get(24)?,
        },
        created_at_ms: row.get(25)?,
        updated_at_ms: row.get(26)?,
    })
}

fn select(rest: &str) -> String {
    format!("SELECT {COLUMNS} FROM tickets WHERE tenant = ?1 AND {rest}")
}

fn run_named(s: &Session<'_>, statement: &str, values: impl Params) -> Result<(), Fault> {
    s.run(statement, values)?;
    Ok(())
}

fn number(number: TicketNumber) -> Result<i64, Fault> {
    i64::try_from(number.0).map_err(|_| damaged("a ticket number"))
}

fn target(warn_ms: Option<i64>, due_ms: Option<i64>) -> Option<SlaTarget> {
    Some(SlaTarget { warn_ms: warn_ms?, due_ms: due_ms? })
}

fn sentiment(now: Option<i8>, trend: Option<String>) -> Result<Option<Sentiment>, Fault> {
    let (Some(now_percent), Some(trend)) = (now, trend) else { return Ok(None) };
    Ok(Some(Sentiment { now_percent, trend: Word::read(&trend)? }))
}
