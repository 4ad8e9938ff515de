//! `/v1/releases`.

use kefu_core::diff::{DocumentDiff, FieldChange, ReleaseDiff};
use kefu_core::{PointerTarget, Release, ReleaseNo};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::checks::{Faults, InvalidFields};
use crate::time::rfc3339;
use crate::words::{DocumentChange, ReleaseState};

const MAX_REASON_BYTES: usize = 500;

/// A published version of the content.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReleaseResponse {
    /// Its number.
    pub release: u32,
    /// When it was published first.
    pub published_at: String,
    /// Documents in it.
    pub n_documents: u64,
    /// Chunks in it.
    pub n_chunks: u64,
    /// Whether it can serve.
    pub state: ReleaseState,
    /// Whether questions are answered from it now.
    pub current: bool,
}

impl From<Release> for ReleaseResponse {
    fn from(release: Release) -> Self {
        Self {
            release: release.number.0,
            published_at: rfc3339(release.published_at_ms),
            n_documents: release.n_documents,
            n_chunks: release.n_chunks,
            state: release.state.into(),
            current: release.current,
        }
    }
}

/// Why a release is published again.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishRequest {
    /// Why, for the history of releases.
    pub reason: Option<String>,
}

impl PublishRequest {
    /// The reason, which may be empty.
    ///
    /// # Errors
    /// [`InvalidFields`] for a reason that is blank or too long.
    pub fn check(self) -> Result<String, InvalidFields> {
        let mut faults = Faults::default();
        faults.optional_text("reason", self.reason.as_deref(), MAX_REASON_BYTES);
        faults.or(self.reason.unwrap_or_default())
    }
}

/// Where to roll back to, and why.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollbackRequest {
    /// An older release; the one before the current one when left out.
    pub to: Option<u32>,
    /// Why, for the history of releases.
    pub reason: Option<String>,
}

impl RollbackRequest {
    /// Where the pointer should go, and the reason.
    ///
    /// # Errors
    /// [`InvalidFields`] for a reason that is blank or too long.
    pub fn check(self) -> Result<(PointerTarget, String), InvalidFields> {
        let to = self.to.map(ReleaseNo);
        let target = to.map_or(PointerTarget::Previous, PointerTarget::Older);
        Ok((target, PublishRequest { reason: self.reason }.check()?))
    }
}

/// What differs between two releases.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReleaseDiffResponse {
    /// The release compared from.
    pub from: u32,
    /// The release compared to.
    pub to: u32,
    /// Documents that only the second has.
    pub n_added: usize,
    /// Documents that both have, with another text or metadata.
    pub n_changed: usize,
    /// Documents that only the first has.
    pub n_removed: usize,
    /// The documents, by id; at most 200.
    pub documents: Vec<DocumentDiffResponse>,
    /// Whether there are more documents than are listed.
    pub truncated: bool,
}

impl From<ReleaseDiff> for ReleaseDiffResponse {
    fn from(diff: ReleaseDiff) -> Self {
        let n_documents = diff.n_added + diff.n_changed + diff.n_removed;
        Self {
            from: diff.from.0,
            to: diff.to.0,
            n_added: diff.n_added,
            n_changed: diff.n_changed,
            n_removed: diff.n_removed,
            truncated: diff.documents.len() < n_documents,
            documents: diff.documents.into_iter().map(Into::into).collect(),
        }
    }
}

/// A document that differs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DocumentDiffResponse {
    /// Its id.
    pub document_id: String,
    /// Its title, the newer one.
    pub title: String,
    /// How it differs.
    pub change: DocumentChange,
    /// Metadata that differs, of a changed document.
    pub fields: Vec<FieldChangeResponse>,
    /// The text of a changed document as a unified difference of lines; null when it is the same.
    pub text: Option<String>,
    /// Whether lines were left out at the end of `text`.
    pub text_truncated: bool,
}

impl From<DocumentDiff> for DocumentDiffResponse {
    fn from(diff: DocumentDiff) -> Self {
        Self {
            document_id: diff.id.to_string(),
            title: diff.title,
            change: diff.kind.into(),
            fields: diff.fields.into_iter().map(Into::into).collect(),
            text_truncated: diff.text.as_ref().is_some_and(|text| text.truncated),
            text: diff.text.map(|text| text.unified),
        }
    }
}

/// A field of metadata that differs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldChangeResponse {
    /// Its name.
    pub field: String,
    /// Its value in the first release.
    pub before: Option<String>,
    /// Its value in the second release.
    pub after: Option<String>,
}

impl From<FieldChange> for FieldChangeResponse {
    fn from(change: FieldChange) -> Self {
        Self { field: change.field.to_owned(), before: change.before, after: change.after }
    }
}
