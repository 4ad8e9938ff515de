//! Feedback.

use async_trait::async_trait;
use kefu_core::ports::{Feedback, FeedbackRecords};
use kefu_core::{AnswerId, FeedbackId, RecordsError, Scope};
use rusqlite::params;

use crate::fault::{Fault, damaged, invalid, not_found};
use crate::session::Session;
use crate::{SqliteRecords, answers};

const MAX_COMMENT_BYTES: usize = 4_000;

#[async_trait]
impl FeedbackRecords for SqliteRecords {
    async fn add_feedback(&self, scope: &Scope, feedback: &Feedback) -> Result<(), RecordsError> {
        let feedback = feedback.clone();
        self.write(scope, move |s| add(s, &feedback)).await
    }

    async fn feedback(
        &self,
        scope: &Scope,
        answer_id: &AnswerId,
    ) -> Result<Vec<Feedback>, RecordsError> {
        let answer_id = answer_id.clone();
        self.read(scope, move |s| list(s, &answer_id)).await
    }
}

fn add(s: &Session<'_>, feedback: &Feedback) -> Result<(), Fault> {
    if feedback.rating.is_some_and(|rating| !(1..=5).contains(&rating)) {
        return Err(invalid("rating must be 1 to 5"));
    }
    if feedback.comment.as_ref().is_some_and(|comment| comment.len() > MAX_COMMENT_BYTES) {
        return Err(invalid(format!("comment must be at most {MAX_COMMENT_BYTES} bytes")));
    }
    if !answers::exists(s, &feedback.answer_id)? {
        return Err(not_found("answer", &feedback.answer_id));
    }
    s.run(
        "INSERT INTO feedback
            (tenant, id, answer_id, rating, thumbs_up, reason, comment, at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            s.tenant(),
            feedback.id.as_str(),
            feedback.answer_id.as_str(),
            feedback.rating,
            feedback.thumbs_up,
            feedback.reason,
            feedback.comment,
            feedback.at_ms
        ],
    )?;
    Ok(())
}

fn list(s: &Session<'_>, answer_id: &AnswerId) -> Result<Vec<Feedback>, Fault> {
    s.all(
        "SELECT id, rating, thumbs_up, reason, comment, at_ms FROM feedback
        WHERE tenant = ?1 AND answer_id = ?2 ORDER BY seq",
        params![s.tenant(), answer_id.as_str()],
        |row| {
            let id = FeedbackId::parse(row.get_ref(0)?.as_str()?);
            Ok(Feedback {
                id: id.map_err(|_| damaged("a feedback id"))?,
                answer_id: answer_id.clone(),
                rating: row.get(1)?,
                thumbs_up: row.get(2)?,
                reason: row.get(3)?,
                comment: row.get(4)?,
                at_ms: row.get(5)?,
            })
        },
    )
}
