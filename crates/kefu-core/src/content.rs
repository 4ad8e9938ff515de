//! Documents, chunks and passages.

use std::collections::BTreeSet;
use std::fmt;

use sha2::{Digest, Sha256};

use crate::ids::{ChunkId, DocumentId};
use crate::language::Language;
use crate::overlay::Correction;
use crate::release::ReleaseNo;
use crate::scope::Audience;
use crate::validity::{SectionValidity, Validity};
use crate::vector::SparseVector;

/// SHA-256 over length-prefixed parts, so that part borders count.
#[must_use]
pub fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// A half-open range of UTF-8 bytes in a document's text; both ends lie on character borders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// Length in bytes; zero when the ends are reversed.
    #[must_use]
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether it covers nothing.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The text it covers; `None` when it is out of range or cuts a character.
    #[must_use]
    pub fn of(self, text: &str) -> Option<&str> {
        text.get(self.start..self.end)
    }

    /// The same range seen from a text that begins `offset` bytes earlier.
    #[must_use]
    pub fn shifted(self, offset: usize) -> Self {
        Self { start: self.start + offset, end: self.end + offset }
    }
}

/// A part of a document's text that is not its content: in no chunk and in no quotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Which part.
    pub span: Span,
    /// Name of the rule that found it.
    pub rule: String,
}

/// How a document was cleaned and corrected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaning {
    /// Equal for equal rules, settings and corrections; empty for documents that were never
    /// cleaned.
    pub fingerprint: String,
    /// What was removed: ordered, disjoint.
    pub removals: Vec<Removal>,
    /// What became of the document's overlays, in their order.
    pub corrections: Vec<Correction>,
}

/// Fingerprint of a document's text and metadata; 16 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(String);

impl Revision {
    /// Reads a revision that a caller names; `None` unless it is 16 lower-case hex digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (text.len() == 16 && text.bytes().all(hex)).then(|| Self(text.to_owned()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a document may answer customers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DocumentState {
    /// Being written: kept for editors, and in no answer.
    Draft,
    /// Questions are answered from it.
    #[default]
    Approved,
    /// No longer used: kept for editors, and in no answer.
    Retired,
}

impl DocumentState {
    /// The word in files, records and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
            Self::Retired => "retired",
        }
    }

    /// Reads the word; `None` when it is no state.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Draft, Self::Approved, Self::Retired].into_iter().find(|s| s.as_str() == word)
    }

    /// Whether a document in this state has chunks, and readers below editors see it.
    #[must_use]
    pub fn is_visible(self) -> bool {
        self == Self::Approved
    }

    /// Whether a person may move a document from this state to `next`. What was retired returns
    /// as approved; staying is always allowed.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        !matches!((self, next), (Self::Retired, Self::Draft))
    }
}

/// What is known of a document beside its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentMeta {
    /// Title shown with citations; never empty.
    pub title: String,
    /// Main language.
    pub language: Language,
    /// Where a customer can read it, when it is public.
    pub url: Option<String>,
    /// Who may read it; never empty.
    pub audiences: BTreeSet<Audience>,
    /// First day it holds, `YYYY-MM-DD`.
    pub valid_from: Option<String>,
    /// Last day it holds, `YYYY-MM-DD`.
    pub valid_to: Option<String>,
    /// Headings whose text holds for fewer days, in order.
    pub sections: Vec<SectionValidity>,
    /// Whether it may answer customers.
    pub state: DocumentState,
}

impl DocumentMeta {
    /// The days on which the document holds.
    #[must_use]
    pub fn validity(&self) -> Validity {
        Validity { from: self.valid_from.clone(), to: self.valid_to.clone() }
    }

    /// The days on which the text under these headings holds.
    #[must_use]
    pub fn validity_under(&self, headings: &[String]) -> Validity {
        let is_above = |section: &&SectionValidity| headings.contains(&section.heading);
        let sections = self.sections.iter().filter(is_above);
        sections.fold(self.validity(), |days, section| days.narrowed(&section.validity))
    }
}

/// What kind of text a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// Prose, tables, lists.
    Article,
    /// A reviewed question–answer pair; the question is the title.
    Pair {
        /// Where the answer stands in the document's text.
        answer: Span,
    },
}

impl DocumentKind {
    /// Whether it is an article.
    #[must_use]
    pub fn is_article(&self) -> bool {
        matches!(self, Self::Article)
    }
}

/// A document at one revision. Citations point into `text` by byte offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Stable id.
    pub id: DocumentId,
    /// Article or reviewed pair.
    pub kind: DocumentKind,
    /// Source text as citations see it.
    pub text: String,
    /// The rest.
    pub meta: DocumentMeta,
}

