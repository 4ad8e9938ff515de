use kefu_core::ports::{OverlayFilter, PageRequest, StoredOverlay};
use kefu_core::{DocumentId, OverlayAction, OverlayStatus};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::checks::{Faults, InvalidFields};
use crate::jobs::JobResponse;
use crate::listing::PageQuery;

/// Longest passage and longest words of an edit, in bytes.
const MAX_PASSAGE_BYTES: usize = 20_000;
/// Phrases of one pin, and bytes of each.
const MAX_PHRASES: usize = 20;
const MAX_PHRASE_BYTES: usize = 300;
const MAX_NOTE_BYTES: usize = 1_000;

/// What to do with a passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverlayKind {
    /// Other words take its place.
    Edit,
    /// It is in no answer.
    Hide,
    /// It is also found by other phrases.
    Pin,
}

/// A correction of a passage.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OverlayRequest {
    /// What to do.
    pub action: OverlayKind,
    /// The passage as the document's source has it; white space does not count.
    pub passage: String,
    /// Which of the places with these words, from 1; needed when there are several.
    pub occurrence: Option<u32>,
    /// The words of an `edit`.
    pub text: Option<String>,
    /// The phrases of a `pin`, as customers would say it.
    pub phrases: Option<Vec<String>>,
    /// Why, for colleagues.
    pub note: Option<String>,
}

/// A correction whose bounds were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedOverlay {
    /// The passage without white space around it.
    pub passage: String,
    /// Which of the places, when it was given.
    pub occurrence: Option<u32>,
    /// What to do.
    pub action: OverlayAction,
    /// Why; may be empty.
    pub note: String,
}

impl OverlayRequest {
    /// Checks the bounds.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<CheckedOverlay, InvalidFields> {
        let mut faults = Faults::default();
        faults.text("passage", &self.passage, MAX_PASSAGE_BYTES);
        if self.occurrence == Some(0) {
            faults.add("occurrence", "must be at least 1");
        }
        let note = self.note.unwrap_or_default();
        faults.length("note", &note, MAX_NOTE_BYTES);
        let unused = |field: &str, is_given: bool, faults: &mut Faults| {
            if is_given {
                faults.add(field, "does not belong to this action");
            }
        };
        let action = match self.action {
            OverlayKind::Edit => {
                unused("phrases", self.phrases.is_some(), &mut faults);
                let text = self.text.unwrap_or_default();
                faults.text("text", &text, MAX_PASSAGE_BYTES);
                if text.contains('\0') {
                    faults.add("text", "must not hold NUL characters");
                }
                OverlayAction::Edit { text: text.trim().to_owned() }
            }
            OverlayKind::Hide => {
                unused("text", self.text.is_some(), &mut faults);
                unused("phrases", self.phrases.is_some(), &mut faults);
                OverlayAction::Hide
            }
            OverlayKind::Pin => {
                unused("text", self.text.is_some(), &mut faults);
                OverlayAction::Pin { phrases: phrases(&mut faults, self.phrases) }
            }
        };
        faults.or(CheckedOverlay {
            passage: self.passage.trim().to_owned(),
            occurrence: self.occurrence,
            action,
            note: note.trim().to_owned(),
        })
    }
}

/// Phrases as single lines.
fn phrases(faults: &mut Faults, phrases: Option<Vec<String>>) -> Vec<String> {
    let phrases = phrases.unwrap_or_default();
    if phrases.is_empty() || phrases.len() > MAX_PHRASES {
        faults.add("phrases", format!("must be 1 to {MAX_PHRASES} phrases"));
    }
    for (idx, phrase) in phrases.iter().enumerate().take(MAX_PHRASES) {
        faults.text(&format!("phrases[{idx}]"), phrase, MAX_PHRASE_BYTES);
    }
    let one_line = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    phrases.iter().map(one_line).collect()
}

/// What an overlay does for the published release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverlayState {
    /// It is applied.
    Applied,
    /// Its document or its words are gone.
    Orphaned,
    /// Its document has not been worked on since it was made.
    Waiting,
}

