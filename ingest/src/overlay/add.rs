//! Making an overlay.

use kefu_core::ports::{OverlayFilter, PageRequest};
use kefu_core::{DocumentId, Overlay, OverlayAction, OverlayId, Scope};

use super::correct;
use super::locate::Words;
use crate::error::IngestError;
use crate::pipeline::Ingestor;

/// Overlays that a tenant may have.
const MAX_OVERLAYS: usize = 10_000;

/// A correction as a caller writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverlayInput {
    /// Whose passage.
    pub document_id: DocumentId,
    /// The passage's words; not empty.
    pub passage: String,
    /// Which of the places with these words, from 1; may be left out when there is one.
    pub occurrence: Option<u32>,
    /// What is done to it.
    pub action: OverlayAction,
    /// Why; may be empty.
    pub note: String,
}

impl Ingestor {
    /// Keeps a correction of a published document, in place of an earlier one of the same kind and
    /// passage. Durable on return; it is applied whenever its document is worked on, for which
    /// [`Upload::Correct`](crate::Upload::Correct) asks.
    ///
    /// # Errors
    /// [`IngestError::Invalid`] when the document is a reviewed pair, or its source text does not
    /// have the passage, or has it several times and none is named;
    /// [`IngestError::Conflict`] when another edit changes the same words;
    /// [`IngestError::Records`] of kind `NotFound` for an unknown document.
    pub async fn add_overlay(
        &self,
        scope: &Scope,
        input: OverlayInput,
        now_ms: i64,
    ) -> Result<Overlay, IngestError> {
        let records = &self.parts.records;
        let stored = records.document(scope, &input.document_id, None).await?;
        if !stored.document.kind.is_article() {
            return Err(invalid("document_id", "is a reviewed pair: replace the pair instead"));
        }
        let source_text = records.source_text(scope, &input.document_id, &stored.revision).await?;
        let Some(source_text) = source_text else {
            let detail = "was stored by an earlier version of the program; take its file in again";
            return Err(invalid("document_id", detail));
        };
        let mut document = stored.document;
        if let Some(text) = source_text.text {
            document.text = text;
        }
        let others = self.overlays_of(scope, &input.document_id).await?;
        let occurrence = place(&document.text, &input, &others)?;
        let overlay = Overlay {
            id: OverlayId::generate(),
            document_id: input.document_id,
            passage: input.passage,
            occurrence,
            action: input.action,
            note: input.note,
            created_at_ms: now_ms,
        };
        let mut all: Vec<Overlay> =
            others.into_iter().filter(|other| !is_replaced(other, &overlay)).collect();
        all.push(overlay.clone());
        let corrected = correct(document, source_text.blocks, &all);
        if corrected.corrections.last().is_none_or(|own| own.span.is_none()) {
            let detail = "another edit changes some of these words; delete it first";
            return Err(IngestError::Conflict { detail: detail.to_owned() });
        }
        if corrected.document.text.len() > self.parts.settings.max_document_bytes {
            let limit = self.parts.settings.max_document_bytes;
            return Err(IngestError::TooLarge { what: "the corrected text", limit });
        }
        records.put_overlay(scope, &overlay, MAX_OVERLAYS).await?;
        Ok(overlay)
    }

    async fn overlays_of(
        &self,
        scope: &Scope,
        id: &DocumentId,
    ) -> Result<Vec<Overlay>, IngestError> {
        let filter = OverlayFilter { document_id: Some(id.clone()), orphaned: false };
        let mut page = PageRequest { limit: 500, cursor: None };
        let mut overlays = Vec::new();
        loop {
            let found = self.parts.records.overlays(scope, &filter, &page).await?;
            overlays.extend(found.items.into_iter().map(|stored| stored.overlay));
            page.cursor = found.next_cursor;
            if page.cursor.is_none() {
                return Ok(overlays);
            }
        }
    }
}

fn is_replaced(known: &Overlay, by: &Overlay) -> bool {
    known.passage == by.passage
        && known.occurrence == by.occurrence
        && known.action.as_str() == by.action.as_str()
}

/// Which occurrence of its words the passage is.
fn place(text: &str, input: &OverlayInput, others: &[Overlay]) -> Result<u32, IngestError> {
    let n_places = Words::of(text).count(&input.passage);
    match input.occurrence {
        _ if n_places == 0 => Err(invalid("passage", &missing(input, others))),
        None if n_places == 1 => Ok(1),
        None => {
            let detail = format!("stands there {n_places} times; say which by occurrence, from 1");
            Err(invalid("passage", &detail))
        }
        Some(nth) if nth >= 1 && usize::try_from(nth).is_ok_and(|nth| nth <= n_places) => Ok(nth),
        Some(_) => Err(invalid("occurrence", &format!("must be 1 to {n_places}"))),
    }
}

/// Why a passage is not there: it may be the words of an edit.
fn missing(input: &OverlayInput, others: &[Overlay]) -> String {
    let is_theirs = |other: &&Overlay| match &other.action {
        OverlayAction::Edit { text } => Words::of(text).count(&input.passage) > 0,
        OverlayAction::Hide | OverlayAction::Pin { .. } => false,
    };
    match others.iter().find(is_theirs) {
        Some(edit) => {
            let id = &edit.id;
            format!("is what {id} put there; send that edit again with other words, or delete it")
        }
        None => "does not stand in the document's source text".to_owned(),
    }
}

fn invalid(field: &str, detail: &str) -> IngestError {
    IngestError::Invalid { field: field.to_owned(), detail: detail.to_owned() }
}