impl Document {
    /// The revision: equal text and metadata give equal revisions.
    #[must_use]
    pub fn revision(&self) -> Revision {
        let meta = &self.meta;
        let audiences: Vec<&str> = meta.audiences.iter().map(Audience::as_str).collect();
        let kind = match &self.kind {
            DocumentKind::Article => String::new(),
            DocumentKind::Pair { answer } => format!("{}..{}", answer.start, answer.end),
        };
        let audiences = audiences.join(",");
        let mut parts = vec![
            self.text.as_bytes(),
            kind.as_bytes(),
            meta.title.as_bytes(),
            meta.language.code().as_bytes(),
            meta.url.as_deref().unwrap_or_default().as_bytes(),
            audiences.as_bytes(),
            meta.valid_from.as_deref().unwrap_or_default().as_bytes(),
            meta.valid_to.as_deref().unwrap_or_default().as_bytes(),
        ];
        // Approved documents keep the revisions they had before there were states.
        if meta.state != DocumentState::Approved {
            parts.push(meta.state.as_str().as_bytes());
        }
        for SectionValidity { heading, validity } in &meta.sections {
            parts.push(heading.as_bytes());
            parts.push(validity.from.as_deref().unwrap_or_default().as_bytes());
            parts.push(validity.to.as_deref().unwrap_or_default().as_bytes());
        }
        let bytes = digest(&parts);
        Revision(bytes[..8].iter().map(|b| format!("{b:02x}")).collect())
    }
}

/// A chunk before it is stored: a span of the document with what is indexed for it.
#[derive(Clone, Debug, PartialEq)]
pub struct ChunkDraft {
    /// Position in the document, from 0.
    pub ordinal: u32,
    /// Its bytes in the document's text.
    pub span: Span,
    /// Headings above it, outermost first, joined with ` > `; may be empty.
    pub heading: String,
    /// What is embedded and indexed: title and headings, then the text.
    pub index_text: String,
    /// Language of this chunk.
    pub language: Language,
    /// The days on which it holds: those of its document and of the headings above it.
    pub validity: Validity,
    /// Tokens of `index_text` as the embedder counts them.
    pub n_tokens: u32,
}

impl ChunkDraft {
    /// Hash of what is embedded; the key of the vector cache.
    #[must_use]
    pub fn text_hash(&self) -> [u8; 32] {
        digest(&[self.index_text.as_bytes()])
    }
}

/// A stored chunk with its vectors, as the index needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    /// Identity and point id.
    pub id: ChunkId,
    /// The document it belongs to.
    pub document_id: DocumentId,
    /// The draft it was made from.
    pub draft: ChunkDraft,
    /// Who may read it.
    pub audiences: BTreeSet<Audience>,
    /// First release that sees it.
    pub since: ReleaseNo,
    /// First release that no longer sees it.
    pub until: Option<ReleaseNo>,
    /// Dense vector, when the embedder serves the chunk's language.
    pub dense: Option<Vec<f32>>,
    /// Lexical vector.
    pub sparse: SparseVector,
}

/// A chunk as a question sees it: text and place, no vectors.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// The chunk.
    pub chunk_id: ChunkId,
    /// Its document.
    pub document_id: DocumentId,
    /// The document's revision at the question's release.
    pub revision: Revision,
    /// The document's title.
    pub title: String,
    /// The document's address for customers.
    pub url: Option<String>,
    /// Headings above the chunk.
    pub heading: String,
    /// Position in the document.
    pub ordinal: u32,
    /// The chunk's bytes in the document's text.
    pub span: Span,
    /// The document's text at `span`, verbatim.
    pub text: String,
    /// Language.
    pub language: Language,
    /// The days on which it holds.
    pub validity: Validity,
    /// For a reviewed pair: where its answer stands in the document's text. The title is the
    /// question.
    pub pair_answer: Option<Span>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        Document {
            id: DocumentId::new("returns").unwrap_or_else(|_| unreachable!()),
            kind: DocumentKind::Article,
            text: text.to_owned(),
            meta: DocumentMeta {
                title: "Returns".to_owned(),
                language: Language::ENGLISH,
                url: None,
                audiences: BTreeSet::from([Audience::public()]),
                valid_from: None,
                valid_to: None,
                sections: Vec::new(),
                state: DocumentState::Approved,
            },
        }
    }

    #[test]
    fn revisions_follow_text_and_metadata() {
        let first = document("30 days").revision();
        assert_eq!(first, document("30 days").revision());
        assert_ne!(first, document("14 days").revision());
        let mut draft = document("30 days");
        draft.meta.state = DocumentState::Draft;
        assert_ne!(first, draft.revision());
        assert_eq!(Revision::parse(first.as_str()), Some(first));
    }

    #[test]
    fn what_was_retired_returns_as_approved_only() {
        use DocumentState::{Approved, Draft, Retired};
        let allowed = [(Draft, Approved), (Approved, Retired), (Retired, Approved)];
        let allowed = [&allowed[..], &[(Draft, Retired), (Approved, Draft)]].concat();
        for from in [Draft, Approved, Retired] {
            for to in [Draft, Approved, Retired] {
                let expected = from == to || allowed.contains(&(from, to));
                assert_eq!(from.may_become(to), expected, "{from:?} {to:?}");
            }
            assert_eq!(DocumentState::parse(from.as_str()), Some(from));
        }
    }

    #[test]
    fn spans_never_cut_a_character() {
        let text = "退货";
        assert_eq!(Span { start: 0, end: 3 }.of(text), Some("退"));
        assert_eq!(Span { start: 0, end: 2 }.of(text), None);
    }
}
