use std::path::Path;
use std::time::Duration;

use kefu_core::RecordsError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::fault::Fault;

/// Marks a SQLite file as Kefu's records ("KEFU").
const APPLICATION_ID: i32 = 0x4b45_4655;

/// The steps from an empty file to the present schema; `user_version` counts those taken.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_content.sql"),
    include_str!("../migrations/0002_desk.sql"),
    include_str!("../migrations/0003_jobs.sql"),
    include_str!("../migrations/0004_releases.sql"),
    include_str!("../migrations/0005_cleaning.sql"),
    include_str!("../migrations/0006_curation.sql"),
    include_str!("../migrations/0008_jobs.sql"),
    include_str!("../migrations/0009_awaiting.sql"),
    include_str!("../migrations/0010_overlays.sql"),
    include_str!("../migrations/0011_validity.sql"),
    include_str!("../migrations/0012_sources.sql"),
    include_str!("../migrations/0013_people.sql"),
    include_str!("../migrations/0014_outbox.sql"),
    include_str!("../migrations/0015_known_people.sql"),
    include_str!("../migrations/0016_named_steps.sql"),
];

/// Opens the connection that writes, and brings the schema up to date.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    let version = known_version(&connection)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    // FULL puts every commit on disk before it is acknowledged, so a power cut loses nothing
    // either. Measured against NORMAL, the fsync takes a commit from 0.2 ms to 0.4 ms on an idle
    // disk and to 2 to 4 ms beside compilers: little for the one commit of a question.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    // What is deleted is overwritten, so that erased words are in no file.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    configure(&connection)?;
    migrate(&mut connection, version)?;
    Ok(connection)
}

/// Opens a connection that only reads; the writer must have been opened before.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    configure(&connection)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> Result<(), Fault> {
    connection.pragma_update(None, "cache_size", -8_192)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    // Otherwise SQLite plans many cached statements anew whenever a parameter is bound, which
    // costs more than running them.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// The schema version of a file that this program may write.
fn known_version(connection: &Connection) -> Result<usize, Fault> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    let n_objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application == 0 && version == 0 && n_objects == 0 {
        return Ok(0);
    }
    if application != APPLICATION_ID {
        let detail = "the records file is a database of another program; name another file";
        return Err(RecordsError::Failed { detail: detail.to_owned() }.into());
    }
    match usize::try_from(version) {
        Ok(version) if version <= MIGRATIONS.len() => Ok(version),
        _ => Err(RecordsError::Failed {
            detail: format!(
                "the records file has schema version {version} and this kefu knows versions up \
                 to {}; run the newer kefu that wrote it or restore an older backup",
                MIGRATIONS.len()
            ),
        }
        .into()),
    }
}

