//! Uploads: accepted as durable jobs, worked off one after another.

mod payload;
mod progress;
mod upload;

use std::collections::{BTreeSet, HashSet};

use kefu_core::ports::{Job, JobFile, JobFileState, JobState, NewJob};
use kefu_core::{Audience, DocumentId, ErrorKind, JobId, Scope};

use crate::error::IngestError;
use crate::pipeline::{Content, Defaults, Ingestor, Intake, Mode, StoredWork, Work, source_of};
use crate::report::{FileOutcome, IngestReport};
use payload::Item;
use progress::Watch;
pub use upload::{DocumentInput, PairInput, StateChange, Upload};

/// Where uploaded documents come from, in the records.
const SOURCE: &str = "api";

impl Ingestor {
    /// Accepts uploads as one job. On return the job survives a crash; its release is published
    /// by [`Ingestor::run_next_job`].
    ///
    /// # Errors
    /// [`IngestError::Invalid`] and [`IngestError::TooLarge`] before anything is kept;
    /// [`IngestError::Overloaded`] while too many jobs wait.
    pub async fn accept(&self, scope: &Scope, uploads: Vec<Upload>) -> Result<Job, IngestError> {
        let settings = &self.parts.settings;
        if uploads.is_empty() {
            return Err(invalid("uploads", "must not be empty"));
        }
        if uploads.len() > settings.max_uploads {
            let what = "the number of uploads";
            return Err(IngestError::TooLarge { what, limit: settings.max_uploads });
        }
        let item = |upload| item(upload, settings.max_document_bytes);
        let items: Vec<Item> = uploads.into_iter().map(item).collect::<Result<_, _>>()?;
        let mut names = HashSet::new();
        for item in &items {
            if !names.insert(&item.name) {
                return Err(invalid("name", format!("{:?} is given twice", item.name)));
            }
            if item.bytes.len() as u64 > settings.max_file_bytes {
                let limit = usize::try_from(settings.max_file_bytes).unwrap_or(usize::MAX);
                return Err(IngestError::TooLarge { what: "the size of an upload", limit });
            }
        }
        let n_bytes: usize = items.iter().map(|item| item.bytes.len()).sum();
        if n_bytes > settings.max_upload_bytes {
            let what = "the size of all uploads";
            return Err(IngestError::TooLarge { what, limit: settings.max_upload_bytes });
        }
        let job = NewJob {
            id: JobId::generate(),
            files: items.iter().map(|item| item.name.clone()).collect(),
            payload: payload::write(&items),
        };
        let limit = settings.max_queued_jobs;
        self.parts.records.enqueue(scope, &job, limit).await.map_err(|error| match error.kind() {
            ErrorKind::Conflict => IngestError::Overloaded { limit },
            _ => error.into(),
        })
    }

    /// Works off the oldest waiting job of the scope's tenant: `None` when none waits. Files that
    /// cannot be read fail one by one; the rest is published as one release.
    ///
    /// # Errors
    /// [`IngestError`] when the job could not be worked off. It waits again when the cause may
    /// pass, such as another builder; otherwise it has failed with that error.
    pub async fn run_next_job(&self, scope: &Scope) -> Result<Option<Job>, IngestError> {
        let Some((mut job, payload)) = self.parts.records.claim_job(scope).await? else {
            return Ok(None);
        };
        let watch = Watch::default();
        let outcome = tokio::select! {
            outcome = self.work_off(scope, &payload, &watch) => outcome,
            never = watch.report(self.parts.records.as_ref(), scope, &job) => match never {},
        };
        watch.show(&mut job);
        match &outcome {
            Ok(report) => {
                job.state = JobState::Succeeded;
                job.release = report.release;
                job.error = None;
                for file in &mut job.files {
                    settle(file, report);
                }
            }
            Err(error) if error.is_passing() => {
                job.state = JobState::Queued;
                job.error = Some(format!("it waits to be tried again: {error}"));
                for file in &mut job.files {
                    file.state = JobFileState::Pending;
                }
            }
            Err(error) => {
                job.state = JobState::Failed;
                job.error = Some(error.to_string());
            }
        }
        self.parts.records.update_job(scope, &job).await?;
        outcome.map(|_| Some(job))
    }

    /// Puts a job that failed, as a whole or in some files, back into the queue.
    ///
    /// # Errors
    /// [`IngestError::Records`] of kind `Conflict` when the job has not ended, nothing of it is
    /// left to run again, or too many jobs wait; of kind `NotFound` for an unknown job.
    pub async fn retry(&self, scope: &Scope, id: &JobId) -> Result<Job, IngestError> {
        let limit = self.parts.settings.max_queued_jobs;
        Ok(self.parts.records.retry_job(scope, id, limit).await?)
    }

