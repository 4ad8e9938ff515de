//! Weights as files hold them, block by block.

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use half::f16;

use super::{BLOCK, Kind};

/// Weights of a block of the format Q4_K that share a scale of scales.
const SUPER_BLOCK: usize = 256;

/// A matrix that was read and is to be packed.
pub(crate) struct Stored {
    n_out: usize,
    n_in: usize,
    content: Content,
}

enum Content {
    /// Bytes of a file in one of the formats that are taken over.
    Blocks(Format, Vec<u8>),
    Plain(Vec<f32>),
}

#[derive(Clone, Copy)]
enum Format {
    Q40,
    Q41,
    Q4K,
    Q80,
}

/// One block: levels as [`Kind`] keeps them.
pub(super) struct Block {
    pub(super) levels: [u8; BLOCK],
    pub(super) step: f32,
    pub(super) least: f32,
}

impl Stored {
    /// From (outputs, inputs) of a GGUF file.
    pub(crate) fn from_quantised(tensor: &QTensor) -> candle_core::Result<Self> {
        let (n_out, n_in) = tensor.shape().dims2()?;
        let format = match tensor.dtype() {
            GgmlDType::Q4_0 => Some(Format::Q40),
            GgmlDType::Q4_1 => Some(Format::Q41),
            GgmlDType::Q4K => Some(Format::Q4K),
            GgmlDType::Q8_0 => Some(Format::Q80),
            _ => None,
        };
        match format {
            Some(format) => {
                let bytes = tensor.data()?.into_owned();
                let n_bytes = n_out * (n_in / format.n_weights()) * format.n_bytes();
                if bytes.len() != n_bytes || !n_in.is_multiple_of(format.n_weights()) {
                    candle_core::bail!("{} bytes instead of {n_bytes}", bytes.len());
                }
                Ok(Self { n_out, n_in, content: Content::Blocks(format, bytes) })
            }
            None => Self::from_plain(&tensor.dequantize(&Device::Cpu)?),
        }
    }

    /// From (outputs, inputs) in any number format.
    pub(crate) fn from_plain(tensor: &Tensor) -> candle_core::Result<Self> {
        let (n_out, n_in) = tensor.dims2()?;
        let plain = tensor.to_dtype(candle_core::DType::F32)?.flatten_all()?.to_vec1()?;
        Ok(Self { n_out, n_in, content: Content::Plain(plain) })
    }

    pub(crate) fn n_out(&self) -> usize {
        self.n_out
    }

    pub(crate) fn n_in(&self) -> usize {
        self.n_in
    }

    /// The weights as plain numbers, output by output; `of` says which output of the file stands at
    /// a place.
    pub(crate) fn plain(&self, of: impl Fn(usize) -> usize) -> Vec<f32> {
        let mut plain = Vec::with_capacity(self.n_out * self.n_in);
        for row in (0..self.n_out).map(of) {
            match &self.content {
                Content::Plain(all) => {
                    plain.extend_from_slice(&all[row * self.n_in..][..self.n_in])
                }
                Content::Blocks(..) => {
                    plain.extend(self.row(row).flat_map(|block| block.plain(self.kind())));
                }
            }
        }
        plain
    }

    /// How it is kept when packed.
    pub(super) fn kind(&self) -> Kind {
        match self.content {
            Content::Blocks(Format::Q40 | Format::Q41 | Format::Q4K, _) => Kind::Nibbles,
            Content::Blocks(Format::Q80, _) | Content::Plain(_) => Kind::Bytes,
        }
    }

