/// Bounds on what one file may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest file, in bytes.
    pub max_input_bytes: u64,
    /// Most text that one file may turn into, in bytes.
    pub max_output_bytes: u64,
    /// Most rows of a table or a rows file.
    pub max_rows: usize,
    /// Deepest nesting of lists, quotes and elements.
    pub max_nesting: usize,
}

impl Limits {
    /// Bounds that fit handbooks and exports of help centres.
    pub const STANDARD: Self = Self {
        max_input_bytes: 32 << 20,
        max_output_bytes: 64 << 20,
        max_rows: 200_000,
        max_nesting: 200,
    };
}
