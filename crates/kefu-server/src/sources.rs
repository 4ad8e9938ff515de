//! Sources that are looked at by themselves, and on request.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kefu_core::Scope;
use kefu_core::ports::SourceRun;
use kefu_ingest::{IngestOptions, SourceSpec, Unobserved};
use tokio::sync::Notify;

use crate::service::AppState;

/// How long to wait when nothing is due, and after a failure of the records.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);
const RETRY: Duration = Duration::from_secs(60);

/// What is asked of sources from outside their schedules, and which one runs now.
#[derive(Default)]
pub(crate) struct SourceSignals {
    /// Sources to run at once, and whether too many deletions are confirmed.
    wanted: Mutex<BTreeMap<String, bool>>,
    running: Mutex<Option<String>>,
    asked: Notify,
}

impl SourceSignals {
    /// Asks for a run. A second request before the first has begun joins it.
    pub(crate) fn ask(&self, source: &str, confirm_deletions: bool) {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        *wanted.entry(source.to_owned()).or_default() |= confirm_deletions;
        drop(wanted);
        self.asked.notify_one();
    }

    pub(crate) fn is_wanted(&self, source: &str) -> bool {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).contains_key(source)
    }

    pub(crate) fn is_running(&self, source: &str) -> bool {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.as_deref() == Some(source)
    }

    fn take_wanted(&self) -> Option<(String, bool)> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).pop_first()
    }

    fn set_running(&self, source: Option<&str>) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        *running = source.map(str::to_owned);
    }
}

