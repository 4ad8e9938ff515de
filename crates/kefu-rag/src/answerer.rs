use std::sync::Arc;

use kefu_core::ports::{Clock, Dispatcher, Embedder, Generator, Records, Reranker, VectorStore};
use kefu_core::{Scope, Triage};
use kefu_text::Analyser;

use crate::admission;
use crate::ask;
use crate::calibration::{Calibration, binding};
use crate::dialogue;
use crate::error::RagError;
use crate::events::AnswerObserver;
use crate::find::{Depth, find};
use crate::outcome::{Answered, Retrieved};
use crate::question::Question;
use crate::settings::AnswerSettings;
use crate::time::within;
use crate::understand;

/// Answers questions.
pub struct Answerer {
    parts: AnswererParts,
}

/// What an [`Answerer`] works with.
pub struct AnswererParts {
    /// The index.
    pub store: Arc<dyn VectorStore>,
    /// Passages, conversations, answer records, tickets.
    pub records: Arc<dyn Records>,
    /// Used for the languages it serves; without one the lexical leg stands alone.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// Used for the languages it serves; without one answers are quoted.
    pub generator: Option<Arc<dyn Generator>>,
    /// Orders the best passages in the languages it serves; without one the built-in reranker's
    /// order stands.
    pub reranker: Option<Arc<dyn Reranker>>,
    /// Decides what a person must answer.
    pub triage: Arc<dyn Triage>,
    /// Decides where hand-overs go.
    pub dispatcher: Arc<dyn Dispatcher>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Makes search terms, the same way as for the index.
    pub analyser: Arc<Analyser>,
    /// Maps what was seen to probabilities. One that is bound to other models or another version of
    /// this path is not used; without one answers need more evidence
    /// ([`AnswerSettings::conservative_threshold`]).
    pub calibration: Option<Arc<Calibration>>,
    /// Limits and thresholds.
    pub settings: AnswerSettings,
}

impl Answerer {
    /// Puts the parts together.
    #[must_use]
    pub fn new(mut parts: AnswererParts) -> Self {
        let embedder = parts.embedder.as_ref().map(|model| model.info().id.as_str());
        let generator = parts.generator.as_ref().map(|model| model.info().id.as_str());
        let reranker = parts.reranker.as_ref().map(|model| model.info().id.as_str());
        let ours = binding(embedder, generator, reranker);
        let fits = parts.calibration.as_ref().is_none_or(|known| known.bound_to == ours);
        if !fits {
            tracing::warn!(
                calibration.binding = ours,
                "the calibration was fitted with other models or another version: confidences are \
                 not calibrated and answers need more evidence; run `kefu eval calibrate`"
            );
            parts.calibration = None;
        }
        Self { parts }
    }

    /// Answers a question, abstains, or hands over, and records the exchange in one transaction.
    /// Dropping the future stops the work, the generator's included, and records nothing.
    ///
    /// # Errors
    /// [`RagError::Invalid`] and [`RagError::TooLarge`] for questions out of bounds;
    /// [`RagError::Records`] for an unknown conversation or failing records;
    /// [`RagError::DeadlineExceeded`] when time ran out before an answer was written.
    pub async fn ask(
        &self,
        scope: &Scope,
        question: &Question,
        observer: &dyn AnswerObserver,
    ) -> Result<Answered, RagError> {
        ask::ask(&self.parts, scope, question, observer).await
    }

    /// What Kefu would answer, for a person who is answering the customer: triage is left out,
    /// nobody is called and nothing is recorded. The outcome may be any but a hand-over by triage.
    ///
    /// # Errors
    /// As [`Answerer::ask`].
    pub async fn suggest(&self, scope: &Scope, question: &Question) -> Result<Answered, RagError> {
        ask::suggest(&self.parts, scope, question).await
    }

    /// Finds passages without answering; nothing is recorded.
    ///
    /// # Errors
    /// As [`Answerer::ask`]; [`RagError::Store`] when no leg could be searched.
    pub async fn retrieve(
        &self,
        scope: &Scope,
        question: &Question,
        top_k: usize,
    ) -> Result<Retrieved, RagError> {
        let parts = &self.parts;
        admission::check_top_k(top_k)?;
        admission::check(question, &parts.settings, &parts.analyser)?;
        admission::check_words(question)?;
        let limits = (parts.settings.max_history_turns, parts.clock.now_ms());
        let load = dialogue::load(parts.records.as_ref(), scope, question, limits);
        let dialogue = within(question.deadline, "loading the conversation", load).await??;
        let readings = understand::understand(question, &dialogue.turns, &parts.analyser);
        let depth = Depth {
            top_k_per_leg: parts.settings.top_k_per_leg.max(top_k),
            n_candidates: parts.settings.rerank_depth.max(top_k),
        };
        let found = find(parts, scope, question, (readings, depth)).await?;
        let passages = found.ranked.passages.iter().take(top_k).map(|p| p.scored()).collect();
        Ok(Retrieved {
            release: found.release,
            query: found.understood.rewritten.clone(),
            passages,
        })
    }
}
