use async_trait::async_trait;

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
}
