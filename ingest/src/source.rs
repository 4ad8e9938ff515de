//! Sources: where a company's documents come from, time and again.

mod file;
mod list;
mod run;
mod sitemap;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use globset::GlobSet;
use kefu_core::{Audience, Language};

pub use file::{SourceFault, read_source_file};

/// A source of documents.
#[derive(Clone, Debug)]
pub struct SourceSpec {
    /// Its id, stable over runs: it tells whose documents may vanish.
    pub id: String,
    /// Where its documents are.
    pub place: SourcePlace,
    /// How often the service looks; never by itself when `None`. At least a minute.
    pub every: Option<Duration>,
    /// What becomes of documents that are no longer there.
    pub delete: DeletePolicy,
    /// Share of its documents that may vanish at once without somebody's word, for
    /// [`DeletePolicy::Ask`]; a handful always may.
    pub max_vanish_share: f64,
    /// Who may read documents that do not say; empty means everyone.
    pub audiences: BTreeSet<Audience>,
    /// Language of documents that do not say.
    pub language: Option<Language>,
    /// Documents at most; a listing with more is cut there and deletes nothing.
    pub max_documents: usize,
}

/// Where a source's documents are.
#[derive(Clone, Debug)]
pub enum SourcePlace {
    /// A folder, walked.
    Folder {
        /// The folder.
        path: PathBuf,
        /// Which of its files.
        globs: Globs,
    },
    /// Pages by their addresses.
    Urls {
        /// The addresses.
        urls: Vec<String>,
    },
    /// Pages that a sitemap lists, and those that it lists of its own site only.
    Sitemap {
        /// Address of the sitemap or of an index of sitemaps.
        url: String,
        /// Which of the addresses.
        globs: Globs,
    },
}

/// Which names of a listing count.
#[derive(Clone, Debug)]
pub struct Globs {
    /// At least one of these must fit; everything does when `None`.
    include: Option<GlobSet>,
    /// None of these may fit.
    exclude: GlobSet,
}

impl Globs {
    fn take(&self, name: &str) -> bool {
        self.include.as_ref().is_none_or(|globs| globs.is_match(name))
            && !self.exclude.is_match(name)
    }
}

/// What becomes of documents that a source no longer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletePolicy {
    /// They are deleted, unless too many would go at once: then all stay until somebody confirms.
    Ask,
    /// They are deleted.
    Prune,
    /// They stay.
    Keep,
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests;
