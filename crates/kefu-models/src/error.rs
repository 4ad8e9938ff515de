use std::path::{Path, PathBuf};

use kefu_core::ErrorKind;
use thiserror::Error;

/// Why a model cannot be found, fetched or loaded. Every message says what to do.
#[derive(Debug, Error)]
pub enum ModelsError {
    /// No profile of that name.
    #[error("there is no model profile {name:?}; choose one of: {known}")]
    UnknownProfile {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A manifest or the profile list is wrong.
    #[error("the model manifest {name} is wrong: {detail}; this build is damaged, install it anew")]
    BadManifest {
        /// Its name.
        name: String,
        /// What is wrong.
        detail: String,
    },
    /// A file is not there.
    #[error("model {model}: {} is missing; run `{command}`", path.display())]
    Missing {
        /// The model.
        model: String,
        /// Where the file should be.
        path: PathBuf,
        /// What fetches it.
        command: String,
    },
    /// A file has the wrong length.
    #[error(
        "model {model}: {} has {found_bytes} bytes instead of {expected_bytes}; run `{command}` to \
         fetch it again", path.display()
    )]
    Truncated {
        /// The model.
        model: String,
        /// The file.
        path: PathBuf,
        /// Its length by the lock.
        expected_bytes: u64,
        /// Its length.
        found_bytes: u64,
        /// What fetches it.
        command: String,
    },
    /// A file has other bytes than the lock says.
    #[error(
        "model {model}: {} is damaged or not the pinned file (SHA-256 {found} instead of \
         {expected}); run `{command}` to fetch it again", path.display()
    )]
    Altered {
        /// The model.
        model: String,
        /// The file.
        path: PathBuf,
        /// Its hash by the lock.
        expected: String,
        /// Its hash.
        found: String,
        /// What fetches it.
        command: String,
    },
    /// The files are there but nothing says what they must be.
    #[error(
        "model {model}: models.lock has no entry for it, so its files cannot be checked; run \
         `{command}` to record them"
    )]
    Unlocked {
        /// The model.
        model: String,
        /// What records it.
        command: String,
    },
    /// `models.lock` cannot be read.
    #[error("{} is damaged: {detail}; move it away and pull the models again", path.display())]
    BadLock {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// The weights are of another kind than the manifest says.
    #[error(
        "model {model}: {file} holds a {found:?} model where {expected:?} is needed; run \
         `{command}` to fetch the right file"
    )]
    WrongArchitecture {
        /// The model.
        model: String,
        /// The file.
        file: String,
        /// What the manifest says.
        expected: String,
        /// What the file says.
        found: String,
        /// What fetches it.
        command: String,
    },
    /// The vectors have another length than the manifest says.
    #[error(
        "model {model}: its vectors have {found} dimensions where the manifest says {expected}; \
         run `{command}` to fetch the right files"
    )]
    WrongDimensions {
        /// The model.
        model: String,
        /// By the manifest.
        expected: usize,
        /// By the files.
        found: usize,
        /// What fetches it.
        command: String,
    },
    /// Tokenizer and weights do not belong together.
    #[error(
        "model {model}: the tokenizer knows {n_tokens} tokens but the weights have {n_rows} rows; \
         run `{command}` to fetch files that belong together"
    )]
    VocabularyMismatch {
        /// The model.
        model: String,
        /// Tokens of the tokenizer.
        n_tokens: usize,
        /// Rows of the embedding table.
        n_rows: usize,
        /// What fetches it.
        command: String,
    },
    /// Text would be split in a way this build does not know.
    #[error(
        "model {model}: the pre-tokenizer {found:?} is not known to this build, and guessing would \
         give wrong text; choose another model or update Kefu"
    )]
    UnknownPreTokenizer {
        /// The model.
        model: String,
        /// Its name in the file.
        found: String,
    },
    /// A file cannot be understood.
    #[error("model {model}: {file} cannot be used: {detail}; run `{command}` to fetch it again")]
    BadFile {
        /// The model.
        model: String,
        /// The file.
        file: String,
        /// What is wrong.
        detail: String,
        /// What fetches it.
        command: String,
    },
    /// The model needs something this build cannot do.
    #[error("model {model} cannot be run by this build: {detail}; choose another profile")]
    Unsupported {
        /// The model.
        model: String,
        /// What is not supported.
        detail: String,
    },
    /// The device that models shall compute on cannot be used.
    #[error("the device cannot be used: {detail}; models.device = \"cpu\" computes without one")]
    Device {
        /// What is wrong.
        detail: String,
    },
    /// The network is needed but forbidden.
    #[error(
        "model {model}: {} is missing and fetching is switched off (offline); allow it and run \
         `{command}`, or put the file there by hand", path.display()
    )]
    Offline {
        /// The model.
        model: String,
        /// The first file that is needed.
        path: PathBuf,
        /// What fetches it.
        command: String,
    },
    /// No source had the files.
    #[error("model {model} could not be fetched: {detail}; what to do: {advice}")]
    Fetch {
        /// The model.
        model: String,
        /// One line per source.
        detail: String,
        /// The way out.
        advice: String,
    },
    /// The disk refused.
    #[error("{action} {} failed: {source}; check space and permissions", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A thread could not be started.
    #[error("the thread of model {model} could not be started: {source}")]
    Thread {
        /// The model.
        model: String,
        /// The cause.
        source: std::io::Error,
    },
}

impl ModelsError {
    /// What it means to a caller.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownProfile { .. } => ErrorKind::Invalid,
            Self::Missing { .. }
            | Self::Truncated { .. }
            | Self::Altered { .. }
            | Self::Unlocked { .. }
            | Self::Offline { .. }
            | Self::Fetch { .. }
            | Self::Thread { .. }
            | Self::Device { .. }
            | Self::Io { .. } => ErrorKind::Unavailable,
            Self::WrongArchitecture { .. }
            | Self::WrongDimensions { .. }
            | Self::VocabularyMismatch { .. }
            | Self::UnknownPreTokenizer { .. }
            | Self::Unsupported { .. }
            | Self::BadFile { .. }
            | Self::BadLock { .. }
            | Self::BadManifest { .. } => ErrorKind::Internal,
        }
    }

    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}
