//! People at the desk.

use async_trait::async_trait;
use kefu_core::ports::{AgentRecords, Change};
use kefu_core::{Agent, Language, RecordsError, Role, Scope};
use rusqlite::{Row, params};

use crate::SqliteRecords;
use crate::access::require;
use crate::blob::language;
use crate::fault::Fault;
use crate::session::Session;
use crate::words::Word;

#[async_trait]
impl AgentRecords for SqliteRecords {
    async fn agents(&self, scope: &Scope) -> Result<Vec<Agent>, RecordsError> {
        self.read(scope, list).await
    }

    async fn put_agent(&self, scope: &Scope, agent: &Agent) -> Result<(), RecordsError> {
        require(scope, Role::Agent, "tell of their presence")?;
        let agent = agent.clone();
        self.write_watched(scope, move |s| {
            put(s, &agent)?;
            Ok(((), vec![Change::Agents]))
        })
        .await
    }
}

fn list(s: &Session<'_>) -> Result<Vec<Agent>, Fault> {
    s.all(
        "SELECT name, presence, queues, languages, skills, capacity, since_ms, seen_at_ms,
            (SELECT count(*) FROM tickets WHERE tickets.tenant = ?1
                AND tickets.assignee = agents.name AND tickets.status = 'claimed')
        FROM agents WHERE tenant = ?1 ORDER BY name",
        params![s.tenant()],
        agent,
    )
}

fn put(s: &Session<'_>, agent: &Agent) -> Result<(), Fault> {
    let languages: Vec<&str> = agent.languages.iter().map(Language::code).collect();
    s.run(
        "INSERT INTO agents
            (tenant, name, presence, queues, languages, skills, capacity, since_ms, seen_at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT DO UPDATE SET presence = excluded.presence, queues = excluded.queues,
            languages = excluded.languages, skills = excluded.skills,
            capacity = excluded.capacity, since_ms = excluded.since_ms,
            seen_at_ms = excluded.seen_at_ms",
        params![
            s.tenant(),
            agent.name,
            agent.presence.word(),
            serde_json::to_string(&agent.queues)?,
            serde_json::to_string(&languages)?,
            serde_json::to_string(&agent.skills)?,
            agent.capacity,
            agent.since_ms,
            agent.seen_at_ms
        ],
    )?;
    Ok(())
}

fn agent(row: &Row<'_>) -> Result<Agent, Fault> {
    let codes: Vec<String> = serde_json::from_str(row.get_ref(3)?.as_str()?)?;
    Ok(Agent {
        name: row.get(0)?,
        presence: Word::read(row.get_ref(1)?.as_str()?)?,
        queues: serde_json::from_str(row.get_ref(2)?.as_str()?)?,
        languages: codes.iter().map(|code| language(code)).collect::<Result<_, _>>()?,
        skills: serde_json::from_str(row.get_ref(4)?.as_str()?)?,
        capacity: row.get(5)?,
        since_ms: row.get(6)?,
        seen_at_ms: row.get(7)?,
        n_open: row.get(8)?,
    })
}
