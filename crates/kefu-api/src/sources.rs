//! `/v1/sources`.

use std::time::Duration;

use kefu_core::ports::{SourceOutcome, SourceRun};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::rfc3339;

/// The sources of the configuration.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Sources {
    /// In the order of the configuration.
    pub items: Vec<SourceResponse>,
}

/// What a [`SourceResponse`] is made of.
#[derive(Clone, Copy, Debug)]
pub struct ListedSource<'a> {
    /// Its id.
    pub id: &'a str,
    /// How often it is looked at.
    pub every: Option<Duration>,
    /// Its last run.
    pub last: Option<&'a SourceRun>,
    /// When it is due.
    pub next_at_ms: Option<i64>,
    /// Whether it runs now.
    pub is_running: bool,
    /// Whether a run was asked for and has not begun.
    pub is_waiting: bool,
}

/// A source of documents.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SourceResponse {
    /// Its id.
    pub source_id: String,
    /// What it does now.
    pub state: SourceState,
    /// Seconds between two looks; null when it is looked at on request only.
    pub every_s: Option<u64>,
    /// When it is due.
    pub next_run_at: Option<String>,
    /// Its last run.
    pub last_run: Option<SourceRunResponse>,
}

/// What a source does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// Nothing until it is due.
    Idle,
    /// A run was asked for.
    Waiting,
    /// It is being looked at.
    Running,
}

/// One look at a source.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SourceRunResponse {
    /// When it began.
    pub began_at: String,
    /// When it ended.
    pub ended_at: String,
    /// How.
    pub outcome: SourceRunOutcome,
    /// What went wrong first.
    pub error: Option<String>,
    /// The release that it published.
    pub release: Option<u32>,
    /// New documents.
    pub n_added: u64,
    /// Documents that changed.
    pub n_changed: u64,
    /// Documents found as stored.
    pub n_unchanged: u64,
    /// Documents deleted.
    pub n_removed: u64,
    /// Documents that are no longer there and stay until somebody confirms.
    pub n_deletions_withheld: u64,
    /// Pages and files that could not be taken in.
    pub n_failed: u64,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceRunOutcome {
    /// All of it was taken in.
    Done,
    /// Some of it was not.
    Partly,
    /// Nothing was.
    Failed,
}

impl SourceResponse {
    /// The wire form.
    #[must_use]
    pub fn new(source: ListedSource<'_>) -> Self {
        Self {
            source_id: source.id.to_owned(),
            state: match (source.is_running, source.is_waiting) {
                (true, _) => SourceState::Running,
                (false, true) => SourceState::Waiting,
                (false, false) => SourceState::Idle,
            },
            every_s: source.every.map(|every| every.as_secs()),
            next_run_at: source.next_at_ms.map(rfc3339),
            last_run: source.last.map(SourceRunResponse::from),
        }
    }
}

impl From<&SourceRun> for SourceRunResponse {
    fn from(run: &SourceRun) -> Self {
        Self {
            began_at: rfc3339(run.began_at_ms),
            ended_at: rfc3339(run.ended_at_ms),
            outcome: match run.outcome {
                SourceOutcome::Done => SourceRunOutcome::Done,
                SourceOutcome::Partly => SourceRunOutcome::Partly,
                SourceOutcome::Failed => SourceRunOutcome::Failed,
            },
            error: run.error.clone(),
            release: run.release.map(|release| release.0),
            n_added: run.n_added,
            n_changed: run.n_changed,
            n_unchanged: run.n_unchanged,
            n_removed: run.n_removed,
            n_deletions_withheld: run.n_withheld,
            n_failed: run.n_failed,
        }
    }
}

/// Asks for a look at a source.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunSourceRequest {
    /// Whether documents may be deleted although too many would go at once.
    #[serde(default)]
    pub confirm_deletions: bool,
}
