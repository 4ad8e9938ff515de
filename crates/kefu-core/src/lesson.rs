//! What people at the desk teach: reviewed pairs with where they come from.

use crate::ids::{DocumentId, LessonId, TicketId};
use crate::language::Language;

/// A question and answer that somebody taught from a ticket. The pair itself is a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// Identity.
    pub id: LessonId,
    /// The ticket it was taught from.
    pub ticket_id: TicketId,
    /// Who taught it.
    pub agent: String,
    /// The question, as customers ask it.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// Language of both.
    pub language: Language,
    /// The document that holds the pair.
    pub document_id: DocumentId,
    /// When, milliseconds since the epoch, UTC.
    pub at_ms: i64,
}
