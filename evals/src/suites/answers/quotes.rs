use std::collections::HashMap;

use kefu_core::{Citation, DocumentId, Outcome, Revision};

use crate::metrics::share;
use crate::subject::{Reply, Subject, SubjectError};

type Source = Result<Option<String>, SubjectError>;

/// Compares quotes with the bytes they claim to be, reading each source once.
pub(super) struct QuoteChecker<'a> {
    subject: &'a dyn Subject,
    sources: HashMap<(DocumentId, Revision), Source>,
    n_unchecked: usize,
}

impl<'a> QuoteChecker<'a> {
    pub(super) fn new(subject: &'a dyn Subject) -> Self {
        Self { subject, sources: HashMap::new(), n_unchecked: 0 }
    }

    /// Answers whose quotes could not be compared.
    pub(super) fn n_unchecked(&self) -> usize {
        self.n_unchecked
    }

    /// One when every quote of an answer equals its source, else zero; an unreadable source is not
    /// equal. `None` without an answer, without quotes, or where the subject gives no sources.
    pub(super) async fn check(&mut self, reply: &Reply) -> Option<f64> {
        if reply.outcome != Outcome::Answered || reply.citations.is_empty() {
            return None;
        }
        let mut all_equal = true;
        for citation in &reply.citations {
            match self.source(citation).await {
                Ok(Some(text)) => {
                    all_equal &= citation.span.of(text) == Some(citation.quote.as_str());
                }
                Ok(None) => {
                    self.n_unchecked += 1;
                    return None;
                }
                Err(_) => all_equal = false,
            }
        }
        Some(share(all_equal))
    }

    async fn source(&mut self, citation: &Citation) -> &Source {
        let key = (citation.document_id.clone(), citation.revision.clone());
        if !self.sources.contains_key(&key) {
            let text = self.subject.source_text(&key.0, &key.1).await;
            self.sources.insert(key.clone(), text);
        }
        self.sources.get(&key).unwrap_or(&Ok(None))
    }
}
