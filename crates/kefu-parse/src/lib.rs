//! File formats to text with structure.
//!
//! [`parse`] is a pure function from a file's name and bytes to the documents it holds: Markdown,
//! plain text, HTML, CSV and TSV, JSON rows, Word documents, slide decks, workbooks, e-books,
//! e-mail and, with the feature `pdf`, PDF. [`serve`] wraps it in the loop of a child process, so
//! that a file that exhausts memory or time takes no service down with it.
//!
//! The text of a [`Parsed`] document is what citations point into; its blocks are byte ranges of
//! that text. Pages and slides are parted by a form feed between blocks.

mod archive;
mod decode;
mod epub;
mod error;
mod format;
mod front_matter;
mod html;
mod limits;
mod mail;
mod markdown;
mod meta;
mod office;
mod parsed;
#[cfg(feature = "pdf")]
mod pdf;
mod plain;
mod rows;
mod script;
mod serve;
mod sheet;
mod sniff;
mod table;
mod writer;
mod xml;

pub use error::ParseError;
pub use format::parse;
pub use limits::Limits;
pub use parsed::{
    Block, BlockKind, Parsed, ParsedFile, ParsedId, ParsedKind, ParsedMeta, RowError, SectionDays,
};
pub use serve::{serve, serve_with};
