//! Conversations and turns.

use async_trait::async_trait;
use kefu_core::ports::{
    AskedBefore, Change, Committed, ConversationRecords, Exchange, KEEP_KEYS_MS, NUMBER_HERE,
};
use kefu_core::{
    AnswerId, Conversation, ConversationId, ConversationState, Customer, DeskEvent, OpenHandOver,
    RecordsError, Scope, Speaker, Ticket, TicketId, TicketNumber, Turn, TurnId,
};
use rusqlite::{Row, params};

use crate::blob::{attributes, int, language, read_attributes};
use crate::fault::{Fault, conflict, damaged, invalid, not_found};
use crate::session::Session;
use crate::tickets::Logged;
use crate::words::Word;
use crate::{SqliteRecords, answers, outbox, tickets};

#[async_trait]
impl ConversationRecords for SqliteRecords {
    async fn conversation(
        &self,
        scope: &Scope,
        id: &ConversationId,
    ) -> Result<Conversation, RecordsError> {
        let id = id.clone();
        self.read(scope, move |s| read(s, &id)?.ok_or_else(|| not_found("conversation", &id))).await
    }

    async fn turns(
        &self,
        scope: &Scope,
        id: &ConversationId,
        limit: usize,
    ) -> Result<Vec<Turn>, RecordsError> {
        let id = id.clone();
        self.read(scope, move |s| turns(s, &id, limit)).await
    }

    async fn open_hand_over(
        &self,
        scope: &Scope,
        id: &ConversationId,
    ) -> Result<Option<OpenHandOver>, RecordsError> {
        let id = id.clone();
        let open = self.read(scope, move |s| tickets::open(s, &id)).await?;
        Ok(open.as_ref().map(OpenHandOver::from))
    }

    async fn asked_before(
        &self,
        scope: &Scope,
        key: &str,
    ) -> Result<Option<AskedBefore>, RecordsError> {
        let key = key.to_owned();
        self.read(scope, move |s| asked_before(s, &key)).await
    }

    async fn commit_exchange(
        &self,
        scope: &Scope,
        exchange: &Exchange,
    ) -> Result<Committed, RecordsError> {
        let exchange = exchange.clone();
        self.write_watched(scope, move |s| commit(s, exchange)).await
    }
}

fn commit(s: &Session<'_>, mut exchange: Exchange) -> Result<(Committed, Vec<Change>), Fault> {
    let id = &exchange.conversation.id;
    let strays = exchange.answer.as_ref().is_some_and(|a| &a.conversation_id != id)
        || exchange.ticket.as_ref().is_some_and(|t| &t.conversation_id != id);
    if strays {
        return Err(invalid("answer and ticket must belong to the exchange's conversation"));
    }
    let open = tickets::open(s, id)?;
    if let (Some(open), Some(_)) = (&open, &exchange.ticket) {
        return Err(conflict(format!("conversation {id} has open ticket {}", open.id)));
    }
    let is_unanswered = exchange.ticket.is_none() && exchange.answer.is_none();
    if is_unanswered && open.is_none() && exchange.conversation.ticket_id.is_some() {
        return Err(conflict(format!("no person has conversation {id} any more")));
    }
    if let Some(ticket) = &mut exchange.ticket {
        ticket.number = tickets::next_number(s)?;
        let number = ticket.number;
        write_number(&mut exchange, number);
    }
    let mut events = DeskEvent::of_exchange(&exchange);
    let Exchange { conversation, turns, answer, ticket, urgency, key } = exchange;
    let id = &conversation.id;
    // Once a ticket exists the desk decides who answers next, so an exchange that began before
    // the desk's last step must not undo it.
    let overtaken = ticket.is_none() && (open.is_some() || conversation.ticket_id.is_some());
    write(s, &conversation, overtaken)?;
    for turn in &turns {
        add_turn(s, id, turn)?;
    }
    if let Some(answer) = &answer {
        answers::insert(s, answer)?;
    }
    if let Some(ticket) = &ticket {
        tickets::insert(s, ticket)?;
    }
    if let Some(key) = &key {
        keep_key(s, key, (id, answer.as_ref().map(|answer| &answer.id)))?;
    }
    let number = ticket.as_ref().map(|ticket| ticket.number);
    let hear = |open: &Ticket| open.clone().heard(&conversation, &turns, urgency.as_ref());
    let heard = open.as_ref().map(hear);
    if let (Some(open), Some(heard)) = (&open, &heard) {
        tickets::rewrite(s, heard)?;
        if let Some(moved) = DeskEvent::of_hearing(open, heard) {
            let note = Some(Ticket::MOVED);
            let logged = Logged { action: "transfer", actor: None, note, key: None };
            tickets::log_step(s, heard, &logged)?;
            events.push(moved);
        }
    }
    let changed = ticket.or(heard);
    let state = if overtaken { state(s, id)? } else { conversation.state };
    let mut changes = vec![Change::Conversation {
        id: id.clone(),
        state,
        hand_over: changed.as_ref().map(OpenHandOver::from),
        turns,
    }];
    changes.extend(changed.map(|ticket| Change::Ticket(Box::new(ticket))));
    outbox::keep(s, &events)?;
    Ok((Committed { number }, changes))
}

fn asked_before(s: &Session<'_>, key: &str) -> Result<Option<AskedBefore>, Fault> {
    s.one(
        "SELECT conversation_id, answer_id FROM asked
        WHERE tenant = ?1 AND key = ?2 AND at_ms > ?3",
        params![s.tenant(), key, s.now_ms - KEEP_KEYS_MS],
        |row| {
            let answer_id: Option<String> = row.get(1)?;
            Ok(AskedBefore {
                conversation_id: ConversationId::parse(row.get_ref(0)?.as_str()?)
                    .map_err(|_| damaged("a conversation id"))?,
                answer_id: answer_id.as_deref().map(answers::answer_id).transpose()?,
            })
        },
    )
}