    /// The blocks of one output.
    pub(super) fn row(&self, row: usize) -> Box<dyn Iterator<Item = Block> + '_> {
        match &self.content {
            Content::Plain(plain) => {
                let row = plain.get(row * self.n_in..(row + 1) * self.n_in).unwrap_or_default();
                Box::new(row.chunks(BLOCK).map(round))
            }
            Content::Blocks(format, bytes) => {
                let n = self.n_in / format.n_weights() * format.n_bytes();
                let row = bytes.get(row * n..(row + 1) * n).unwrap_or_default();
                let blocks = row.chunks_exact(format.n_bytes());
                match format {
                    Format::Q40 => Box::new(blocks.map(q4_0)),
                    Format::Q41 => Box::new(blocks.map(q4_1)),
                    Format::Q80 => Box::new(blocks.map(q8_0)),
                    Format::Q4K => Box::new(blocks.flat_map(q4_k)),
                }
            }
        }
    }
}

impl Block {
    fn plain(&self, kind: Kind) -> [f32; BLOCK] {
        let least = if kind == Kind::Bytes { -128.0 * self.step } else { self.least };
        self.levels.map(|level| f32::from(level).mul_add(self.step, least))
    }
}

impl Format {
    fn n_weights(self) -> usize {
        if matches!(self, Self::Q4K) { SUPER_BLOCK } else { BLOCK }
    }

    fn n_bytes(self) -> usize {
        match self {
            Self::Q40 => 18,
            Self::Q41 => 20,
            Self::Q4K => 144,
            Self::Q80 => 34,
        }
    }
}

/// To 8 bits, with a step that 16 bits can hold.
fn round(weights: &[f32]) -> Block {
    let largest = weights.iter().fold(0.0_f32, |most, w| most.max(w.abs()));
    let step = f16::from_f32(largest / 127.0).to_f32();
    let mut levels = [128; BLOCK];
    if step > 0.0 {
        for (level, weight) in levels.iter_mut().zip(weights) {
            *level = ((weight / step).round().clamp(-127.0, 127.0) + 128.0) as u8;
        }
    }
    Block { levels, step, least: 0.0 }
}

/// The first half of the weights is in the low halves of the bytes.
fn nibbles(bytes: &[u8]) -> [u8; BLOCK] {
    let mut levels = [0; BLOCK];
    let (first, second) = levels.split_at_mut(BLOCK / 2);
    for ((low, high), byte) in first.iter_mut().zip(second).zip(bytes) {
        (*low, *high) = (byte & 15, byte >> 4);
    }
    levels
}

fn number(bytes: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([bytes[at], bytes[at + 1]]).to_f32()
}

fn q4_0(block: &[u8]) -> Block {
    let step = number(block, 0);
    Block { levels: nibbles(&block[2..]), step, least: -8.0 * step }
}

fn q4_1(block: &[u8]) -> Block {
    Block { levels: nibbles(&block[4..]), step: number(block, 0), least: number(block, 2) }
}

fn q8_0(block: &[u8]) -> Block {
    let mut levels = [0; BLOCK];
    for (level, byte) in levels.iter_mut().zip(&block[2..]) {
        // The lowest byte, which no writer makes, would not fit every kernel.
        *level = (i16::from(byte.cast_signed()).max(-127) + 128) as u8;
    }
    Block { levels, step: number(block, 0), least: 0.0 }
}

/// Eight blocks whose steps and least values are whole numbers of 6 bits, packed into 12 bytes,
/// times a step of steps and a step of least values.
fn q4_k(block: &[u8]) -> impl Iterator<Item = Block> + '_ {
    let (steps, leasts) = (number(block, 0), number(block, 2));
    let (packed, levels) = block[4..].split_at(12);
    (0..SUPER_BLOCK / BLOCK).map(move |idx| {
        let (step, least) = if idx < 4 {
            (packed[idx] & 63, packed[idx + 4] & 63)
        } else {
            let both = packed[idx + 4];
            (both & 15 | packed[idx - 4] >> 6 << 4, both >> 4 | packed[idx] >> 6 << 4)
        };
        let mut own = [0; BLOCK];
        for (level, byte) in own.iter_mut().zip(&levels[idx / 2 * BLOCK..]) {
            *level = byte >> (idx % 2 * 4) & 15;
        }
        Block { levels: own, step: steps * f32::from(step), least: -leasts * f32::from(least) }
    })
}
