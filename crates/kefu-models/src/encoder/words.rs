//! The table of word vectors: the largest part of an encoder by far, of which a text needs a few
//! rows. It stays in its file, and the operating system keeps in memory what is used.

use std::path::Path;
use std::sync::Arc;

use candle_core::safetensors::MmapedSafetensors;
use candle_core::{DType, bail};
use half::{bf16, f16};

/// Opens a safetensors file without reading it. Files of the model cache are only ever replaced as a
/// whole, so that an open one stays as it was when it was verified.
pub(super) fn open(path: &Path) -> candle_core::Result<MmapedSafetensors> {
    #[expect(unsafe_code, reason = "only the caller knows that nobody writes into the file")]
    // SAFETY: the cache moves whole files into place and never writes into one.
    unsafe {
        MmapedSafetensors::new(path)
    }
}

/// A table in a file.
pub(super) struct Words {
    file: Arc<MmapedSafetensors>,
    name: String,
    width: usize,
}

/// The table, found in its file.
pub(super) struct Rows<'a> {
    bytes: &'a [u8],
    dtype: DType,
    width: usize,
}

impl Words {
    /// A table of `n_rows` times `width` numbers.
    pub(super) fn new(
        file: &Arc<MmapedSafetensors>,
        name: String,
        (n_rows, width): (usize, usize),
    ) -> candle_core::Result<Self> {
        let view = file.get(&name)?;
        if view.shape() != [n_rows, width] {
            bail!("{name} is {:?} instead of {:?}", view.shape(), [n_rows, width]);
        }
        let words = Self { file: Arc::clone(file), name, width };
        words.rows()?;
        Ok(words)
    }

    pub(super) fn rows(&self) -> candle_core::Result<Rows<'_>> {
        let view = self.file.get(&self.name)?;
        let dtype = DType::try_from(view.dtype())?;
        if !matches!(dtype, DType::F32 | DType::F16 | DType::BF16) {
            bail!("{} holds numbers of type {dtype:?}", self.name);
        }
        Ok(Rows { bytes: view.data(), dtype, width: self.width })
    }
}

impl Rows<'_> {
    /// Adds a row to the end of `out`, each number with the one of `added` beside it.
    pub(super) fn push(&self, idx: usize, added: &[f32], out: &mut Vec<f32>) -> Option<()> {
        let n_bytes = self.width * self.dtype.size_in_bytes();
        let row = self.bytes.get(idx.checked_mul(n_bytes)?..)?.get(..n_bytes)?;
        let (halves, _) = row.as_chunks::<2>();
        let (numbers, _) = row.as_chunks::<4>();
        match self.dtype {
            DType::F16 => out.extend(sums(halves.iter().map(|b| f16::from_le_bytes(*b)), added)),
            DType::BF16 => out.extend(sums(halves.iter().map(|b| bf16::from_le_bytes(*b)), added)),
            _ => out.extend(sums(numbers.iter().map(|b| f32::from_le_bytes(*b)), added)),
        }
        Some(())
    }
}

fn sums<T: Into<f32>>(
    numbers: impl Iterator<Item = T>,
    added: &[f32],
) -> impl Iterator<Item = f32> {
    numbers.zip(added).map(|(number, added)| number.into() + added)
}
