//! Forgetting a customer.

use async_trait::async_trait;
use kefu_core::ports::{Change, CustomerRecords, Erased};
use kefu_core::{
    ConversationId, ConversationState, Customer, RecordsError, Role, Scope, Ticket, TicketSignals,
    TicketStatus,
};
use rusqlite::params;

use crate::SqliteRecords;
use crate::access::require;
use crate::fault::{Fault, damaged};
use crate::session::Session;
use crate::tickets::{self, Logged};

#[async_trait]
impl CustomerRecords for SqliteRecords {
    async fn erase_customer(
        &self,
        scope: &Scope,
        customer_id: &str,
    ) -> Result<Erased, RecordsError> {
        require(scope, Role::Operator, "erase customers")?;
        let customer_id = customer_id.to_owned();
        let erased = self.write_watched(scope, move |s| erase(s, &customer_id)).await?;
        if let Err(error) = self.fold().await {
            // They are erased; the WAL is emptied at its next turn or when the process ends.
            tracing::error!(%error, "erased words may be in the WAL for a while");
        }
        Ok(erased)
    }
}

fn erase(s: &Session<'_>, customer_id: &str) -> Result<(Erased, Vec<Change>), Fault> {
    let conversations = s.all(
        "SELECT id FROM conversations WHERE tenant = ?1 AND customer_id = ?2",
        params![s.tenant(), customer_id],
        |row| {
            let id = ConversationId::parse(row.get_ref(0)?.as_str()?);
            id.map_err(|_| damaged("a conversation id"))
        },
    )?;
    let mut erased = Erased { n_conversations: conversations.len(), ..Erased::default() };
    let mut changes = Vec::new();
    for id in conversations {
        let one = params![s.tenant(), id.as_str()];
        s.run(
            "DELETE FROM feedback WHERE tenant = ?1 AND answer_id IN
                (SELECT id FROM answers WHERE tenant = ?1 AND conversation_id = ?2)",
            one,
        )?;
        erased.n_answers +=
            s.run("DELETE FROM answers WHERE tenant = ?1 AND conversation_id = ?2", one)?;
        erased.n_turns +=
            s.run("DELETE FROM turns WHERE tenant = ?1 AND conversation_id = ?2", one)?;
        s.run("DELETE FROM asked WHERE tenant = ?1 AND conversation_id = ?2", one)?;
        s.run("DELETE FROM links WHERE tenant = ?1 AND conversation_id = ?2", one)?;
        for ticket in tickets::of_conversation(s, &id)? {
            let ticket = forget(s, ticket)?;
            erased.n_tickets += 1;
            changes.push(Change::Ticket(Box::new(ticket)));
        }
        s.run(
            "UPDATE conversations SET customer_id = NULL, customer_tier = NULL,
                customer_attributes = '{}', customer_verified = 0, state = 'closed', ticket_id = NULL
            WHERE tenant = ?1 AND id = ?2",
            one,
        )?;
        let (state, turns) = (ConversationState::Closed, Vec::new());
        changes.push(Change::Conversation { id, state, hand_over: None, turns });
    }
    Ok((erased, changes))
}

fn forget(s: &Session<'_>, ticket: Ticket) -> Result<Ticket, Fault> {
    let updated_at_ms = s.now_ms.max(ticket.updated_at_ms);
    let mut ticket = Ticket {
        customer: Customer::default(),
        subject: String::new(),
        signals: TicketSignals::default(),
        waiting_since_ms: None,
        status: TicketStatus::Resolved,
        updated_at_ms,
        ..ticket
    };
    ticket.sla.resolved_ms = ticket.sla.resolved_ms.or(Some(updated_at_ms));
    ticket.sla.alarm_at_ms = None;
    tickets::rewrite(s, &ticket)?;
    s.run(
        "UPDATE ticket_steps SET note = NULL, client_fingerprint = NULL
        WHERE tenant = ?1 AND ticket_id = ?2",
        params![s.tenant(), ticket.id.as_str()],
    )?;
    tickets::log_step(
        s,
        &ticket,
        &Logged { action: Ticket::ERASED, actor: None, note: None, key: None },
    )?;
    Ok(ticket)
}
