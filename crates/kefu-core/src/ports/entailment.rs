use async_trait::async_trait;

use crate::error::ModelError;

/// How a premise bears on a claim; the three sum to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EntailmentScores {
    /// The claim follows.
    pub entailed: f32,
    /// Nothing follows.
    pub neutral: f32,
    /// The claim is contradicted.
    pub contradicted: f32,
}

/// Judges whether a claim follows from a premise.
#[async_trait]
pub trait Entailment: Send + Sync {
    /// One judgement per (premise, claim) pair, in order.
    async fn judge(&self, pairs: &[(String, String)]) -> Result<Vec<EntailmentScores>, ModelError>;
}
