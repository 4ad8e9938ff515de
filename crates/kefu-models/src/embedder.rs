use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use async_trait::async_trait;
use kefu_core::ports::{EmbedKind, Embedder, EmbedderInfo, TokenVectors};
use kefu_core::{ModelError, Span};

use crate::cache::VerifiedModel;
use crate::catalogue::pull_command;
use crate::encoder::Encoder;
use crate::encoder::queue::{Engine, Head, Input, Queue, Urgency, Wanted};
use crate::encoder::tokens::TextTokens;
use crate::error::ModelsError;
use crate::manifest::{Pooling, Role};
use crate::runtime::RuntimeSettings;

use self::known::{Key, KnownTexts};

mod known;

/// Vectors of texts that are remembered: a few megabytes.
const MAX_KNOWN_TEXTS: usize = 4096;

/// Loads an embedder and warms it up.
pub fn load_embedder(
    model: &VerifiedModel,
    settings: &RuntimeSettings,
) -> Result<Arc<dyn Embedder>, ModelsError> {
    let manifest = model.manifest();
    let (Role::Embedder, Some(dimensions), Some(pooling)) =
        (manifest.role, manifest.dimensions, manifest.pooling)
    else {
        let detail = format!("it is a {}, no embedder", manifest.role.as_str());
        return Err(ModelsError::Unsupported { model: manifest.id.clone(), detail });
    };
    let (encoder, tokens) = Encoder::load(model, settings.n_threads())?;
    if encoder.width() != dimensions {
        return Err(ModelsError::WrongDimensions {
            model: manifest.id.clone(),
            expected: dimensions,
            found: encoder.width(),
            command: pull_command(&manifest.id),
        });
    }
    let tokens = Arc::new(tokens);
    let id = model.versioned_id();
    let head = pooling_head(pooling, dimensions);
    let engine = Engine { model: id.clone(), encoder, tokens: tokens.clone(), head };
    engine.warm_up().map_err(|e| model.bad_file("the weights", e))?;
    Ok(Arc::new(LocalEmbedder {
        info: EmbedderInfo {
            id,
            dimensions,
            languages: manifest.languages(),
            max_tokens: manifest.max_tokens,
        },
        query_prefix: manifest.query_prefix.clone(),
        passage_prefix: manifest.passage_prefix.clone(),
        known: KnownTexts::new(MAX_KNOWN_TEXTS),
        tokens,
        queue: Queue::start(engine, "kefu-embedder", settings.max_waiting)?,
    }))
}

struct LocalEmbedder {
    info: EmbedderInfo,
    query_prefix: String,
    passage_prefix: String,
    known: KnownTexts,
    tokens: Arc<TextTokens>,
    queue: Queue,
}

#[async_trait]
impl Embedder for LocalEmbedder {
    fn info(&self) -> &EmbedderInfo {
        &self.info
    }

    fn count_tokens(&self, text: &str) -> usize {
        self.tokens.count(text)
    }

    async fn embed(&self, kind: EmbedKind, texts: &[String]) -> Result<Vec<Vec<f32>>, ModelError> {
        let (prefix, urgency) = self.side(kind);
        let texts: Vec<String> = texts.iter().map(|text| format!("{prefix}{text}")).collect();
        let keys: Vec<Key> = texts.iter().map(|text| known::key(text)).collect();
        let mut vectors: HashMap<Key, Vec<f32>> =
            keys.iter().filter_map(|key| Some((*key, self.known.get(key)?))).collect();
        let mut new = Vec::new();
        for (key, text) in keys.iter().zip(texts) {
            if let Entry::Vacant(slot) = vectors.entry(*key) {
                slot.insert(Vec::new());
                new.push((*key, Input::Text(text)));
            }
        }
        let (new, inputs): (Vec<Key>, Vec<Input>) = new.into_iter().unzip();
        for (key, vector) in
            new.into_iter().zip(self.queue.call((urgency, Wanted::Result), inputs).await?)
        {
            self.known.put(key, vector.clone());
            vectors.insert(key, vector);
        }
        Ok(keys.iter().filter_map(|key| vectors.get(key).cloned()).collect())
    }

    async fn embed_tokens(
        &self,
        kind: EmbedKind,
        texts: &[String],
    ) -> Result<Vec<TokenVectors>, ModelError> {
        let (prefix, urgency) = self.side(kind);
        let texts: Vec<String> = texts.iter().map(|text| format!("{prefix}{text}")).collect();
        let spans: Result<Vec<_>, _> = texts.iter().map(|text| self.tokens.spans(text)).collect();
        let spans = spans.map_err(|e| ModelError::Failed {
            model: self.info.id.clone(),
            detail: format!("tokenizer: {e}"),
        })?;
        let inputs = texts.into_iter().map(Input::Text).collect();
        let rows = self.queue.call((urgency, Wanted::ResultAndOutput), inputs).await?;
        let vectors = |(row, spans): (Vec<f32>, Vec<Option<Span>>)| {
            token_vectors(row, &spans, (self.info.dimensions, prefix.len()))
        };
        Ok(rows.into_iter().zip(spans).map(vectors).collect())
    }
}

impl LocalEmbedder {
    /// What stands before a text, and how urgent it is.
    fn side(&self, kind: EmbedKind) -> (&str, Urgency) {
        match kind {
            EmbedKind::Query => (&self.query_prefix, Urgency::Urgent),
            EmbedKind::Passage => (&self.passage_prefix, Urgency::Bulk),
        }
    }
}

/// Splits a row into the vector of the whole text and those of its tokens behind the prefix.
fn token_vectors(
    mut row: Vec<f32>,
    spans: &[Option<Span>],
    (width, n_prefix): (usize, usize),
) -> TokenVectors {
    let tokens = row.split_off(width.min(row.len()));
    let mut found = TokenVectors { whole: row, ..TokenVectors::default() };
    for (span, vector) in spans.iter().zip(tokens.chunks_exact(width)) {
        let own = span.and_then(|Span { start, end }| {
            let start = start.checked_sub(n_prefix)?;
            Some(Span { start, end: end.checked_sub(n_prefix)? })
        });
        if let Some(own) = own {
            found.spans.push(own);
            found.vectors.extend(unit(vector.to_vec()));
        }
    }
    found
}

/// One unit vector of a text's token vectors.
fn pooling_head(pooling: Pooling, width: usize) -> Head {
    Box::new(move |mut tokens: Vec<f32>| {
        let n_first = width.min(tokens.len());
        let (first, others) = tokens.split_at_mut(n_first);
        if pooling == Pooling::Mean {
            // Not divided by their number: the sum has the same direction.
            for other in others.chunks_exact(width) {
                for (sum, value) in first.iter_mut().zip(other) {
                    *sum += value;
                }
            }
        }
        tokens.truncate(width);
        unit(tokens)
    })
}

fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
    for value in &mut vector {
        *value /= length;
    }
    vector
}

#[cfg(test)]
mod tests;
