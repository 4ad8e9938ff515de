use thiserror::Error;

use crate::format::SUPPORTED;

/// Why a file could not be read. The message says what to do about it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ParseError {
    /// No parser for this kind of file.
    #[error("files ending in {extension:?} cannot be read; supported are {SUPPORTED}")]
    UnsupportedFormat {
        /// The ending, in lower case; empty when the name has none.
        extension: String,
    },
    /// The bytes are not text.
    #[error("the file holds NUL bytes, so it is not text; save it as UTF-8 text")]
    BinaryFile,
    /// The bytes do not fit any encoding.
    #[error("{n_bad} characters could not be decoded as {encoding}; save the file as UTF-8")]
    BadEncoding {
        /// The encoding that fitted best.
        encoding: &'static str,
        /// Characters that did not decode.
        n_bad: usize,
    },
    /// The file, or what it turns into, is too large.
    #[error("the {what} exceeds the limit of {limit} bytes; split the file")]
    TooLarge {
        /// File or text.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// Too many rows.
    #[error("the file has more than {limit} rows; split it")]
    TooManyRows {
        /// The limit.
        limit: usize,
    },
    /// Elements nest too deeply.
    #[error("elements nest deeper than {limit} levels")]
    TooNested {
        /// The limit.
        limit: usize,
    },
    /// A metadata field has a value that must not be guessed at.
    #[error("{field} {detail}")]
    BadMetadata {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// The file does not have the structure its ending promises.
    #[error("{detail}")]
    BadStructure {
        /// What is wrong.
        detail: String,
    },
    /// A parser gave up on the file.
    #[error("the parser failed on this file: {detail}")]
    ParserFailed {
        /// The cause.
        detail: String,
    },
}

impl ParseError {
    /// The code in reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedFormat { .. } => "unsupported_format",
            Self::BinaryFile => "binary_file",
            Self::BadEncoding { .. } => "bad_encoding",
            Self::TooLarge { .. } => "too_large",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::TooNested { .. } => "too_nested",
            Self::BadMetadata { .. } => "bad_metadata",
            Self::BadStructure { .. } => "bad_structure",
            Self::ParserFailed { .. } => "parser_failed",
        }
    }
}