/// Runs sources one after another until shutdown begins. What is missed while the service does not
/// run is made up for once.
pub(crate) async fn run_sources(state: AppState) {
    if state.parts.sources.is_empty() {
        return;
    }
    let scope = state.parts.authenticator.worker();
    loop {
        let wait = tokio::select! {
            () = state.ending.cancelled() => return,
            wait = run_what_is_due(&state, &scope) => wait,
        };
        tokio::select! {
            () = state.stopping.cancelled() => return,
            () = state.source_signals.asked.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Runs what was asked for and what is due; returns how long nothing will be.
async fn run_what_is_due(state: &AppState, scope: &Scope) -> Duration {
    while !state.stopping.is_cancelled() {
        let runs = match state.parts.records.source_runs(scope).await {
            Ok(runs) => runs,
            Err(error) => {
                tracing::warn!(%error, "the runs of sources cannot be read");
                return RETRY;
            }
        };
        let now_ms = state.parts.clock.now_ms();
        let next = match state.source_signals.take_wanted() {
            Some((id, confirm)) => Some((id, confirm)),
            None => due(&state.parts.sources, &runs, now_ms).map(|spec| (spec.id.clone(), false)),
        };
        let Some((id, confirm_deletions)) = next else {
            return wait(&state.parts.sources, &runs, now_ms);
        };
        let Some(spec) = state.parts.sources.iter().find(|spec| spec.id == id) else { continue };
        state.source_signals.set_running(Some(&id));
        let options =
            IngestOptions { publish: true, confirm_deletions, ..IngestOptions::default() };
        let outcome = state.parts.ingestor.ingest_source(scope, spec, &options, &Unobserved).await;
        state.source_signals.set_running(None);
        match outcome {
            Ok(report) => tracing::info!(
                source = id,
                n_added = report.n_added,
                n_changed = report.n_changed,
                n_removed = report.n_removed,
                n_withheld = report.n_deletions_withheld(),
                n_failed = report.n_failed,
                "a source was looked at"
            ),
            Err(error) => {
                tracing::warn!(source = id, %error, "a source could not be looked at");
                // It is on record as run, unless the records are what failed.
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
    LONGEST_WAIT
}

/// The source that has waited longest beyond its time.
fn due<'a>(specs: &'a [SourceSpec], runs: &[SourceRun], now_ms: i64) -> Option<&'a SourceSpec> {
    let with_time = specs.iter().filter_map(|spec| Some((next_ms(spec, runs)?, spec)));
    let first = with_time.min_by_key(|(next, _)| *next)?;
    (first.0 <= now_ms).then_some(first.1)
}

fn wait(specs: &[SourceSpec], runs: &[SourceRun], now_ms: i64) -> Duration {
    let next = specs.iter().filter_map(|spec| next_ms(spec, runs)).min();
    let wait = next.map(|next| u64::try_from(next - now_ms).unwrap_or_default());
    wait.map_or(LONGEST_WAIT, Duration::from_millis).clamp(Duration::from_secs(1), LONGEST_WAIT)
}

/// When a source is due: its time after its last run began, and up to a tenth later, by its id, so
/// that sources of one schedule do not all begin at once. At once when it never ran; never without
/// a schedule.
pub(crate) fn next_ms(spec: &SourceSpec, runs: &[SourceRun]) -> Option<i64> {
    let every = i64::try_from(spec.every?.as_millis()).unwrap_or(i64::MAX);
    let Some(last) = runs.iter().find(|run| run.source == spec.id) else { return Some(0) };
    let id = spec.id.bytes().fold(7_i64, |sum, byte| (sum * 31 + i64::from(byte)) % 1_000);
    let jitter = every / 10 / 1_000 * id;
    Some(last.began_at_ms.saturating_add(every).saturating_add(jitter))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use kefu_core::ports::SourceOutcome;
    use kefu_ingest::read_source_file;

    use super::*;

    fn specs() -> Vec<SourceSpec> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("source.toml");
        let table = |id: &str, rest: &str| {
            format!("[[source]]\nid = \"{id}\"\nkind = \"folder\"\npath = \"x\"\n{rest}\n")
        };
        let toml = [table("a", "every = \"1h\""), table("b", "every = \"2h\""), table("c", "")];
        std::fs::write(&path, toml.concat()).unwrap();
        read_source_file(&path).unwrap()
    }

    fn run(source: &str, began_at_ms: i64) -> SourceRun {
        SourceRun {
            source: source.to_owned(),
            began_at_ms,
            ended_at_ms: began_at_ms,
            outcome: SourceOutcome::Done,
            error: None,
            release: None,
            n_added: 0,
            n_changed: 0,
            n_unchanged: 0,
            n_removed: 0,
            n_withheld: 0,
            n_failed: 0,
        }
    }

    #[test]
    fn sources_are_due_by_their_own_time_and_those_without_one_never() {
        const HOUR: i64 = 3_600_000;
        let specs = specs();
        let id = |spec: Option<&SourceSpec>| spec.map(|spec| spec.id.clone());
        assert_eq!(id(due(&specs, &[], 5)).as_deref(), Some("a"));
        let both = [run("a", 0), run("b", 0)];
        assert_eq!(id(due(&specs, &both, HOUR - 1)), None);
        let first = next_ms(&specs[0], &both).unwrap();
        assert!((HOUR..HOUR + HOUR / 10).contains(&first));
        assert_eq!(id(due(&specs, &both, first)).as_deref(), Some("a"));
        assert_eq!(next_ms(&specs[2], &both), None);
        assert_eq!(wait(&specs, &both, first - 5_000), Duration::from_secs(5));
        assert_eq!(wait(&specs, &both, 0), LONGEST_WAIT);
        // Both are late: the one that has waited longer goes first.
        let late = [run("a", 10 * HOUR), run("b", 0)];
        assert_eq!(id(due(&specs, &late, 20 * HOUR)).as_deref(), Some("b"));
    }

    #[test]
    fn requests_for_one_source_are_joined() {
        let signals = SourceSignals::default();
        signals.ask("a", false);
        signals.ask("a", true);
        assert!(signals.is_wanted("a") && !signals.is_wanted("b"));
        assert_eq!(signals.take_wanted(), Some(("a".to_owned(), true)));
        assert_eq!(signals.take_wanted(), None);
    }
}
