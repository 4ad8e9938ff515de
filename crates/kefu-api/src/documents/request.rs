use kefu_core::ports::{DocumentFilter, PageRequest};
use kefu_core::{Audience, DocumentId, DocumentState, Language, Revision, SectionValidity};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::sections::{SectionDays, checked_sections};
use crate::checks::{Faults, InvalidFields};
use crate::listing::PageQuery;
use crate::time::day_after;
use crate::words::DocumentKind;

/// A document with its id.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDocument {
    /// Stable id; an existing document with it is replaced.
    #[schema(example = "returns/policy.md")]
    pub id: String,
    /// The text, as plain text or Markdown. Citations point into it.
    pub text: String,
    /// Title shown with citations; taken from the text when left out.
    pub title: Option<String>,
    /// Main language; detected when left out.
    pub lang: Option<String>,
    /// Where a customer can read it.
    pub url: Option<String>,
    /// Who may read it; `["public"]` when left out.
    pub audiences: Option<Vec<String>>,
    /// First day it holds, `YYYY-MM-DD`.
    pub valid_from: Option<String>,
    /// Last day it holds, `YYYY-MM-DD`.
    pub valid_to: Option<String>,
    /// Headings whose text holds for fewer days.
    #[serde(default)]
    pub sections: Vec<SectionDays>,
    /// Whether it may answer customers: `draft`, `approved` or `retired`. Left out, a known
    /// document keeps its state and a new one is approved, unless configured otherwise.
    pub state: Option<String>,
}

/// A document whose id stands in the path.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutDocument {
    /// The text, as plain text or Markdown. Citations point into it.
    pub text: String,
    /// Title shown with citations; taken from the text when left out.
    pub title: Option<String>,
    /// Main language; detected when left out.
    pub lang: Option<String>,
    /// Where a customer can read it.
    pub url: Option<String>,
    /// Who may read it; `["public"]` when left out.
    pub audiences: Option<Vec<String>>,
    /// First day it holds, `YYYY-MM-DD`.
    pub valid_from: Option<String>,
    /// Last day it holds, `YYYY-MM-DD`.
    pub valid_to: Option<String>,
    /// Headings whose text holds for fewer days.
    #[serde(default)]
    pub sections: Vec<SectionDays>,
    /// Whether it may answer customers: `draft`, `approved` or `retired`. Left out, a known
    /// document keeps its state and a new one is approved, unless configured otherwise.
    pub state: Option<String>,
}

impl PutDocument {
    /// The same with the id from the path.
    #[must_use]
    pub fn with_id(self, id: String) -> NewDocument {
        NewDocument {
            id,
            text: self.text,
            title: self.title,
            lang: self.lang,
            url: self.url,
            audiences: self.audiences,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            sections: self.sections,
            state: self.state,
        }
    }
}

/// A document that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedDocument {
    /// Its id.
    pub id: DocumentId,
    /// Its title, when given.
    pub title: Option<String>,
    /// Its text.
    pub text: String,
    /// Its language, when given.
    pub language: Option<Language>,
    /// Its address for customers.
    pub url: Option<String>,
    /// Who may read it; never empty.
    pub audiences: Vec<Audience>,
    /// First day it holds.
    pub valid_from: Option<String>,
    /// Last day it holds.
    pub valid_to: Option<String>,
    /// Headings whose text holds for fewer days.
    pub sections: Vec<SectionValidity>,
    /// Its state, when given.
    pub state: Option<DocumentState>,
}

const MAX_TITLE_BYTES: usize = 1000;
const MAX_URL_BYTES: usize = 2000;

impl NewDocument {
    /// Checks all fields.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<CheckedDocument, InvalidFields> {
        let mut faults = Faults::default();
        let id = faults.id("id", Some(self.id.as_str()), |text| DocumentId::new(text));
        faults.text("text", &self.text, usize::MAX);
        faults.optional_text("title", self.title.as_deref(), MAX_TITLE_BYTES);
        let language = faults.language("lang", self.lang.as_deref());
        check_url(&mut faults, self.url.as_deref());
        let audiences = checked_audiences(&mut faults, self.audiences);
        faults.day("valid_from", self.valid_from.as_deref());
        faults.day("valid_to", self.valid_to.as_deref());
        let sections = checked_sections(&mut faults, self.sections);
        let state = self.state.and_then(|word| checked_state(&mut faults, &word));
        // Days in this form sort as text.
        if let (Some(from), Some(to)) = (&self.valid_from, &self.valid_to)
            && to < from
        {
            faults.add("valid_to", "must not lie before valid_from");
        }
        let Some(id) = id else { return Err(faults.into_invalid()) };
        faults.or(CheckedDocument {
            id,
            title: self.title,
            text: self.text,
            language,
            url: self.url,
            audiences,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            sections,
            state,
        })
    }
}

/// Only web addresses: a citation's address becomes a link on pages.
fn check_url(faults: &mut Faults, url: Option<&str>) {
    let Some(url) = url else { return };
    faults.length("url", url, MAX_URL_BYTES);
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    if !is_web || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        faults.add("url", "must be an http or https address");
    }
}

