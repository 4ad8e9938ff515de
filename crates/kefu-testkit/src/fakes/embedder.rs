use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use kefu_core::ports::{EmbedKind, Embedder, EmbedderInfo, TokenVectors};
use kefu_core::{Language, ModelError, Span};

/// An embedder that hashes words into buckets, so that texts sharing words are similar.
/// Counts the texts it was given and fails on demand.
#[derive(Debug)]
pub struct FakeEmbedder {
    info: EmbedderInfo,
    n_embedded: AtomicU64,
    fail_after: AtomicU64,
}

impl FakeEmbedder {
    /// An embedder for `languages` with vectors of `dimensions` values.
    #[must_use]
    pub fn new(dimensions: usize, languages: &[Language]) -> Self {
        Self {
            info: EmbedderInfo {
                id: format!("fake-{dimensions}@0"),
                dimensions,
                languages: languages.to_vec(),
                max_tokens: 256,
            },
            n_embedded: AtomicU64::new(0),
            fail_after: AtomicU64::new(u64::MAX),
        }
    }

    /// Texts embedded so far.
    #[must_use]
    pub fn n_embedded(&self) -> u64 {
        self.n_embedded.load(Ordering::SeqCst)
    }

    /// Every call fails once this many texts were embedded.
    pub fn fail_after(&self, n_texts: u64) {
        self.fail_after.store(n_texts, Ordering::SeqCst);
    }

    /// Its words are its tokens, and a word has one vector wherever it stands.
    fn tokens(&self, text: &str) -> TokenVectors {
        let mut tokens = TokenVectors { whole: self.vector(text), ..TokenVectors::default() };
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            tokens.spans.push(Span { start, end: start + word.len() });
            tokens.vectors.extend(self.vector(word));
        }
        tokens
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        let mut vector = vec![0.0_f32; self.info.dimensions];
        vector[0] = 0.1;
        for word in text.to_lowercase().split(|c: char| !c.is_alphanumeric()) {
            if word.is_empty() {
                continue;
            }
            let hash = word.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
                (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
            });
            let bucket = usize::try_from(hash % self.info.dimensions as u64).unwrap();
            vector[bucket] += 1.0;
        }
        let norm = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
        vector.iter_mut().for_each(|v| *v /= norm);
        vector
    }
}

#[async_trait]
impl Embedder for FakeEmbedder {
    fn info(&self) -> &EmbedderInfo {
        &self.info
    }

    fn count_tokens(&self, text: &str) -> usize {
        let n_han = text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
        text.split_whitespace().count() + n_han + 2
    }

    async fn embed(&self, _kind: EmbedKind, texts: &[String]) -> Result<Vec<Vec<f32>>, ModelError> {
        let before = self.n_embedded.fetch_add(texts.len() as u64, Ordering::SeqCst);
        if before + texts.len() as u64 > self.fail_after.load(Ordering::SeqCst) {
            return Err(ModelError::Failed {
                model: self.info.id.clone(),
                detail: "scripted failure".to_owned(),
            });
        }
        Ok(texts.iter().map(|text| self.vector(text)).collect())
    }

    async fn embed_tokens(
        &self,
        kind: EmbedKind,
        texts: &[String],
    ) -> Result<Vec<TokenVectors>, ModelError> {
        self.embed(kind, texts).await?;
        Ok(texts.iter().map(|text| self.tokens(text)).collect())
    }
}
