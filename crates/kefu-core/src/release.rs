//! Content versions: a chunk is visible at release R when `since <= R < until`.

use crate::ids::TenantId;

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
    /// Who holds the build lease; part of every write's check.
    pub holder: String,
}

/// A published release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its number.
    pub number: ReleaseNo,
    /// Index collection that holds its points.
    pub collection: String,
    /// When it was published, milliseconds since the epoch, UTC.
    pub published_at_ms: i64,
    /// Documents visible in it.
    pub n_documents: u64,
    /// Chunks visible in it.
    pub n_chunks: u64,
    /// Whether the pointer names it now.
    pub current: bool,
}
