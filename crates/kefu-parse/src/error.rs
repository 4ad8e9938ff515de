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
    /// The bytes are of a format that its ending does not promise and that is not read.
    #[error("the file is {found}, whatever its name says; {advice}")]
    WrongFormat {
        /// What the bytes are.
        found: &'static str,
        /// What to do.
        advice: &'static str,
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
    /// A member of a container unpacks to far more than it takes.
    #[error("the file unpacks to more than {limit} times its size; it is not taken in")]
    Bomb {
        /// The limit.
        limit: u64,
    },
    /// A container has too many members.
    #[error("the file has more than {limit} {what}; split it")]
    TooMany {
        /// Members, pages, sheets, cells.
        what: &'static str,
        /// The limit.
        limit: usize,
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
    /// The file opens with a password only.
    #[error("the file is protected by a password; save it without one")]
    PasswordRequired,
    /// The file is damaged beyond use.
    #[error("the file is damaged: {detail}; export it again")]
    BrokenFile {
        /// What is damaged.
        detail: String,
    },
    /// The pages are pictures.
    #[error(
        "none of the {n_pages} pages has a text layer; they are pictures, so run text \
         recognition (OCR) on the file first"
    )]
    NoTextLayer {
        /// Pages of the file.
        n_pages: usize,
    },
    /// The text is there, but its characters are not.
    #[error(
        "{percent} % of the characters have no meaning, because the fonts of the file do not say \
         what their signs stand for; export it again or run text recognition (OCR) on it"
    )]
    UnreadableText {
        /// Share of characters without meaning.
        percent: usize,
    },
    /// A parser gave up on the file.
    #[error("the parser failed on this file: {detail}")]
    ParserFailed {
        /// The cause.
        detail: String,
    },
}

impl ParseError {
    pub(crate) fn broken(cause: impl std::fmt::Display) -> Self {
        // Causes come from parsers of untrusted bytes and may quote them at length.
        Self::BrokenFile { detail: cause.to_string().chars().take(200).collect() }
    }

    /// The code in reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedFormat { .. } => "unsupported_format",
            Self::WrongFormat { .. } => "wrong_format",
            Self::BinaryFile => "binary_file",
            Self::BadEncoding { .. } => "bad_encoding",
            Self::TooLarge { .. } | Self::Bomb { .. } | Self::TooMany { .. } => "too_large",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::TooNested { .. } => "too_nested",
            Self::BadMetadata { .. } => "bad_metadata",
            Self::BadStructure { .. } => "bad_structure",
            Self::PasswordRequired => "password_required",
            Self::BrokenFile { .. } => "broken_file",
            Self::NoTextLayer { .. } => "no_text_layer",
            Self::UnreadableText { .. } => "unreadable_text",
            Self::ParserFailed { .. } => "parser_failed",
        }
    }
}
