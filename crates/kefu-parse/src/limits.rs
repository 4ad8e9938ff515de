/// Bounds on what one file may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest file, in bytes.
    pub max_input_bytes: u64,
    /// Most text that one file may turn into, in bytes.
    pub max_output_bytes: u64,
    /// Most rows of a table or a rows file.
    pub max_rows: usize,
    /// Most cells with a value in one sheet of a workbook.
    pub max_cells: usize,
    /// Deepest nesting of lists, quotes and elements.
    pub max_nesting: usize,
    /// Most pages of a PDF, slides of a deck and sheets of a workbook.
    pub max_pages: usize,
    /// Most members of a container such as a DOCX or an EPUB.
    pub max_archive_entries: usize,
    /// Most bytes that the members of a container may unpack to, all together.
    pub max_unpacked_bytes: u64,
    /// Most bytes of a member for each byte it takes in the container.
    pub max_archive_ratio: u64,
}

impl Limits {
    /// Bounds that fit handbooks and exports of help centres.
    pub const STANDARD: Self = Self {
        max_input_bytes: 32 << 20,
        max_output_bytes: 64 << 20,
        max_rows: 200_000,
        max_cells: 1_000_000,
        max_nesting: 200,
        max_pages: 2_000,
        max_archive_entries: 10_000,
        max_unpacked_bytes: 256 << 20,
        max_archive_ratio: 200,
    };
}
