use std::pin::Pin;

use async_trait::async_trait;
use futures_core::Stream;

use crate::deadline::Deadline;
use crate::error::ModelError;
use crate::language::Language;

/// What a generator is and what it may be used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratorInfo {
    /// `id@hash` of manifest and weights.
    pub id: String,
    /// Languages it was made for; it is not used for others.
    pub languages: Vec<Language>,
    /// Prompt and answer together may be this long, in tokens.
    pub context_tokens: usize,
}

impl GeneratorInfo {
    /// Whether it may be used for texts of `language`.
    #[must_use]
    pub fn serves(&self, language: Language) -> bool {
        self.languages.contains(&language)
    }
}

/// Who speaks in a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptRole {
    /// Standing instructions.
    System,
    /// The customer, and the passages shown to the model.
    User,
    /// Earlier answers.
    Assistant,
}

/// One message of a prompt. Its text is data: control tokens in it are not interpreted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptMessage {
    /// Who.
    pub role: PromptRole,
    /// What.
    pub text: String,
}

/// What to generate.
#[derive(Clone, Debug)]
pub struct GenerateRequest {
    /// The prompt; rendered with the model's own chat template.
    pub messages: Vec<PromptMessage>,
    /// Longest answer in tokens.
    pub max_tokens: usize,
    /// When to stop in any case.
    pub deadline: Deadline,
}

/// Why generation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// The model ended its turn.
    Stop,
    /// `max_tokens` were written.
    Length,
    /// The deadline passed.
    Deadline,
}

/// A step of generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GenerateEvent {
    /// More text; never part of a character, never a control token.
    Text(String),
    /// The end; always the last event of a generation that did not fail.
    Done {
        /// Why it ended.
        finish: FinishReason,
        /// Tokens of the prompt.
        n_prompt_tokens: usize,
        /// Tokens written.
        n_generated_tokens: usize,
    },
}

/// Events of one generation. Dropping it stops the model within one token or one prompt block.
pub type GenerateStream = Pin<Box<dyn Stream<Item = Result<GenerateEvent, ModelError>> + Send>>;

/// Writes text, greedily: equal requests give equal text.
#[async_trait]
pub trait Generator: Send + Sync {
    /// What it is.
    fn info(&self) -> &GeneratorInfo;

    /// Number of tokens `text` takes as part of a message.
    fn count_tokens(&self, text: &str) -> usize;

    /// Starts a generation. Refused with [`ModelError::Overloaded`] when too many wait and with
    /// [`ModelError::TooLong`] when prompt and answer exceed the context.
    async fn generate(&self, request: GenerateRequest) -> Result<GenerateStream, ModelError>;
}