impl From<OverlayStatus> for OverlayState {
    fn from(status: OverlayStatus) -> Self {
        match status {
            OverlayStatus::Applied => Self::Applied,
            OverlayStatus::Orphaned => Self::Orphaned,
            OverlayStatus::Waiting => Self::Waiting,
        }
    }
}

/// A correction as it is kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OverlayResponse {
    /// Its id.
    pub overlay_id: String,
    /// Whose passage.
    pub document_id: String,
    /// What is done.
    pub action: OverlayKind,
    /// The passage.
    pub passage: String,
    /// Which of the places with these words, from 1.
    pub occurrence: u32,
    /// The words of an edit.
    pub text: Option<String>,
    /// The phrases of a pin.
    pub phrases: Option<Vec<String>>,
    /// Why.
    pub note: String,
    /// What it does for the published release.
    pub status: OverlayState,
    /// When it was made.
    pub created_at: String,
}

impl From<StoredOverlay> for OverlayResponse {
    fn from(stored: StoredOverlay) -> Self {
        let overlay = stored.overlay;
        let (action, text, phrases) = match overlay.action {
            OverlayAction::Edit { text } => (OverlayKind::Edit, Some(text), None),
            OverlayAction::Hide => (OverlayKind::Hide, None, None),
            OverlayAction::Pin { phrases } => (OverlayKind::Pin, None, Some(phrases)),
        };
        Self {
            overlay_id: overlay.id.to_string(),
            document_id: overlay.document_id.to_string(),
            action,
            passage: overlay.passage,
            occurrence: overlay.occurrence,
            text,
            phrases,
            note: overlay.note,
            status: stored.status.into(),
            created_at: crate::time::rfc3339(overlay.created_at_ms),
        }
    }
}

/// A correction that was accepted, and the job that applies it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OverlayAccepted {
    /// Id of the correction.
    pub overlay_id: String,
    /// The job.
    pub job: JobResponse,
}

/// Which corrections to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListOverlaysQuery {
    /// Items at most, 1 to 500; 50 when left out.
    #[serde(default, deserialize_with = "crate::listing::from_text")]
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Only those of this document.
    pub document_id: Option<String>,
    /// Only those whose document or words are gone.
    #[serde(default, deserialize_with = "crate::listing::from_text")]
    pub orphaned: Option<bool>,
}

impl ListOverlaysQuery {
    /// Checks the bounds.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<(PageRequest, OverlayFilter), InvalidFields> {
        let page = PageQuery { limit: self.limit, cursor: self.cursor }.check()?;
        let mut faults = Faults::default();
        let id = self.document_id.as_deref();
        let document_id = faults.id("document_id", id, |text| DocumentId::new(text));
        let orphaned = self.orphaned.unwrap_or_default();
        faults.or((page, OverlayFilter { document_id, orphaned }))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    fn faults(json: &str) -> Vec<String> {
        let request: OverlayRequest = serde_json::from_str(json).unwrap();
        let found = request.check().err().map(|faults| faults.0).unwrap_or_default();
        found.into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn each_action_wants_its_own_fields() {
        assert_eq!(faults(r#"{"action":"hide","passage":"a"}"#), [""; 0]);
        assert_eq!(faults(r#"{"action":"hide","passage":" ","text":"b"}"#), ["passage", "text"]);
        assert_eq!(
            faults(r#"{"action":"edit","passage":"a","phrases":["b"]}"#),
            ["phrases", "text"]
        );
        assert_eq!(faults(r#"{"action":"edit","passage":"a","text":"b"}"#), [""; 0]);
        assert_eq!(
            faults(r#"{"action":"pin","passage":"a","occurrence":0}"#),
            ["occurrence", "phrases"]
        );
        assert_eq!(faults(r#"{"action":"pin","passage":"a","phrases":["b"," "]}"#), ["phrases[1]"]);
        assert!(serde_json::from_str::<OverlayRequest>(r#"{"action":"drop"}"#).is_err());
    }
}
