use async_trait::async_trait;

use super::{Page, PageRequest};
use crate::error::RecordsError;
use crate::lesson::Lesson;
use crate::scope::Scope;
use crate::ticket::Ticket;

/// A ticket that is done, with what was noted when it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedTicket {
    /// The ticket.
    pub ticket: Ticket,
    /// The note of whoever resolved it last.
    pub note: Option<String>,
}

/// What the desk has learned: earlier tickets, and pairs taught from them. Agents and above.
#[async_trait]
pub trait LessonRecords: Send + Sync {
    /// At most `limit` resolved tickets, last changed first.
    async fn resolved_tickets(
        &self,
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<ResolvedTicket>, RecordsError>;

    /// Keeps a lesson; one from the same ticket for the same document is replaced.
    /// [`RecordsError::NotFound`] when there is no such ticket.
    async fn add_lesson(&self, scope: &Scope, lesson: &Lesson) -> Result<(), RecordsError>;

    /// Lessons, newest first.
    async fn lessons(
        &self,
        scope: &Scope,
        page: &PageRequest,
    ) -> Result<Page<Lesson>, RecordsError>;
}
