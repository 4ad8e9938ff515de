//! File formats to text with structure.
//!
//! [`parse`] is a pure function from a file's name and bytes to the documents it holds: Markdown,
//! plain text, HTML, CSV and TSV, and JSON rows. [`serve`] wraps it in the loop of a child process,
//! so that a file that exhausts memory or time takes no service down with it.
//!
//! The text of a [`Parsed`] document is what citations point into; its blocks are byte ranges of
//! that text.

mod decode;
mod error;
mod format;
mod front_matter;
mod html;
mod limits;
mod markdown;
mod meta;
mod parsed;
mod plain;
mod rows;
mod serve;
mod table;

pub use error::ParseError;
pub use format::parse;
pub use limits::Limits;
pub use parsed::{
    Block, BlockKind, Parsed, ParsedFile, ParsedId, ParsedKind, ParsedMeta, RowError,
};
pub use serve::serve;
