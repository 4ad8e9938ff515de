//! One change of the content, made as the service makes it and waited for.

use anyhow::{anyhow, bail};
use kefu_api::{InvalidFields, JobResponse};
use kefu_core::Scope;
use kefu_core::ports::{Job, JobFileState, JobState};
use kefu_ingest::{Ingestor, Upload};
use serde_json::Value;

use crate::output;

/// Makes a job of the change and works jobs off until it has ended.
pub(crate) async fn run(ingestor: &Ingestor, scope: &Scope, upload: Upload) -> anyhow::Result<Job> {
    let accepted = ingestor.accept(scope, vec![upload]).await?;
    while let Some(job) = ingestor.run_next_job(scope).await? {
        if job.id == accepted.id {
            return Ok(job);
        }
    }
    bail!("{} is worked off by another process; look at it with GET /v1/jobs/{0}", accepted.id)
}

/// Prints what became of it: `headline`, then the release, or the job with `extra` as JSON.
pub(crate) fn print(
    job: &Job,
    as_json: bool,
    headline: &str,
    mut extra: Value,
) -> anyhow::Result<()> {
    if as_json {
        if let Some(fields) = extra.as_object_mut() {
            fields.insert("job".to_owned(), serde_json::to_value(JobResponse::from(job.clone()))?);
        }
        output::json(&extra)?;
    }
    if let Some(file) = job.files.iter().find(|file| file.state != JobFileState::Done) {
        let why = file.detail.as_deref().or(job.error.as_deref()).unwrap_or_default();
        bail!("{}: {why}", file.name);
    }
    if job.state == JobState::Failed {
        bail!("{}", job.error.as_deref().unwrap_or_default());
    }
    if as_json {
        return Ok(());
    }
    output::line(headline)?;
    match job.release {
        Some(release) => output::line(format!("published as release {release}")),
        None => output::line("no new release"),
    }
}

/// Faults of arguments, on one line.
pub(crate) fn usage(faults: &InvalidFields) -> anyhow::Error {
    let faults = faults.0.iter().map(|fault| format!("{} {}", fault.field, fault.message));
    anyhow!("{}", faults.collect::<Vec<_>>().join("; "))
}
