use std::cmp::Reverse;

use async_trait::async_trait;
use kefu_core::ports::{LessonRecords, Page, PageRequest, ResolvedTicket};
use kefu_core::{Lesson, RecordsError, Role, Scope, Ticket, TicketStatus};

use super::{MemoryRecords, invalid, not_found, place, require};

const LEARNING: &str = "read what the desk has learned";

#[async_trait]
impl LessonRecords for MemoryRecords {
    async fn resolved_tickets(
        &self,
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<ResolvedTicket>, RecordsError> {
        require(scope, Role::Agent, LEARNING)?;
        self.read(scope, |tenant| {
            let tickets = tenant.desk.tickets.values();
            let mut found: Vec<&Ticket> =
                tickets.filter(|t| t.status == TicketStatus::Resolved).collect();
            found.sort_by_key(|t| Reverse((t.updated_at_ms, t.id.clone())));
            let noted = found.into_iter().take(limit).map(|ticket| ResolvedTicket {
                ticket: ticket.clone(),
                note: tenant.desk.notes.get(&ticket.id).cloned(),
            });
            Ok(noted.collect())
        })
    }

    async fn add_lesson(&self, scope: &Scope, lesson: &Lesson) -> Result<(), RecordsError> {
        require(scope, Role::Agent, "teach")?;
        self.write(scope, |tenant, _| {
            if !tenant.desk.tickets.contains_key(&lesson.ticket_id) {
                return Err(not_found("ticket", &lesson.ticket_id));
            }
            tenant.lessons.retain(|known| {
                known.ticket_id != lesson.ticket_id || known.document_id != lesson.document_id
            });
            tenant.lessons.push(lesson.clone());
            Ok(())
        })
    }

    async fn lessons(
        &self,
        scope: &Scope,
        page: &PageRequest,
    ) -> Result<Page<Lesson>, RecordsError> {
        require(scope, Role::Agent, LEARNING)?;
        let before = place(page, "lessons")?;
        self.read(scope, |tenant| {
            let all = &tenant.lessons;
            let end = match before {
                Some(id) => all
                    .iter()
                    .position(|lesson| lesson.id.as_str() == id)
                    .ok_or_else(|| invalid("cursor is not of this list"))?,
                None => all.len(),
            };
            let mut items: Vec<Lesson> = all[..end].iter().rev().cloned().collect();
            let more = items.len() > page.limit;
            items.truncate(page.limit);
            let last = items.last().filter(|_| more);
            Ok(Page { next_cursor: last.map(|lesson| format!("lessons:{}", lesson.id)), items })
        })
    }
}
