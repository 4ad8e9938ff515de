//! Content versions: a chunk is visible at release R when `since <= R < until`.

use crate::ids::{ChunkId, TenantId};
use crate::scope::Role;

/// Number of a release, counted per tenant from 1; 0 means nothing was ever published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseNo(pub u32);

impl ReleaseNo {
    /// The number after this one; stays at the maximum rather than wrapping.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl std::fmt::Display for ReleaseNo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The releases a row is visible in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visibility {
    /// First release that sees the row.
    pub since: ReleaseNo,
    /// First release that no longer sees it; `None` while it is open.
    pub until: Option<ReleaseNo>,
}

impl Visibility {
    /// Visible from `since` on.
    #[must_use]
    pub fn from(since: ReleaseNo) -> Self {
        Self { since, until: None }
    }

    /// Whether release `at` sees the row.
    #[must_use]
    pub fn contains(self, at: ReleaseNo) -> bool {
        self.since <= at && self.until.is_none_or(|until| at < until)
    }
}

/// A release under construction; invisible until it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// Whose content.
    pub tenant: TenantId,
    /// The number it will have.
    pub release: ReleaseNo,
    /// The release it is based on: the current one when it began, and the only one it may follow.
    pub base: ReleaseNo,
    /// Who holds the build lease; part of every write's check.
    pub holder: String,
    /// Why it is published, kept with the move of the pointer; a plain word when `None`.
    pub reason: Option<String>,
    /// What beginning it threw away because the content had been rolled back.
    pub undone: Undone,
}

/// What the first build after a rollback throws away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Releases newer than the one that was current, oldest first; never publishable again.
    pub abandoned: Vec<ReleaseNo>,
    /// Documents with staged changes that were based on one of them.
    pub n_staged_documents: u64,
}

impl Undone {
    /// Whether nothing was thrown away.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.abandoned.is_empty() && self.n_staged_documents == 0
    }
}

/// Whether a release can serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseState {
    /// The pointer may name it.
    Published,
    /// A build began on an older release after a rollback: history only.
    Abandoned,
}

impl ReleaseState {
    /// The word in listings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Abandoned => "abandoned",
        }
    }
}

/// A release that was published and has not been collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its number.
    pub number: ReleaseNo,
    /// Index collection it was published with.
    pub collection: String,
    /// When it was published, milliseconds since the epoch, UTC.
    pub published_at_ms: i64,
    /// Documents visible in it.
    pub n_documents: u64,
    /// Chunks visible in it.
    pub n_chunks: u64,
    /// Whether it can serve.
    pub state: ReleaseState,
    /// Whether the pointer names it now.
    pub current: bool,
}

/// Where the release pointer should go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointerTarget {
    /// To this release, older or newer.
    Release(ReleaseNo),
    /// To this release, which must be older than the current one.
    Older(ReleaseNo),
    /// To the newest published release that is older than the current one.
    Previous,
}

/// One move of the release pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointerMove {
    /// Where it stood before; 0 at first.
    pub previous: ReleaseNo,
    /// Where it went.
    pub release: ReleaseNo,
    /// When, milliseconds since the epoch, UTC.
    pub at_ms: i64,
    /// On whose authority.
    pub by: Role,
    /// Why, in the words of whoever moved it.
    pub reason: String,
}

/// What the index must be told of a point, because the records have changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Which point.
    pub chunk_id: ChunkId,
    /// What it must become.
    pub change: PointChange,
}

/// How a point of the index must change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PointChange {
    /// The first release that no longer sees it; `None` opens it again.
    Until(Option<ReleaseNo>),
    /// It must go: no release and no build knows it.
    Remove,
}
