use kefu_core::{Citation, Passage, Span};

use crate::events::{AnswerEvent, AnswerObserver};

/// The answer as far as it is written. What goes on it is shown at once, so that the stream and
/// the finished answer cannot differ.
pub(crate) struct Sheet<'a> {
    observer: &'a dyn AnswerObserver,
    text: String,
    citations: Vec<Citation>,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(observer: &'a dyn AnswerObserver) -> Self {
        Self { observer, text: String::new(), citations: Vec::new() }
    }

    /// Tells the observer what is being done.
    pub(crate) fn status(&self, status: &'static str) {
        self.observer.observe(AnswerEvent::Status(status));
    }

    /// Tells the observer anything.
    pub(crate) fn observe(&self, event: AnswerEvent) {
        self.observer.observe(event);
    }

    /// Writes more of the answer.
    pub(crate) fn say(&mut self, piece: &str) {
        if !piece.is_empty() {
            self.text.push_str(piece);
            self.observer.observe(AnswerEvent::Delta(piece.to_owned()));
        }
    }

    /// Adds a quotation of `span` of the passage's text, unless it is there already. A span that
    /// is out of range quotes nothing and is left out. Gives the label of the quotation.
    pub(crate) fn cite(&mut self, passage: &Passage, span: Span) -> Option<u32> {
        let quote = span.of(&passage.text)?;
        let span = span.shifted(passage.span.start);
        let known = self
            .citations
            .iter()
            .find(|citation| citation.document_id == passage.document_id && citation.span == span);
        if let Some(known) = known {
            return Some(known.label);
        }
        let label = u32::try_from(self.citations.len() + 1).unwrap_or(u32::MAX);
        let citation = Citation {
            label,
            document_id: passage.document_id.clone(),
            title: passage.title.clone(),
            revision: passage.revision.clone(),
            quote: quote.to_owned(),
            span,
            url: passage.url.clone(),
        };
        self.citations.push(citation.clone());
        self.observer.observe(AnswerEvent::Citation(citation));
        Some(label)
    }

    /// What was written so far.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text and its citations.
    pub(crate) fn into_parts(self) -> (String, Vec<Citation>) {
        (self.text, self.citations)
    }
}
