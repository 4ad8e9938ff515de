//! The inner loops, one per instruction set.

#[cfg(target_arch = "x86_64")]
use super::x86;

/// Inputs whose products are summed by one instruction.
pub(super) const STEP: usize = 4;
/// Rows of a tile: with more, addresses no longer fit into registers.
pub(super) const ROWS: usize = 8;
/// Outputs of a tile: two of the widest registers.
pub(super) const COLUMNS: usize = 32;

/// Sums of products.
pub(super) type Tile = [[i32; COLUMNS]; ROWS];

/// Which instructions multiply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kernel {
    /// AVX-512 with VNNI.
    #[cfg(target_arch = "x86_64")]
    Vnni,
    /// AVX2, which has to widen bytes first: its byte products saturate.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Any processor.
    Portable,
}

/// Whether bytes are multiplied by vector instructions here, and so faster than plain numbers.
pub(in crate::encoder) fn has_vectors() -> bool {
    Kernel::best() != Kernel::Portable
}

impl Kernel {
    /// The kernels that run here, fastest first.
    pub(super) fn available() -> impl Iterator<Item = Self> {
        let all = [
            #[cfg(target_arch = "x86_64")]
            Self::Vnni,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2,
            Self::Portable,
        ];
        all.into_iter().filter(|kernel| kernel.runs_here())
    }

    /// The fastest.
    pub(super) fn best() -> Self {
        Self::available().next().unwrap_or(Self::Portable)
    }

    fn runs_here(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Vnni => x86::has_vnni(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => x86::has_avx2(),
            Self::Portable => true,
        }
    }

    /// Multiplies up to [`ROWS`] rows of `width` bytes, a multiple of [`STEP`], with one panel of
    /// weights. Lines of the tile beyond the rows keep what they had.
    pub(super) fn multiply(self, rows: &[i8], weights: &[u8], width: usize, tile: &mut Tile) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Vnni => x86::multiply_vnni(rows, weights, width, tile),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => x86::multiply_avx2(rows, weights, width, tile),
            Self::Portable => multiply(rows, weights, width, tile),
        }
    }
}

pub(super) fn multiply(rows: &[i8], weights: &[u8], width: usize, tile: &mut Tile) {
    for (row, sums) in rows.chunks_exact(width).zip(tile) {
        sums.fill(0);
        let steps = row.as_chunks::<STEP>().0.iter().zip(weights.chunks_exact(COLUMNS * STEP));
        for (inputs, weights) in steps {
            for (sum, weights) in sums.iter_mut().zip(weights.as_chunks::<STEP>().0) {
                for (input, weight) in inputs.iter().zip(weights) {
                    *sum += i32::from(*input) * i32::from(*weight);
                }
            }
        }
    }
}
