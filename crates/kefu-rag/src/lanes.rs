//! Which lane answers, and the answer itself.

use std::sync::Arc;
use std::time::Instant;

use kefu_core::Lane;
use kefu_core::ports::Generator;

use crate::answerer::AnswererParts;
use crate::decide::Signals;
use crate::error::RagError;
use crate::exchange::Work;
use crate::find::Found;
use crate::generate::{self, Generation};
use crate::prompt::{self, PromptInput};
use crate::question::{LanePreference, Question};
use crate::read::{self, Reading, SentenceEmbedding};
use crate::settings::GeneratePolicy;
use crate::sheet::Sheet;
use crate::time::{ms_since, within};
use crate::understand::Understood;
use crate::verify::Evidence;

/// From this coverage on the passage is about the question …
const STRONG_PASSAGE: f32 = 0.6;
/// … and up to this coverage its quotes do not answer alone.
const WEAK_QUOTES: f32 = 0.45;

/// Reads the sentences that were found, with the embedder where it serves the question.
pub(crate) async fn read(
    parts: &AnswererParts,
    question: &Question,
    found: &mut Found,
    work: &mut Work,
) -> Result<Option<Reading>, RagError> {
    let started = Instant::now();
    let sentences = std::mem::take(&mut found.sentences);
    let depth = parts.settings.sentence_embed_depth;
    let embedding = match (&parts.embedder, &found.vector) {
        (Some(embedder), Some(vector)) if depth > 0 => Some(SentenceEmbedding {
            embedder: embedder.as_ref(),
            analyser: &parts.analyser,
            question: &found.understood.text,
            vector,
            depth,
        }),
        _ => None,
    };
    let reading = read::read(&found.ranked, sentences, embedding);
    let reading = within(question.deadline, "reading", reading).await?;
    work.timings.read_ms = ms_since(started);
    Ok(reading)
}

/// Gives a reviewed answer as it stands, if one matches; the match's score when it does.
pub(crate) fn answer_curated(found: &Found, sheet: &mut Sheet<'_>) -> Option<f32> {
    let curated = found.curated.as_ref()?;
    let passage = &found.ranked.passages.get(curated.passage_idx)?.passage;
    sheet.say(curated.answer.of(&passage.text)?);
    sheet.cite(passage, curated.answer);
    Some(curated.score)
}

/// What the writing lanes need.
pub(crate) struct Writing<'a> {
    pub(crate) parts: &'a AnswererParts,
    pub(crate) question: &'a Question,
    pub(crate) understood: &'a Understood,
    pub(crate) found: &'a Found,
    pub(crate) reading: &'a Reading,
    pub(crate) signals: &'a Signals,
}

/// Writes the answer: generated where policy, preference and language allow it and something of
/// it could be verified, quoted otherwise.
pub(crate) async fn answer(
    writing: &Writing<'_>,
    work: &mut Work,
    sheet: &mut Sheet<'_>,
) -> Result<Lane, RagError> {
    if let Some(generator) = writing.generator()
        && writing.generate(generator, work, sheet).await?
    {
        return Ok(Lane::Generated);
    }
    read::quote(&writing.reading.picks, &writing.found.ranked.passages, sheet);
    Ok(Lane::Extractive)
}

impl Writing<'_> {
    /// The generator, when it should write this answer.
    fn generator(&self) -> Option<&Arc<dyn Generator>> {
        let generator = self.parts.generator.as_ref()?;
        let info = generator.info();
        let serves =
            info.serves(self.understood.language) && info.serves(self.understood.written_in);
        let needed = self.signals.passage_coverage >= STRONG_PASSAGE
            && self.signals.picks_coverage <= WEAK_QUOTES;
        let wanted = match (self.parts.settings.generate, self.question.lane) {
            (GeneratePolicy::Never, _) | (_, LanePreference::Extractive) => false,
            (_, LanePreference::Generated) | (GeneratePolicy::Always, _) => true,
            (GeneratePolicy::WhenNeeded, LanePreference::Auto) => needed,
        };
        (serves && wanted).then_some(generator)
    }

    /// Whether anything could be written that the passages support.
    async fn generate(
        &self,
        generator: &Arc<dyn Generator>,
        work: &mut Work,
        sheet: &mut Sheet<'_>,
    ) -> Result<bool, RagError> {
        sheet.status("generating");
        let settings = &self.parts.settings;
        let context = generator.info().context_tokens.saturating_sub(settings.max_answer_tokens);
        let max_tokens = settings.max_prompt_tokens.min(context);
        let (question, language) = (self.understood.text.clone(), self.understood.language);
        let (ranked, analyser) = (Arc::clone(&self.found.ranked), Arc::clone(&self.parts.analyser));
        let counter = Arc::clone(generator);
        let prepare = tokio::task::spawn_blocking(move || {
            let passages = &ranked.passages;
            let input = PromptInput {
                question: &question,
                language,
                passages,
                max_tokens,
                analyser: &analyser,
            };
            let prompt = prompt::build(&input, counter.as_ref())?;
            let evidence = Evidence::new(&prompt.shown, passages, &question, analyser);
            Some((prompt, evidence))
        });
        let prepared = within(self.question.deadline, "packing the prompt", prepare)
            .await?
            .map_err(|_| RagError::Broken { stage: "prompt" })?;
        let Some((prompt, evidence)) = prepared else { return Ok(false) };

        let written = generate::write(
            &Generation {
                generator: generator.as_ref(),
                prompt: &prompt,
                evidence: &evidence,
                passages: &self.found.ranked.passages,
                max_tokens: settings.max_answer_tokens,
                deadline: self.question.deadline,
            },
            sheet,
        )
        .await;
        work.generator = Some(generator.info().id.clone());
        work.timings.generate_ms = written.generate_ms;
        work.timings.first_token_ms = written.first_token_ms;
        work.timings.verify_ms = written.verify_ms;
        let share = |n: usize| crate::term_weights::count(n);
        work.features.push(("generated_kept".to_owned(), share(written.n_kept)));
        work.features.push(("generated_removed".to_owned(), share(written.n_removed)));
        Ok(written.n_kept > 0)
    }
}
