use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::lock::LockEntry;
use crate::manifest::Manifest;

pub(crate) mod folder;
pub(crate) mod hub;
pub(crate) mod pip;

/// How files are fetched.
#[derive(Clone, Debug)]
pub struct FetchSettings {
    /// Forbids every network access. `HF_HUB_OFFLINE=1` in the environment forbids it too.
    pub offline: bool,
    /// A folder with `<manifest id>/<file>`, such as a copy of another machine's cache; tried
    /// before the manifest's sources, offline too.
    pub folder: Option<PathBuf>,
    /// Address of the hub or a mirror; without it `HF_ENDPOINT`, then the public hub.
    pub hub_endpoint: Option<String>,
    /// Token for the hub; without it `HF_TOKEN`.
    pub hub_token: Option<String>,
    /// The Python that runs `pip download`.
    pub python: String,
    /// Longest time without any progress.
    pub timeout: Duration,
}

impl FetchSettings {
    /// Whether the network is forbidden by these settings or by the environment.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.offline || is_truthy(std::env::var("HF_HUB_OFFLINE").ok().as_deref())
    }
}

/// A step of fetching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchEvent<'a> {
    /// A file or package begins to arrive.
    Started {
        /// Its name.
        file: &'a str,
        /// Its size, when known.
        total_bytes: Option<u64>,
    },
    /// More of it has arrived. Starts above zero when a download is resumed.
    Progress {
        /// Its name.
        file: &'a str,
        /// Bytes there so far.
        done_bytes: u64,
        /// Its size, when known.
        total_bytes: Option<u64>,
    },
    /// It is complete; not yet checked.
    Finished {
        /// Its name.
        file: &'a str,
    },
}

/// Is told how fetching goes; called on the thread that pulls.
pub trait FetchObserver: Send + Sync {
    /// Takes note of a step.
    fn observe(&self, event: FetchEvent<'_>);
}

/// Takes no note.
#[derive(Clone, Copy, Debug)]
pub struct Unobserved;

impl FetchObserver for Unobserved {
    fn observe(&self, _event: FetchEvent<'_>) {}
}

/// What a source is asked for: `files` of `manifest` below `staging`, under their own names.
pub(crate) struct Fetch<'a> {
    pub(crate) manifest: &'a Manifest,
    pub(crate) files: &'a [String],
    pub(crate) entry: Option<&'a LockEntry>,
    pub(crate) settings: &'a FetchSettings,
    pub(crate) observer: &'a dyn FetchObserver,
    pub(crate) staging: &'a Path,
    pub(crate) cache_dir: &'a Path,
}

impl Fetch<'_> {
    /// A path below `staging` whose folder exists.
    pub(crate) fn staged(&self, file: &str) -> Result<PathBuf, String> {
        let path = self.staging.join(file);
        let folder = path.parent().unwrap_or(self.staging);
        std::fs::create_dir_all(folder)
            .map_err(|e| format!("creating {}: {e}", folder.display()))?;
        Ok(path)
    }
}

/// Where files came from.
pub(crate) struct Fetched {
    pub(crate) origin: String,
    pub(crate) revision: String,
}

fn is_truthy(value: Option<&str>) -> bool {
    value.is_some_and(|v| matches!(v.trim().to_lowercase().as_str(), "1" | "true" | "yes" | "on"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offline_variable_is_read_as_the_hub_tools_read_it() {
        assert!(["1", "true", "YES", " on "].iter().all(|v| is_truthy(Some(v))));
        assert!(["0", "", "false", "no"].iter().all(|v| !is_truthy(Some(v))));
        assert!(!is_truthy(None));
    }
}
