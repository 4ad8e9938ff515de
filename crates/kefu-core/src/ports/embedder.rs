use async_trait::async_trait;

use crate::content::Span;
use crate::error::ModelError;
use crate::language::Language;

/// What an embedder is and what it may be used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedderInfo {
    /// `id@hash` of manifest and weights; vectors of different ids never mix.
    pub id: String,
    /// Length of its vectors.
    pub dimensions: usize,
    /// Languages it was made for; it is not used for others.
    pub languages: Vec<Language>,
    /// Longest input in tokens; longer input is cut.
    pub max_tokens: usize,
}

impl EmbedderInfo {
    /// Whether it may be used for texts of `language`.
    #[must_use]
    pub fn serves(&self, language: Language) -> bool {
        self.languages.contains(&language)
    }
}

/// Which side of the search a text is on; some models prefix them differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmbedKind {
    /// What somebody asks.
    Query,
    /// What is searched.
    Passage,
}

/// A text as an embedder reads it, whole and token by token.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TokenVectors {
    /// What [`Embedder::embed`] gives for the text.
    pub whole: Vec<f32>,
    /// Bytes of each token in the text, in order; special tokens and what was cut are left out.
    pub spans: Vec<Span>,
    /// The tokens' unit vectors one after the other, each as long as `whole`.
    pub vectors: Vec<f32>,
}

impl TokenVectors {
    /// Each token's bytes and vector.
    pub fn tokens(&self) -> impl Iterator<Item = (Span, &[f32])> {
        let vectors = self.vectors.chunks_exact(self.whole.len().max(1));
        self.spans.iter().copied().zip(vectors)
    }
}

/// Turns texts into unit vectors whose dot product is their similarity.
#[async_trait]
pub trait Embedder: Send + Sync {
    /// What it is.
    fn info(&self) -> &EmbedderInfo;

    /// Number of tokens `text` takes, special tokens included, before any cut.
    fn count_tokens(&self, text: &str) -> usize;

    /// One vector per text, in order, each of `info().dimensions` finite values and length 1.
    /// The result for a text does not depend on the others in the call. Dropping the future
    /// abandons work that has not started.
    async fn embed(&self, kind: EmbedKind, texts: &[String]) -> Result<Vec<Vec<f32>>, ModelError>;

    /// The same texts token by token, for late interaction: the vector of a token depends on the
    /// text around it. As many results as texts, in order; [`Self::embed`]'s promises hold.
    async fn embed_tokens(
        &self,
        kind: EmbedKind,
        texts: &[String],
    ) -> Result<Vec<TokenVectors>, ModelError>;
}