pub(super) fn checked_state(faults: &mut Faults, word: &str) -> Option<DocumentState> {
    let state = DocumentState::parse(word);
    if state.is_none() {
        faults.add("state", "must be draft, approved or retired");
    }
    state
}

/// Another state for a document.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeStateRequest {
    /// `draft`, `approved` or `retired`.
    #[schema(example = "approved")]
    pub state: String,
    /// Why, for the history of releases.
    pub reason: Option<String>,
}

const MAX_REASON_BYTES: usize = 1000;

impl ChangeStateRequest {
    /// The state and the reason; the reason may be empty.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<(DocumentState, String), InvalidFields> {
        let mut faults = Faults::default();
        let state = checked_state(&mut faults, &self.state);
        faults.optional_text("reason", self.reason.as_deref(), MAX_REASON_BYTES);
        let Some(state) = state else { return Err(faults.into_invalid()) };
        faults.or((state, self.reason.unwrap_or_default()))
    }
}

/// Which documents to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListDocumentsQuery {
    /// Items at most, 1 to 500; 50 when left out.
    #[serde(default, deserialize_with = "crate::listing::from_text")]
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Only documents in this state: `draft`, `approved` or `retired`.
    pub state: Option<String>,
    /// Only documents of this kind.
    pub kind: Option<DocumentKind>,
    /// Only documents whose last day lies within so many days, or is past.
    #[serde(default, deserialize_with = "crate::listing::from_text")]
    #[param(maximum = 36500)]
    pub expires_within_days: Option<u32>,
}

const MAX_WITHIN_DAYS: u32 = 36_500;

impl ListDocumentsQuery {
    /// The page and which documents are on it, seen at a point in time in milliseconds since the
    /// epoch.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self, now_ms: i64) -> Result<(PageRequest, DocumentFilter), InvalidFields> {
        let mut faults = Faults::default();
        let state = self.state.and_then(|word| checked_state(&mut faults, &word));
        if self.expires_within_days.is_some_and(|n_days| n_days > MAX_WITHIN_DAYS) {
            faults.add("expires_within_days", format!("must be at most {MAX_WITHIN_DAYS}"));
        }
        let page = PageQuery { limit: self.limit, cursor: self.cursor }.check()?;
        let filter = DocumentFilter {
            state,
            is_pair: self.kind.map(|kind| kind == DocumentKind::Pair),
            ends_by: self.expires_within_days.map(|n_days| day_after(now_ms, n_days)),
        };
        faults.or((page, filter))
    }
}

fn checked_audiences(faults: &mut Faults, names: Option<Vec<String>>) -> Vec<Audience> {
    let Some(names) = names else { return vec![Audience::public()] };
    if names.is_empty() {
        faults.add("audiences", "must name at least one audience, such as public");
    }
    let mut audiences = Vec::new();
    for (idx, name) in names.iter().enumerate() {
        match Audience::new(name) {
            Some(audience) => audiences.push(audience),
            None => faults.add(
                format!("audiences[{idx}]"),
                "must be 1 to 64 bytes of letters, digits, '-', '_' and '.'",
            ),
        }
    }
    audiences
}

/// The form of an upload (`multipart/form-data`).
#[derive(Debug, ToSchema)]
pub struct UploadForm {
    /// One or more files; each file's name becomes its document's id.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    pub file: Vec<u8>,
}

/// Which revision of a document.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ReadDocumentQuery {
    /// An older revision; the published one when left out.
    pub revision: Option<String>,
}

impl ReadDocumentQuery {
    /// Checks the form of the revision.
    ///
    /// # Errors
    /// [`InvalidFields`] naming `revision`.
    pub fn check(self) -> Result<Option<Revision>, InvalidFields> {
        let mut faults = Faults::default();
        let revision = self.revision.as_deref().map(Revision::parse);
        if revision == Some(None) {
            faults.add("revision", "must be 16 lower-case hexadecimal digits");
        }
        faults.or(revision.flatten())
    }
}

/// Whether to wait for the job.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WaitQuery {
    /// Answer when the job has ended, or with the running job when the request's time is over.
    #[serde(default, deserialize_with = "crate::listing::from_text")]
    pub wait: Option<bool>,
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(body: serde_json::Value) -> Result<CheckedDocument, InvalidFields> {
        serde_json::from_value::<NewDocument>(body).unwrap().check()
    }

    #[test]
    fn every_fault_is_reported_with_its_field() {
        let InvalidFields(faults) = check(json!({
            "id": " ", "text": "", "lang": "xyz", "url": "javascript:alert(1)",
            "audiences": ["a b"], "valid_from": "2024-13-01", "valid_to": "2024-12-31",
            "state": "published"
        }))
        .unwrap_err();
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        let expected =
            ["id", "text", "lang", "url", "audiences[0]", "valid_from", "state", "valid_to"];
        assert_eq!(fields, expected);
    }

    #[test]
    fn documents_are_public_unless_they_say_otherwise() {
        let document = check(json!({"id": "退货.md", "text": "七天内可退货。"})).unwrap();
        assert_eq!(document.audiences, [Audience::public()]);
    }
}