fn migrate(connection: &mut Connection, from: usize) -> Result<(), Fault> {
    for (done, step) in MIGRATIONS.iter().enumerate().skip(from) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", crate::blob::int(done + 1))?;
        transaction.commit()?;
        tracing::info!(schema.version = done + 1, "records schema brought up to date");
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    /// A file of the third version with one release, and a chunk that a build has ended.
    const BEFORE: &str = "
        INSERT INTO tenants VALUES ('acme', 1, 'points', NULL, NULL);
        INSERT INTO releases VALUES ('acme', 1, 'points', 5, 1, 2);
        INSERT INTO chunks VALUES
            (1, 'acme', x'01', 'a', x'00', 1, NULL, '', 'en', 1, '[]', x'00', '', x''),
            (2, 'acme', x'02', 'a', x'00', 1, 2, '', 'en', 1, '[]', x'00', '', x''),
            (3, 'acme', x'03', 'a', x'00', 1, 1, '', 'en', 1, '[]', x'00', '', x'');
    ";

    #[test]
    fn older_files_tell_the_index_again_what_was_staged() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("records.db");
        let connection = Connection::open(&path).unwrap();
        for step in &MIGRATIONS[..3] {
            connection.execute_batch(step).unwrap();
        }
        connection.execute_batch(BEFORE).unwrap();
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        connection.pragma_update(None, "user_version", 3).unwrap();
        drop(connection);
        let connection = open_writer(&path).unwrap();
        let one =
            |query: &str| -> String { connection.query_row(query, [], |row| row.get(0)).unwrap() };
        let drifted = "SELECT group_concat(hex(chunk_id)) FROM chunks WHERE drifted = 1";
        assert_eq!(one(drifted), "02");
        assert_eq!(one("SELECT current_collection || build_base FROM tenants"), "points1");
        assert_eq!(one("SELECT state FROM releases"), "published");
    }

    /// A file without numbers: three tickets of one tenant, one of another.
    const WITHOUT_NUMBERS: &str = "
        INSERT INTO conversations VALUES
            ('acme', 'a', 'customer', 'web', 'en', 'closed', NULL, 0, 1),
            ('acme', 'b', NULL, 'api', 'en', 'queued', 't3', 0, 1),
            ('globex', 'c', NULL, 'web', 'en', 'queued', 't4', 0, 1);
        INSERT INTO tickets VALUES
            ('acme', 't1', 'a', 'loop', 'support', 2, 'resolved', 'en', '', 'mei', 7, 9),
            ('acme', 't2', 'a', 'loop', 'support', 2, 'resolved', 'en', '', 'mei', 5, 6),
            ('acme', 't3', 'b', 'loop', 'support', 2, 'open', 'en', '', NULL, 8, 8),
            ('globex', 't4', 'c', 'loop', 'support', 2, 'open', 'en', '', NULL, 8, 8);
    ";

    /// A person's two turns, one of which was written by a step of a ticket.
    const WITHOUT_NAMES: &str = "
        INSERT INTO conversations (tenant, id, channel, language, state, n_failures, created_at_ms)
            VALUES ('acme', 'a', 'web', 'en', 'closed', 0, 1);
        INSERT INTO tickets (tenant, id, conversation_id, number, reason, queue, urgency, status,
                language, subject, created_at_ms, updated_at_ms)
            VALUES ('acme', 't', 'a', 1001, 'loop', 'support', 2, 'resolved', 'en', '', 1, 9);
        INSERT INTO ticket_steps (tenant, ticket_id, status, at_ms, action, actor)
            VALUES ('acme', 't', 'claimed', 5, 'claim', 'tom'),
                ('acme', 't', 'claimed', 5, 'reply', 'mei');
        INSERT INTO turns (tenant, conversation_id, id, speaker, text, at_ms)
            VALUES ('acme', 'a', '1', 'customer', 'hello', 5), ('acme', 'a', '2', 'agent', 'hi', 5),
                ('acme', 'a', '3', 'agent', 'and?', 6);
    ";

    #[test]
    fn turns_of_older_files_get_the_names_that_are_known() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("records.db");
        let connection = Connection::open(&path).unwrap();
        let before = MIGRATIONS.iter().position(|step| step.contains("said a turn")).unwrap();
        for step in &MIGRATIONS[..before] {
            connection.execute_batch(step).unwrap();
        }
        connection.execute_batch(WITHOUT_NAMES).unwrap();
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        connection.pragma_update(None, "user_version", crate::blob::int(before)).unwrap();
        drop(connection);
        let connection = open_writer(&path).unwrap();
        let query = "SELECT group_concat(id || coalesce(agent, '')) FROM turns";
        let all: String = connection.query_row(query, [], |row| row.get(0)).unwrap();
        assert_eq!(all, "1,2mei,3");
    }

    #[test]
    fn tickets_of_older_files_get_numbers_in_order() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("records.db");
        let connection = Connection::open(&path).unwrap();
        let before = MIGRATIONS.iter().position(|step| step.contains("tickets_number")).unwrap();
        for step in &MIGRATIONS[..before] {
            connection.execute_batch(step).unwrap();
        }
        connection.execute_batch(WITHOUT_NUMBERS).unwrap();
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        connection.pragma_update(None, "user_version", crate::blob::int(before)).unwrap();
        drop(connection);
        let connection = open_writer(&path).unwrap();
        let query = "SELECT group_concat(id || ' ' || number || ' ' || channel || ' '
                || coalesce(customer_id, '') || ' ' || coalesce(resolved_ms, '') || ' '
                || coalesce(waiting_since_ms, ''), ';')
            FROM (SELECT * FROM tickets ORDER BY id)";
        let all: String = connection.query_row(query, [], |row| row.get(0)).unwrap();
        let expected = "t1 1002 web customer 9 ;t2 1001 web customer 6 ;t3 1003 api   8;\
            t4 1001 web   8";
        assert_eq!(all, expected);
    }
}
