//! What the desk has learned.

use async_trait::async_trait;
use kefu_core::ports::{LessonRecords, Page, PageRequest, ResolvedTicket};
use kefu_core::{DocumentId, Lesson, LessonId, RecordsError, Role, Scope};
use rusqlite::{Row, params};

use crate::access::{check_limit, require};
use crate::blob::{int, language};
use crate::fault::{Fault, damaged, not_found};
use crate::session::Session;
use crate::tickets::{self, ticket_id};
use crate::{SqliteRecords, cursor};

const LEARNING: &str = "read what the desk has learned";
const LISTING: &str = "lessons";

#[async_trait]
impl LessonRecords for SqliteRecords {
    async fn resolved_tickets(
        &self,
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<ResolvedTicket>, RecordsError> {
        require(scope, Role::Agent, LEARNING)?;
        self.read(scope, move |s| resolved(s, limit)).await
    }

    async fn add_lesson(&self, scope: &Scope, lesson: &Lesson) -> Result<(), RecordsError> {
        require(scope, Role::Agent, "teach")?;
        let lesson = lesson.clone();
        self.write(scope, move |s| add(s, &lesson)).await
    }

    async fn lessons(
        &self,
        scope: &Scope,
        page: &PageRequest,
    ) -> Result<Page<Lesson>, RecordsError> {
        require(scope, Role::Agent, LEARNING)?;
        let page = page.clone();
        self.read(scope, move |s| list(s, &page)).await
    }
}

fn resolved(s: &Session<'_>, limit: usize) -> Result<Vec<ResolvedTicket>, Fault> {
    let ids = s.all(
        "SELECT id, (
            SELECT note FROM ticket_steps AS step
            WHERE step.tenant = ?1 AND step.ticket_id = tickets.id AND note IS NOT NULL
            ORDER BY seq DESC LIMIT 1)
        FROM tickets WHERE tenant = ?1 AND status = 'resolved'
        ORDER BY updated_at_ms DESC, id DESC LIMIT ?2",
        params![s.tenant(), int(limit)],
        |row| Ok((ticket_id(row.get_ref(0)?.as_str()?)?, row.get::<_, Option<String>>(1)?)),
    )?;
    let mut found = Vec::with_capacity(ids.len());
    for (id, note) in ids {
        let ticket = tickets::read(s, &id)?.ok_or_else(|| not_found("ticket", &id))?;
        found.push(ResolvedTicket { ticket, note });
    }
    Ok(found)
}

fn add(s: &Session<'_>, lesson: &Lesson) -> Result<(), Fault> {
    if tickets::read(s, &lesson.ticket_id)?.is_none() {
        return Err(not_found("ticket", &lesson.ticket_id));
    }
    s.run(
        "DELETE FROM lessons WHERE tenant = ?1 AND ticket_id = ?2 AND document_id = ?3",
        params![s.tenant(), lesson.ticket_id.as_str(), lesson.document_id.as_str()],
    )?;
    s.run(
        "INSERT INTO lessons
            (tenant, id, ticket_id, agent, question, answer, language, document_id, at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            s.tenant(),
            lesson.id.as_str(),
            lesson.ticket_id.as_str(),
            lesson.agent,
            lesson.question,
            lesson.answer,
            lesson.language.code(),
            lesson.document_id.as_str(),
            lesson.at_ms
        ],
    )?;
    Ok(())
}

fn list(s: &Session<'_>, page: &PageRequest) -> Result<Page<Lesson>, Fault> {
    check_limit(page)?;
    let before = match &page.cursor {
        Some(cursor) => {
            let place = cursor::read(LISTING, cursor)?;
            place.parse::<i64>().map_err(|_| cursor::not_ours(LISTING))?
        }
        None => i64::MAX,
    };
    let mut rows = s.all(
        "SELECT id, ticket_id, agent, question, answer, language, document_id, at_ms, seq
        FROM lessons WHERE tenant = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3",
        params![s.tenant(), before, int(page.limit + 1)],
        |row| Ok((row.get::<_, i64>(8)?, lesson(row)?)),
    )?;
    let more = rows.len() > page.limit;
    rows.truncate(page.limit);
    let last = rows.last().filter(|_| more).map(|(seq, _)| *seq);
    let next_cursor = last.map(|seq| cursor::write(LISTING, &seq.to_string()));
    Ok(Page { items: rows.into_iter().map(|(_, item)| item).collect(), next_cursor })
}

fn lesson(row: &Row<'_>) -> Result<Lesson, Fault> {
    let document_id = DocumentId::new(row.get::<_, String>(6)?);
    Ok(Lesson {
        id: LessonId::parse(row.get_ref(0)?.as_str()?).map_err(|_| damaged("a lesson id"))?,
        ticket_id: ticket_id(row.get_ref(1)?.as_str()?)?,
        agent: row.get(2)?,
        question: row.get(3)?,
        answer: row.get(4)?,
        language: language(row.get_ref(5)?.as_str()?)?,
        document_id: document_id.map_err(|_| damaged("a document id"))?,
        at_ms: row.get(7)?,
    })
}