fn keep_key(
    s: &Session<'_>,
    key: &str,
    (id, answer_id): (&ConversationId, Option<&AnswerId>),
) -> Result<(), Fault> {
    let oldest = s.now_ms - KEEP_KEYS_MS;
    s.run("DELETE FROM asked WHERE tenant = ?1 AND at_ms <= ?2", params![s.tenant(), oldest])?;
    s.run(
        "INSERT INTO asked (tenant, key, conversation_id, answer_id, at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        params![s.tenant(), key, id.as_str(), answer_id.map(AnswerId::as_str), s.now_ms],
    )?;
    Ok(())
}

/// Puts the number of a new ticket where the hand-over's text has left room for it.
fn write_number(exchange: &mut Exchange, number: TicketNumber) {
    let number = number.to_string();
    let is_own = |turn: &&mut Turn| turn.speaker == Speaker::Assistant && turn.answer_id.is_some();
    for turn in exchange.turns.iter_mut().filter(is_own) {
        turn.text = turn.text.replace(NUMBER_HERE, &number);
    }
    if let Some(answer) = &mut exchange.answer {
        answer.answer = answer.answer.replace(NUMBER_HERE, &number);
    }
}

fn state(s: &Session<'_>, id: &ConversationId) -> Result<ConversationState, Fault> {
    Ok(read(s, id)?.ok_or_else(|| not_found("conversation", id))?.state)
}

/// Writes a conversation; one that is there keeps its beginning and, when `overtaken`, its state
/// and ticket.
fn write(s: &Session<'_>, conversation: &Conversation, overtaken: bool) -> Result<(), Fault> {
    s.run(
        "INSERT INTO conversations
            (tenant, id, customer_id, channel, language, state, ticket_id, n_failures,
            created_at_ms, customer_tier, customer_attributes, customer_verified)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?11, ?12, ?13)
        ON CONFLICT DO UPDATE SET customer_id = excluded.customer_id, channel = excluded.channel,
            language = excluded.language, n_failures = excluded.n_failures,
            customer_tier = excluded.customer_tier,
            customer_attributes = excluded.customer_attributes,
            customer_verified = excluded.customer_verified,
            state = iif(?10, state, excluded.state),
            ticket_id = iif(?10, ticket_id, excluded.ticket_id)",
        params![
            s.tenant(),
            conversation.id.as_str(),
            conversation.customer.id,
            conversation.channel,
            conversation.language.code(),
            conversation.state.word(),
            conversation.ticket_id.as_ref().map(TicketId::as_str),
            conversation.n_failures,
            conversation.created_at_ms,
            overtaken,
            conversation.customer.tier,
            attributes(&conversation.customer.attributes)?,
            conversation.customer.is_verified
        ],
    )?;
    Ok(())
}

pub(crate) fn add_turn(s: &Session<'_>, id: &ConversationId, turn: &Turn) -> Result<(), Fault> {
    s.run(
        "INSERT INTO turns (tenant, conversation_id, id, speaker, text, at_ms, answer_id, agent)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            s.tenant(),
            id.as_str(),
            turn.id.as_str(),
            turn.speaker.word(),
            turn.text,
            turn.at_ms,
            turn.answer_id.as_ref().map(AnswerId::as_str),
            turn.agent
        ],
    )?;
    Ok(())
}

fn read(s: &Session<'_>, id: &ConversationId) -> Result<Option<Conversation>, Fault> {
    s.one(
        "SELECT customer_id, channel, language, state, ticket_id, n_failures, created_at_ms,
            customer_tier, customer_attributes, customer_verified
        FROM conversations WHERE tenant = ?1 AND id = ?2",
        params![s.tenant(), id.as_str()],
        |row| {
            let ticket_id: Option<String> = row.get(4)?;
            Ok(Conversation {
                id: id.clone(),
                customer: Customer {
                    id: row.get(0)?,
                    tier: row.get(7)?,
                    attributes: read_attributes(row.get_ref(8)?.as_str()?)?,
                    is_verified: row.get(9)?,
                },
                channel: row.get(1)?,
                language: language(row.get_ref(2)?.as_str()?)?,
                state: Word::read(row.get_ref(3)?.as_str()?)?,
                ticket_id: ticket_id.as_deref().map(tickets::ticket_id).transpose()?,
                n_failures: row.get(5)?,
                created_at_ms: row.get(6)?,
            })
        },
    )
}

fn turns(s: &Session<'_>, id: &ConversationId, limit: usize) -> Result<Vec<Turn>, Fault> {
    let mut turns = s.all(
        "SELECT id, speaker, text, at_ms, answer_id, agent FROM turns
        WHERE tenant = ?1 AND conversation_id = ?2 ORDER BY seq DESC LIMIT ?3",
        params![s.tenant(), id.as_str(), int(limit)],
        turn,
    )?;
    if turns.is_empty() && read(s, id)?.is_none() {
        return Err(not_found("conversation", id));
    }
    turns.reverse();
    Ok(turns)
}

fn turn(row: &Row<'_>) -> Result<Turn, Fault> {
    let answer_id: Option<String> = row.get(4)?;
    Ok(Turn {
        id: TurnId::parse(row.get_ref(0)?.as_str()?).map_err(|_| damaged("a turn id"))?,
        speaker: Word::read(row.get_ref(1)?.as_str()?)?,
        agent: row.get(5)?,
        text: row.get(2)?,
        at_ms: row.get(3)?,
        answer_id: answer_id.as_deref().map(answers::answer_id).transpose()?,
    })
}
