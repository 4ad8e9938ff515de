//! Conversations under the names that other programs know them by.

use async_trait::async_trait;
use kefu_core::ports::{CLAIM_TIMEOUT_MS, Claim, Link, LinkRecords};
use kefu_core::{ConversationId, RecordsError, Scope};
use rusqlite::{Connection, Row, params};

use crate::SqliteRecords;
use crate::fault::{Fault, damaged};

#[async_trait]
impl LinkRecords for SqliteRecords {
    async fn link(
        &self,
        scope: &Scope,
        place: &str,
        key: &str,
    ) -> Result<Option<Link>, RecordsError> {
        let (place, key) = (place.to_owned(), key.to_owned());
        self.read(scope, move |s| {
            s.one(
                "SELECT place, key, conversation_id, at_ms FROM links
                WHERE tenant = ?1 AND place = ?2 AND key = ?3",
                params![s.tenant(), place, key],
                link,
            )
        })
        .await
    }

    async fn link_of(
        &self,
        scope: &Scope,
        place: &str,
        id: &ConversationId,
    ) -> Result<Option<Link>, RecordsError> {
        let (place, id) = (place.to_owned(), id.clone());
        self.read(scope, move |s| {
            s.one(
                "SELECT place, key, conversation_id, at_ms FROM links
                WHERE tenant = ?1 AND conversation_id = ?2 AND substr(place, 1, length(?3)) = ?3
                ORDER BY at_ms DESC, place, key LIMIT 1",
                params![s.tenant(), id.as_str(), place],
                link,
            )
        })
        .await
    }

    async fn set_link(&self, scope: &Scope, link: &Link) -> Result<(), RecordsError> {
        let link = link.clone();
        self.write(scope, move |s| {
            s.run(
                "INSERT INTO links (tenant, place, key, conversation_id, at_ms)
                VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT DO UPDATE SET conversation_id = excluded.conversation_id,
                    at_ms = excluded.at_ms",
                params![
                    s.tenant(),
                    link.place,
                    link.key,
                    link.conversation_id.as_str(),
                    link.at_ms
                ],
            )?;
            Ok(())
        })
        .await
    }

    async fn latest_conversation_of(
        &self,
        scope: &Scope,
        customer_id: &str,
    ) -> Result<Option<ConversationId>, RecordsError> {
        let customer_id = customer_id.to_owned();
        self.read(scope, move |s| {
            s.one(
                "SELECT id FROM conversations WHERE tenant = ?1 AND customer_id = ?2
                    AND customer_verified = 1
                ORDER BY created_at_ms DESC, id DESC LIMIT 1",
                params![s.tenant(), customer_id],
                |row| conversation_id(row.get_ref(0)?.as_str()?),
            )
        })
        .await
    }

    async fn claim_message(
        &self,
        scope: &Scope,
        place: &str,
        message_id: &str,
    ) -> Result<Claim, RecordsError> {
        let (place, message_id) = (place.to_owned(), message_id.to_owned());
        self.write(scope, move |s| {
            let n_changed = s.run(
                "INSERT INTO inbound (tenant, place, message_id, claimed_at_ms, done)
                VALUES (?1, ?2, ?3, ?4, 0)
                ON CONFLICT DO UPDATE SET claimed_at_ms = excluded.claimed_at_ms
                WHERE done = 0 AND claimed_at_ms <= ?5",
                params![s.tenant(), place, message_id, s.now_ms, s.now_ms - CLAIM_TIMEOUT_MS],
            )?;
            if n_changed > 0 {
                return Ok(Claim::New);
            }
            let is_done = s.one(
                "SELECT done FROM inbound WHERE tenant = ?1 AND place = ?2 AND message_id = ?3",
                params![s.tenant(), place, message_id],
                |row| Ok(row.get::<_, bool>(0)?),
            )?;
            Ok(if is_done == Some(true) { Claim::Done } else { Claim::Busy })
        })
        .await
    }

    async fn settle_message(
        &self,
        scope: &Scope,
        place: &str,
        message_id: &str,
        done: bool,
    ) -> Result<(), RecordsError> {
        let (place, message_id) = (place.to_owned(), message_id.to_owned());
        self.write(scope, move |s| {
            let statement = if done {
                "UPDATE inbound SET done = 1
                WHERE tenant = ?1 AND place = ?2 AND message_id = ?3"
            } else {
                "DELETE FROM inbound
                WHERE tenant = ?1 AND place = ?2 AND message_id = ?3 AND done = 0"
            };
            s.run(statement, params![s.tenant(), place, message_id])?;
            Ok(())
        })
        .await
    }

    async fn forget_messages(&self, scope: &Scope, before_ms: i64) -> Result<usize, RecordsError> {
        self.write(scope, move |s| {
            s.run(
                "DELETE FROM inbound WHERE tenant = ?1 AND claimed_at_ms < ?2",
                params![s.tenant(), before_ms],
            )
        })
        .await
    }
}

/// Frees what a process before this one began and did not finish. Nobody else has the file open, so
/// whoever began it has ended.
pub(crate) fn free_claims(connection: &Connection) -> Result<usize, Fault> {
    Ok(connection.execute("DELETE FROM inbound WHERE done = 0", [])?)
}

fn link(row: &Row<'_>) -> Result<Link, Fault> {
    Ok(Link {
        place: row.get(0)?,
        key: row.get(1)?,
        conversation_id: conversation_id(row.get_ref(2)?.as_str()?)?,
        at_ms: row.get(3)?,
    })
}

fn conversation_id(text: &str) -> Result<ConversationId, Fault> {
    ConversationId::parse(text).map_err(|_| damaged("a conversation id"))
}
