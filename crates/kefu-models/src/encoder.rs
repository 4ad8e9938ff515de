//! What the embedder and the reranker share: an encoder network, its tokenizer, and the thread
//! that runs it.

use std::fs;
use std::sync::Arc;

use serde_json::Value;

use self::matrix::Precision;
use self::network::{Network, Plan, Shape};
use crate::cache::VerifiedModel;
use crate::catalogue::pull_command;
use crate::error::ModelsError;
use crate::manifest::{Family, Role};
use crate::pool::Pool;

mod attention;
mod gemm;
mod layer;
mod matrix;
mod network;
pub(crate) mod queue;
pub(crate) mod tokens;
mod words;

/// Ordinary text.
const SAMPLE: [&str; 4] = [
    "How do I return a pair of shoes that I bought last week, and who pays for the parcel?",
    "Orders over 199.00 are delivered free of charge within three to five working days; \
     anything that is damaged on its way is replaced.",
    "退货需要多长时间？运费由谁承担？",
    "保修期为两年，自收货之日起计算。请保留发票，并在七天内联系客服。",
];

/// Changes whenever the numbers change that an encoder gives for the same weights and text, so
/// that vectors of two ways of computing are never compared.
pub(crate) const ENCODER_VERSION: u32 = 3;

const CONFIG: &str = "config.json";
const TOKENIZER: &str = "tokenizer.json";

/// An encoder in memory.
pub(crate) struct Encoder {
    network: Arc<Network>,
    width: usize,
    pool: Pool,
}

impl Encoder {
    /// Reads a model whose files were verified, and checks that they belong together. It works on
    /// so many threads.
    pub(crate) fn load(
        model: &VerifiedModel,
        n_threads: usize,
    ) -> Result<(Self, tokens::TextTokens), ModelsError> {
        let (network, width, tokens) = Self::load_as(model, Precision::fastest())?;
        let manifest = model.manifest();
        tracing::info!(
            model.id = %manifest.id,
            model.resident_bytes = network.size_bytes(),
            "{} {} loaded, {} MiB of weights",
            manifest.role.as_str(),
            manifest.id,
            network.size_bytes() >> 20,
        );
        let pool = Pool::new(n_threads, "kefu-encoder");
        Ok((Self { network: Arc::new(network), width, pool }, tokens))
    }

    /// The number of threads that it works on.
    pub(crate) fn n_threads(&self) -> usize {
        self.pool.n_threads()
    }

    fn load_as(
        model: &VerifiedModel,
        precision: Precision,
    ) -> Result<(Network, usize, tokens::TextTokens), ModelsError> {
        let manifest = model.manifest();
        let config = read_config(model)?;
        // XLM-RoBERTa counts positions from the padding id on.
        let first_position = match manifest.family {
            Family::XlmRoberta => number(model, &config, "pad_token_id")? + 1,
            _ => 0,
        };
        let shape: Shape = serde_json::from_value(config).map_err(|e| model.bad_file(CONFIG, e))?;
        let is_classifier = match (manifest.family, manifest.role) {
            (Family::Bert | Family::XlmRoberta, Role::Embedder) => false,
            (Family::XlmRoberta, Role::Reranker) => true,
            (family, role) => {
                return Err(unsupported(
                    model,
                    format!("no {} of family {}", role.as_str(), family.as_str()),
                ));
            }
        };
        if shape.hidden_act != "gelu" {
            return Err(unsupported(model, format!("activation {}", shape.hidden_act)));
        }
        if let Some(kind) =
            shape.position_embedding_type.as_ref().filter(|kind| *kind != "absolute")
        {
            return Err(unsupported(model, format!("{kind} positions")));
        }
        let n_positions = shape.max_position_embeddings;
        let tokens = tokens::TextTokens::read(model, TOKENIZER, shape.vocab_size)?;
        if manifest.max_tokens + first_position > n_positions {
            let detail = format!("{n_positions} positions for {} tokens", manifest.max_tokens);
            return Err(model.bad_file(CONFIG, detail));
        }
        let Some(file) = manifest.file_with_extension("safetensors") else {
            return Err(model.bad_file("manifest", "it names no safetensors file"));
        };
        let path = model.path(file);
        let sample = SAMPLE.map(|text| tokens.encode(text).unwrap_or_default());
        let sample = sample.each_ref().map(Vec::as_slice);
        let plan = Plan { precision, sample: &sample, first_position, is_classifier };
        let network = Network::load(&path, &shape, plan).map_err(|e| model.bad_file(file, e))?;
        Ok((network, shape.hidden_size, tokens))
    }

    /// Length of a token vector.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// For each row of ids its token vectors one after the other, or the one score of a
    /// classifier. What a row gives does not depend on the other rows.
    pub(crate) fn forward(&self, rows: Vec<Vec<u32>>) -> candle_core::Result<Vec<Vec<f32>>> {
        Network::forward(&self.network, &self.pool, rows)
    }
}

fn unsupported(model: &VerifiedModel, detail: String) -> ModelsError {
    ModelsError::Unsupported { model: model.manifest().id.clone(), detail }
}

/// Reads `config.json` and checks the kind of network before anything large is read.
fn read_config(model: &VerifiedModel) -> Result<Value, ModelsError> {
    let path = model.path(CONFIG);
    let text = fs::read_to_string(&path).map_err(ModelsError::io("reading", &path))?;
    let config: Value = serde_json::from_str(&text).map_err(|e| model.bad_file(CONFIG, e))?;
    let found = config.get("model_type").and_then(Value::as_str).unwrap_or_default();
    let expected = model.manifest().family.as_str();
    if found == expected {
        return Ok(config);
    }
    Err(ModelsError::WrongArchitecture {
        model: model.manifest().id.clone(),
        file: CONFIG.to_owned(),
        expected: expected.to_owned(),
        found: found.to_owned(),
        command: pull_command(&model.manifest().id),
    })
}

fn number(model: &VerifiedModel, config: &Value, key: &str) -> Result<usize, ModelsError> {
    let value = config.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    value.ok_or_else(|| model.bad_file(CONFIG, format!("{key} is no number")))
}

#[cfg(test)]
mod tests;
