//! Whether the index holds what the records say, point by point.

use kefu_core::ports::{ExpectedPoint, StoredPoint};
use kefu_core::{ChunkId, Scope, Visibility};

use crate::error::IngestError;
use crate::pipeline::{Ingestor, IngestorParts};

/// Points per page of either side.
const PAGE: usize = 1_000;
/// Differences that are named; the others are counted.
const MAX_NAMED: usize = 20;

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexCheck {
    /// Points that are as they should be.
    pub n_right: u64,
    /// Points that differ because the index has yet to be told, at the next publish; in order.
    pub n_pending: u64,
    /// Points that the index lacks.
    pub n_missing: u64,
    /// Points that the index holds and the records do not know.
    pub n_surplus: u64,
    /// Points that other releases see than should.
    pub n_wrong: u64,
    /// The first 20 of the differences, by id.
    pub differences: Vec<IndexDifference>,
}

/// A point that is not as the records say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexDifference {
    /// Which.
    pub chunk_id: ChunkId,
    /// Who should see it; `None` when it should not be there.
    pub expected: Option<Visibility>,
    /// Who sees it; `None` when it is not there.
    pub found: Option<Visibility>,
}

impl IndexDifference {
    /// The kind of difference, in a word: `missing`, `surplus` or `visibility`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match (self.expected, self.found) {
            (_, None) => "missing",
            (None, Some(_)) => "surplus",
            (Some(_), Some(_)) => "visibility",
        }
    }
}

impl IndexCheck {
    /// Whether nothing differs that should not.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.n_missing + self.n_surplus + self.n_wrong == 0
    }

    fn compare(&mut self, expected: Option<&ExpectedPoint>, found: Option<&StoredPoint>) {
        let Some(chunk_id) = expected.map(|e| e.chunk_id).or(found.map(|f| f.chunk_id)) else {
            return;
        };
        let wanted = expected.and_then(|expected| expected.visibility);
        let seen = found.map(|found| found.visibility);
        if wanted == seen {
            self.n_right += u64::from(seen.is_some());
            return;
        }
        if expected.is_some_and(|expected| expected.pending) && (seen.is_some() || wanted.is_none())
        {
            self.n_pending += 1;
            return;
        }
        match (wanted, seen) {
            (_, None) => self.n_missing += 1,
            (None, _) => self.n_surplus += 1,
            _ => self.n_wrong += 1,
        }
        if self.differences.len() < MAX_NAMED {
            self.differences.push(IndexDifference { chunk_id, expected: wanted, found: seen });
        }
    }
}

impl Ingestor {
    /// Compares the index with the records for the scope's tenant. The two are read page by page,
    /// not at one moment: what a build changes meanwhile may be reported. Operators only.
    ///
    /// # Errors
    /// What the records or the store report.
    pub async fn check_index(&self, scope: &Scope) -> Result<IndexCheck, IngestError> {
        let mut check = IndexCheck::default();
        let IngestorParts { records, store, collection, .. } = &self.parts;
        let (mut expected, mut found) = (Side::<ExpectedPoint>::new(), Side::<StoredPoint>::new());
        loop {
            if expected.is_used_up() {
                let page = records.expected_points(scope, expected.after, PAGE).await?;
                expected.turn(page, |point| point.chunk_id);
            }
            if found.is_used_up() {
                let page = store.points(scope, &collection.name, found.after, PAGE).await?;
                found.turn(page, |point| point.chunk_id);
            }
            let (wanted, seen) = (expected.page.get(expected.at), found.page.get(found.at));
            let (wanted_id, seen_id) = (wanted.map(|w| w.chunk_id), seen.map(|s| s.chunk_id));
            match (wanted_id, seen_id) {
                (None, None) => return Ok(check),
                (Some(a), Some(b)) if a == b => {
                    check.compare(wanted, seen);
                    expected.at += 1;
                    found.at += 1;
                }
                (Some(a), b) if b.is_none_or(|b| a < b) => {
                    check.compare(wanted, None);
                    expected.at += 1;
                }
                _ => {
                    check.compare(None, seen);
                    found.at += 1;
                }
            }
        }
    }
}

/// One side of the comparison, page by page.
struct Side<T> {
    page: Vec<T>,
    at: usize,
    after: Option<ChunkId>,
    ended: bool,
}

impl<T> Side<T> {
    fn new() -> Self {
        Self { page: Vec::new(), at: 0, after: None, ended: false }
    }

    fn is_used_up(&self) -> bool {
        self.at >= self.page.len() && !self.ended
    }

    /// Goes on to the next page; an empty one is the end.
    fn turn(&mut self, page: Vec<T>, id: impl Fn(&T) -> ChunkId) {
        self.after = page.last().map(id).or(self.after);
        self.ended = page.is_empty();
        (self.page, self.at) = (page, 0);
    }
}
