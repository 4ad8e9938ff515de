//! The structure of a document's text.

/// A piece of structure: a byte range of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// What a block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// A heading.
    Heading {
        /// 1 is the outermost.
        level: u8,
        /// Its words without markup.
        title: String,
    },
    /// Prose.
    Paragraph,
    /// One item of a list.
    ListItem,
    /// The head of a table.
    TableHeader,
    /// One row of a table.
    TableRow,
    /// Code.
    Code,
    /// A quotation.
    Quote,
}

/// What a document was made from, so that it can be worked on again without its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceText {
    /// The text before corrections; `None` when they changed nothing.
    pub text: Option<String>,
    /// Ordered ranges of that text that do not overlap.
    pub blocks: Vec<Block>,
}
