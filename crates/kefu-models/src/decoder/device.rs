//! The same networks on candle's tensors, for processors other than the host's.
//!
//! Weights become plain numbers here, and the rows between matrices are floats of 32 bits. The
//! device's library chooses in which order it adds, so the last bits of a result depend on what else
//! is in a pass.

use std::fmt::{self, Display, Formatter};

use candle_core::{DType, Device, Tensor};
use candle_nn::ops::rms_norm;

use self::layer::{Layer, Pass};
use self::pages::Pages;
pub(crate) use self::pages::Slot;
use self::plan::Plan;
use super::Segment;
use super::arithmetic::Rotary;
use super::matrix::Stored;
use super::source::{Hyper, Source};
use super::weights::LayerWeights;
use crate::error::ModelsError;

mod layer;
mod pages;
mod plan;

/// A device, and how it is used.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) device: Device,
    /// Of weights, keys and values.
    pub(crate) dtype: DType,
}

/// A network on a device.
pub(super) struct DeviceNetwork {
    hyper: Hyper,
    setting: Setting,
    embeddings: Tensor,
    layers: Vec<Layer>,
    final_norm: Tensor,
    /// The embeddings where they are used for it.
    output: Tensor,
    has_own_output: bool,
    cos: Tensor,
    sin: Tensor,
    pages: Pages,
}

/// The tables and the last norm of a network.
pub(super) struct Tables {
    pub(super) embeddings: Stored,
    pub(super) output: Option<Stored>,
    pub(super) final_norm: Vec<f32>,
}

/// Brings weights onto a device.
struct Builder {
    setting: Setting,
}

impl Setting {
    /// The device with the narrowest floats that it computes with and whose range is large enough.
    pub(crate) fn of(device: Device) -> Self {
        let has_halves = || {
            let one = Tensor::ones((8, 8), DType::BF16, &device)?;
            one.matmul(&one)?.to_dtype(DType::F32)?.to_vec2::<f32>()
        };
        let dtype = if has_halves().is_ok() { DType::BF16 } else { DType::F32 };
        Self { device, dtype }
    }

    /// Bytes of a page of all layers.
    pub(super) fn page_bytes(&self, hyper: &Hyper) -> usize {
        let n_numbers = 2 * hyper.heads.n_kv_heads * hyper.heads.dim * super::PAGE_TOKENS;
        hyper.n_layers * n_numbers * self.dtype.size_in_bytes()
    }
}

impl Display for Setting {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} in {}", self.device.location(), self.dtype.as_str())
    }
}

impl DeviceNetwork {
    /// Reads a network, with room for caches of so many bytes.
    pub(super) fn load(
        file: &mut dyn Source,
        hyper: Hyper,
        tables: Tables,
        setting: &Setting,
        cache_bytes: usize,
    ) -> Result<Self, ModelsError> {
        let builder = Builder { setting: setting.clone() };
        let layer = |idx: usize, file: &mut dyn Source| {
            let read = LayerWeights::read(file, idx, &hyper)?;
            Layer::new(read, &hyper, &builder).map_err(failed)
        };
        let has_own_output = tables.output.is_some();
        let (embeddings, output) = builder.tables(&tables).map_err(failed)?;
        let final_norm = builder.vector(tables.final_norm).map_err(failed)?;
        drop((tables.embeddings, tables.output));
        let layers: Vec<Layer> =
            (0..hyper.n_layers).map(|idx| layer(idx, file)).collect::<Result<_, _>>()?;
        let (cos, sin) = builder.turns(&hyper).map_err(failed)?;
        let n_pages = hyper.max_pages(setting.page_bytes(&hyper), cache_bytes);
        let pages = Pages::new(&hyper, n_pages, setting).map_err(failed)?;
        let setting = setting.clone();
        Ok(Self {
            hyper,
            setting,
            embeddings,
            layers,
            final_norm,
            output,
            has_own_output,
            cos,
            sin,
            pages,
        })
    }

    pub(super) fn hyper(&self) -> &Hyper {
        &self.hyper
    }

    pub(super) fn size_bytes(&self) -> usize {
        let output = if self.has_own_output { self.output.elem_count() } else { 0 };
        let layers: usize = self.layers.iter().map(Layer::n_numbers).sum();
        (self.embeddings.elem_count() + output + layers) * self.setting.dtype.size_in_bytes()
    }