    async fn work_off(
        &self,
        scope: &Scope,
        payload: &[u8],
        watch: &Watch,
    ) -> Result<IngestReport, IngestError> {
        let items = payload::read(payload)?;
        let works = items.into_iter().map(work).collect::<Result<Vec<Work>, _>>()?;
        let intake = Intake { works, problems: Vec::new(), sources: Vec::new() };
        let keep = self.parts.settings.keep_rules.clone();
        let mode = Mode { dry_run: false, publish: true, confirm_deletions: false, keep };
        self.run(scope, intake, mode, watch).await
    }
}

fn settle(file: &mut JobFile, report: &IngestReport) {
    let Some(line) = report.files.iter().find(|line| line.name == file.name) else { return };
    file.state = match line.outcome {
        FileOutcome::Failed => JobFileState::Failed,
        FileOutcome::Quarantined => JobFileState::Quarantined,
        FileOutcome::Skipped | FileOutcome::Kept => JobFileState::Skipped,
        FileOutcome::Added
        | FileOutcome::Changed
        | FileOutcome::Unchanged
        | FileOutcome::Removed => JobFileState::Done,
    };
    file.code.clone_from(&line.code);
    file.detail.clone_from(&line.detail);
}

fn item(upload: Upload, max_document_bytes: usize) -> Result<Item, IngestError> {
    match upload {
        Upload::Delete { document_id } => Ok(Item {
            kind: payload::Kind::Delete,
            name: document_id.as_str().to_owned(),
            bytes: Vec::new(),
        }),
        Upload::Correct { document_id } => Ok(Item {
            kind: payload::Kind::Correct,
            name: document_id.as_str().to_owned(),
            bytes: Vec::new(),
        }),
        Upload::State { document_id, change } => Ok(Item {
            kind: payload::Kind::State,
            name: document_id.as_str().to_owned(),
            bytes: payload::state(&change),
        }),
        Upload::File { name, bytes } => {
            let id = DocumentId::new(name)
                .map_err(|error| invalid("name", format!("is wrong: {error}")))?;
            Ok(Item { kind: payload::Kind::File, name: id.as_str().to_owned(), bytes })
        }
        Upload::Pair { pair } => {
            if pair.question.len() + pair.answer.len() > max_document_bytes {
                let what = "the pair";
                return Err(IngestError::TooLarge { what, limit: max_document_bytes });
            }
            let name = pair.id.as_str().to_owned();
            Ok(Item { kind: payload::Kind::Put, name, bytes: payload::pair_row(&pair) })
        }
        Upload::Put { document } => {
            check(&document)?;
            if document.text.len() > max_document_bytes {
                let what = "the text";
                return Err(IngestError::TooLarge { what, limit: max_document_bytes });
            }
            let name = document.id.as_str().to_owned();
            Ok(Item { kind: payload::Kind::Put, name, bytes: payload::row(&document) })
        }
    }
}

fn work(item: Item) -> Result<Work, IngestError> {
    let content = match item.kind {
        payload::Kind::Put => Content::Row(item.bytes),
        payload::Kind::File => Content::Bytes(item.bytes),
        payload::Kind::Delete => Content::Delete(id_of(&item)?),
        payload::Kind::State => {
            let change = payload::read_state(&item.bytes)?;
            Content::Stored(id_of(&item)?, StoredWork::State(change))
        }
        payload::Kind::Correct => Content::Stored(id_of(&item)?, StoredWork::Correct),
    };
    let (source, defaults) = (source_of(SOURCE, &item.name), Defaults::default());
    Ok(Work { source, name: item.name, content, defaults })
}

fn id_of(item: &Item) -> Result<DocumentId, IngestError> {
    DocumentId::new(item.name.clone())
        .map_err(|error| IngestError::BadJob { detail: error.to_string() })
}

/// What a caller should hear at once rather than find in the job.
fn check(document: &DocumentInput) -> Result<(), IngestError> {
    if document.text.trim().is_empty() {
        return Err(invalid("text", "must not be empty"));
    }
    if document.text.contains('\0') {
        return Err(invalid("text", "must not hold NUL characters"));
    }
    let is_web = |url: &String| {
        let url = url.to_ascii_lowercase();
        url.starts_with("https://") || url.starts_with("http://")
    };
    if !document.url.as_ref().is_none_or(is_web) {
        return Err(invalid("url", "must begin with https:// or http://"));
    }
    let days = [("valid_from", &document.valid_from), ("valid_to", &document.valid_to)];
    for (field, day) in days {
        if !day.as_deref().is_none_or(has_form_of_day) {
            return Err(invalid(field, "must have the form YYYY-MM-DD"));
        }
    }
    Ok(())
}

fn has_form_of_day(day: &str) -> bool {
    day.len() == 10
        && day.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

fn invalid(field: &str, detail: impl Into<String>) -> IngestError {
    IngestError::Invalid { field: field.to_owned(), detail: detail.into() }
}

/// Names of audiences, for the row of a document.
fn names(audiences: &[Audience]) -> BTreeSet<&str> {
    audiences.iter().map(Audience::as_str).collect()
}
