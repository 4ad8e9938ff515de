/// Settings of the answer path.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerSettings {
    /// Hits asked of each retrieval leg.
    pub top_k_per_leg: usize,
    /// Fused candidates that are reranked.
    pub rerank_depth: usize,
    /// Passages that a cross-encoder reads.
    pub cross_encoder_depth: usize,
    /// Sentences that are compared with the question by the embedder; 0 switches it off.
    pub sentence_embed_depth: usize,
    /// Confidence from which an answer is given, in 0..=1, in place of the calibration's own.
    pub answer_threshold: Option<f32>,
    /// The same where confidence is not calibrated.
    pub conservative_threshold: f32,
    /// Match from which a reviewed answer is given as it stands, 0.9 to 1: the same words have 0.99,
    /// the same content in another form 0.97, synonyms 0.94, one mistyped word 0.91; 1 lets no pair
    /// answer by itself.
    pub curated_threshold: f32,
    /// When the generator may write.
    pub generate: GeneratePolicy,
    /// Longest generated answer, in tokens.
    pub max_answer_tokens: usize,
    /// Longest prompt, in tokens.
    pub max_prompt_tokens: usize,
    /// Longest question, in bytes.
    pub max_question_bytes: usize,
    /// Longest question, in search terms.
    pub max_question_terms: usize,
    /// Earlier turns that are looked at.
    pub max_history_turns: usize,
}

/// When the generator may write an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeneratePolicy {
    /// Never, whatever a request prefers.
    Never,
    /// When the passages are strong but no one or two sentences of them answer alone.
    WhenNeeded,
    /// Whenever it serves the language.
    Always,
}