    pub(super) fn page_bytes(&self) -> usize {
        self.setting.page_bytes(&self.hyper)
    }

    /// See [`super::Decoder::forward`].
    pub(super) fn forward(
        &self,
        segments: &mut [Segment<'_>],
    ) -> candle_core::Result<Vec<Vec<f32>>> {
        let n_tokens = self.output.dim(0)?;
        let mut tokens = segments.iter().flat_map(|segment| segment.tokens);
        if let Some(token) = tokens.find(|token| **token as usize >= n_tokens) {
            candle_core::bail!("token {token} is not known");
        }
        if segments.iter().all(|segment| segment.tokens.is_empty()) {
            return Ok(vec![Vec::new(); segments.len()]);
        }
        let plan = Plan::new(segments, self.hyper.heads, &self.pages, &self.setting.device)?;
        let pass = Pass {
            hyper: &self.hyper,
            plan: &plan,
            cos: self.cos.index_select(&plan.positions, 0)?,
            sin: self.sin.index_select(&plan.positions, 0)?,
        };
        let mut rows = self.embeddings.index_select(&plan.tokens, 0)?.to_dtype(DType::F32)?;
        for (idx, layer) in self.layers.iter().enumerate() {
            rows = layer.forward(&rows, &pass, self.pages.layer(idx)?)?;
        }
        let scores = self.scores(&rows, plan.wanted.concat())?;
        for segment in segments.iter_mut() {
            segment.cache.advance(segment.tokens.len());
        }
        let mut rest = scores.as_slice();
        let own = plan.wanted.iter().map(|wanted| {
            let (own, others) = rest.split_at(wanted.len() * n_tokens);
            rest = others;
            own.to_vec()
        });
        Ok(own.collect())
    }

    fn scores(&self, rows: &Tensor, wanted: Vec<u32>) -> candle_core::Result<Vec<f32>> {
        if wanted.is_empty() {
            // Whoever asks next shall find this pass done and its time spent.
            self.setting.device.synchronize()?;
            return Ok(Vec::new());
        }
        let wanted = Tensor::new(wanted, &self.setting.device)?;
        let rows = rms_norm(&rows.index_select(&wanted, 0)?, &self.final_norm, self.hyper.epsilon)?;
        product(&rows, &self.output)?.flatten_all()?.to_vec1()
    }
}

impl Builder {
    fn vector(&self, numbers: Vec<f32>) -> candle_core::Result<Tensor> {
        Tensor::new(numbers, &self.setting.device)
    }

    /// What tokens become, and what they are chosen by.
    fn tables(&self, tables: &Tables) -> candle_core::Result<(Tensor, Tensor)> {
        let embeddings = self.matrix(&tables.embeddings, |idx| idx)?;
        let output = match &tables.output {
            Some(stored) => self.matrix(stored, |idx| idx)?,
            None => embeddings.clone(),
        };
        Ok((embeddings, output))
    }

    /// Cosines and sines, position by position.
    fn turns(&self, hyper: &Hyper) -> candle_core::Result<(Tensor, Tensor)> {
        let shape = (hyper.context_tokens, hyper.heads.dim / 2);
        let (cos, sin) =
            Rotary::new(hyper.heads.dim, hyper.context_tokens, hyper.rotary_base).tables();
        Ok((self.vector(cos)?.reshape(shape)?, self.vector(sin)?.reshape(shape)?))
    }

    /// As (outputs, inputs); `of` says which output of the file stands at a place.
    fn matrix(&self, stored: &Stored, of: impl Fn(usize) -> usize) -> candle_core::Result<Tensor> {
        let shape = (stored.n_out(), stored.n_in());
        let plain = Tensor::from_vec(stored.plain(of), shape, &Device::Cpu)?;
        plain.to_dtype(self.setting.dtype)?.to_device(&self.setting.device)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "errors are mapped with it")]
fn failed(error: candle_core::Error) -> ModelsError {
    ModelsError::Device { detail: error.to_string() }
}

/// Products of rows with (outputs, inputs).
fn product(rows: &Tensor, matrix: &Tensor) -> candle_core::Result<Tensor> {
    rows.to_dtype(matrix.dtype())?.matmul(&matrix.t()?)?.to_dtype(DType::F32)
}
