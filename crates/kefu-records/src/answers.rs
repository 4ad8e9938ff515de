//! Answer records.

mod body;

use async_trait::async_trait;
use kefu_core::ports::AnswerRecords;
use kefu_core::{
    AnswerId, AnswerRecord, Confidence, ConversationId, RecordsError, ReleaseNo, Scope, TicketId,
};
use rusqlite::{Row, params};

use self::body::Body;
use crate::SqliteRecords;
use crate::blob::language;
use crate::fault::{Fault, damaged, not_found};
use crate::session::Session;
use crate::tickets::ticket_id;
use crate::words::Word;

#[async_trait]
impl AnswerRecords for SqliteRecords {
    async fn answer(&self, scope: &Scope, id: &AnswerId) -> Result<AnswerRecord, RecordsError> {
        let id = id.clone();
        self.read(scope, move |s| read(s, &id)?.ok_or_else(|| not_found("answer", &id))).await
    }
}

pub(crate) fn insert(s: &Session<'_>, record: &AnswerRecord) -> Result<(), Fault> {
    let escalated_to = record.escalation.as_ref().map(|(ticket, _)| ticket.as_str());
    s.run(
        "INSERT INTO answers
            (tenant, id, conversation_id, language, release, outcome, lane, reason, confidence,
            ticket_id, at_ms, consent, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        params![
            s.tenant(),
            record.id.as_str(),
            record.conversation_id.as_str(),
            record.language.code(),
            record.release.0,
            record.outcome.word(),
            record.lane.word(),
            record.reason.map(Word::word),
            record.confidence.value,
            escalated_to,
            record.at_ms,
            record.consent,
            serde_json::to_string(&Body::of(record))?
        ],
    )?;
    Ok(())
}

pub(crate) fn exists(s: &Session<'_>, id: &AnswerId) -> Result<bool, Fault> {
    let found = s.one(
        "SELECT 1 FROM answers WHERE tenant = ?1 AND id = ?2",
        params![s.tenant(), id.as_str()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

pub(crate) fn answer_id(text: &str) -> Result<AnswerId, Fault> {
    AnswerId::parse(text).map_err(|_| damaged("an answer id"))
}

fn read(s: &Session<'_>, id: &AnswerId) -> Result<Option<AnswerRecord>, Fault> {
    s.one(
        "SELECT conversation_id, language, release, outcome, lane, reason, confidence, ticket_id,
            at_ms, consent, body
        FROM answers WHERE tenant = ?1 AND id = ?2",
        params![s.tenant(), id.as_str()],
        |row| record(id, row),
    )
}

fn record(id: &AnswerId, row: &Row<'_>) -> Result<AnswerRecord, Fault> {
    let body: Body = serde_json::from_str(row.get_ref(10)?.as_str()?)?;
    let conversation_id = ConversationId::parse(row.get_ref(0)?.as_str()?);
    let reason: Option<String> = row.get(5)?;
    let escalated_to: Option<TicketId> =
        row.get::<_, Option<String>>(7)?.as_deref().map(ticket_id).transpose()?;
    Ok(AnswerRecord {
        id: id.clone(),
        conversation_id: conversation_id.map_err(|_| damaged("a conversation id"))?,
        language: language(row.get_ref(1)?.as_str()?)?,
        release: ReleaseNo(row.get(2)?),
        outcome: Word::read(row.get_ref(3)?.as_str()?)?,
        lane: Word::read(row.get_ref(4)?.as_str()?)?,
        reason: reason.as_deref().map(Word::read).transpose()?,
        confidence: Confidence {
            // SQLite keeps NaN as null.
            value: row.get::<_, Option<f32>>(6)?.unwrap_or(f32::NAN),
            calibrated: body.calibrated,
            threshold: body.threshold,
        },
        escalation: match (escalated_to, &body.escalation_reason) {
            (Some(ticket), Some(reason)) => Some((ticket, Word::read(reason)?)),
            _ => None,
        },
        at_ms: row.get(8)?,
        consent: row.get(9)?,
        citations: body.citations()?,
        options: body.options()?,
        passages: body.passages()?,
        timings: body.timings(),
        question: body.question,
        rewritten: body.rewritten,
        answer: body.answer,
        conflicting: body.conflicting,
        features: body.features.into_iter().map(|(name, value)| (name, value.0)).collect(),
        embedder: body.embedder,
        generator: body.generator,
        pipeline: body.pipeline,
    })
}
