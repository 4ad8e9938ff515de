use std::sync::atomic::{AtomicBool, Ordering};

use kefu_core::{Citation, Passage, PassageTrace};

/// A step on the way to an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum AnswerEvent {
    /// A stage began: `triage`, `retrieving`, `reading` or `generating`.
    Status(&'static str),
    /// The passages that will be read, best first.
    Sources(Vec<ScoredPassage>),
    /// More of the answer. All deltas in a row are the answer's text.
    Delta(String),
    /// A quotation that supports the text so far.
    Citation(Citation),
}

/// A passage with the scores it was ranked by.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredPassage {
    /// The passage.
    pub passage: Passage,
    /// How it was ranked.
    pub trace: PassageTrace,
}

/// Watches an answer being made.
pub trait AnswerObserver: Send + Sync {
    /// Takes the next event; must not block.
    fn observe(&self, event: AnswerEvent);
}

/// Watches nothing.
#[derive(Clone, Copy, Debug)]
pub struct Unobserved;

impl AnswerObserver for Unobserved {
    fn observe(&self, _event: AnswerEvent) {}
}

/// Passes everything on and remembers whether any of the answer was heard.
pub(crate) struct Listened<'a> {
    observer: &'a dyn AnswerObserver,
    heard_text: AtomicBool,
}

impl<'a> Listened<'a> {
    pub(crate) fn to(observer: &'a dyn AnswerObserver) -> Self {
        Self { observer, heard_text: AtomicBool::new(false) }
    }

    /// Whether a part of the answer has left already.
    pub(crate) fn heard_text(&self) -> bool {
        self.heard_text.load(Ordering::SeqCst)
    }
}

impl AnswerObserver for Listened<'_> {
    fn observe(&self, event: AnswerEvent) {
        if matches!(event, AnswerEvent::Delta(_) | AnswerEvent::Citation(_)) {
            self.heard_text.store(true, Ordering::SeqCst);
        }
        self.observer.observe(event);
    }
}
