//! What callers ask for.

use kefu_core::{Audience, DocumentId, DocumentState, Language, SectionValidity};

/// One change that a caller asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upload {
    /// A document, new or replacing the one with its id.
    Put {
        /// The document.
        document: DocumentInput,
    },
    /// A reviewed question–answer pair, new or replacing the one with its id.
    Pair {
        /// The pair.
        pair: PairInput,
    },
    /// A file in any supported format.
    File {
        /// Its name, which is its document's id; the ending decides the format.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Another state for a stored document.
    State {
        /// Which document.
        document_id: DocumentId,
        /// The state, and why.
        change: StateChange,
    },
    /// A stored document whose overlays have changed.
    Correct {
        /// Which document.
        document_id: DocumentId,
    },
    /// A deletion.
    Delete {
        /// Which document.
        document_id: DocumentId,
    },
}

/// A reviewed pair as a caller writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairInput {
    /// Its id.
    pub id: DocumentId,
    /// The question; not empty.
    pub question: String,
    /// The answer; not empty.
    pub answer: String,
    /// Language; without one the text decides.
    pub language: Option<Language>,
    /// State; without one a known pair keeps its own.
    pub state: Option<DocumentState>,
}

/// A state that a person gives a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateChange {
    /// The state it has from then on.
    pub state: DocumentState,
    /// Why, for the history of releases; may be empty.
    pub reason: String,
}

impl StateChange {
    /// What the history of releases says.
    pub(crate) fn words(&self, id: &DocumentId) -> String {
        let (state, reason) = (self.state.as_str(), self.reason.trim());
        if reason.is_empty() {
            format!("{id} is {state}")
        } else {
            format!("{id} is {state}: {reason}")
        }
    }
}

/// A document as a caller writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentInput {
    /// Its id.
    pub id: DocumentId,
    /// Title; without one the first heading of the text, else the id.
    pub title: Option<String>,
    /// Markdown or plain text, kept byte for byte.
    pub text: String,
    /// Language; without one the text decides.
    pub language: Option<Language>,
    /// Address for customers; `http` or `https`.
    pub url: Option<String>,
    /// Who may read it; empty means everyone.
    pub audiences: Vec<Audience>,
    /// First day it holds, `YYYY-MM-DD`.
    pub valid_from: Option<String>,
    /// Last day it holds, `YYYY-MM-DD`.
    pub valid_to: Option<String>,
    /// Headings whose text holds for fewer days.
    pub sections: Vec<SectionValidity>,
    /// Whether it may answer customers; without one it keeps the state it has.
    pub state: Option<DocumentState>,
}
