use async_trait::async_trait;

use crate::error::ModelError;
use crate::language::Language;

/// What a reranker is and what it may be used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RerankerInfo {
    /// `id@hash` of manifest and weights.
    pub id: String,
    /// Languages it was made for.
    pub languages: Vec<Language>,
}

/// Scores how well passages answer a question.
#[async_trait]
pub trait Reranker: Send + Sync {
    /// What it is.
    fn info(&self) -> &RerankerInfo;

    /// One finite score per passage, in order; higher is better; comparable within a call.
    async fn rerank(&self, question: &str, passages: &[String]) -> Result<Vec<f32>, ModelError>;
}
