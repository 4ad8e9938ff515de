use std::sync::Arc;

use async_trait::async_trait;
use kefu_core::ModelError;
use kefu_core::ports::{GenerateRequest, GenerateStream, Generator, GeneratorInfo};

use crate::cache::VerifiedModel;
use crate::catalogue::pull_command;
use crate::decoder::{Decoder, Source};
use crate::error::ModelsError;
use crate::manifest::{ChatProtocol, Role};
use crate::pool::Pool;
use crate::runtime::RuntimeSettings;

mod checkpoint;
mod drafts;
mod load;
mod prefixes;
mod prompt;
mod queue;
mod repetition;
mod run;
mod safetensors;
mod schedule;
mod text;
mod vocabulary;
mod writer;

use checkpoint::Checkpoint;
use prompt::Prompter;
use queue::{Job, Queue};
use schedule::Engine;
use vocabulary::Vocabulary;

/// Loads a generator and warms it up.
pub fn load_generator(
    model: &VerifiedModel,
    settings: &RuntimeSettings,
) -> Result<Arc<dyn Generator>, ModelsError> {
    let manifest = model.manifest();
    let (Role::Generator, Some(chat)) = (manifest.role, manifest.chat) else {
        let detail = format!("it is a {}, no generator", manifest.role.as_str());
        return Err(ModelsError::Unsupported { model: manifest.id.clone(), detail });
    };
    let (engine, prompter) = load_parts(model, chat, settings)?;
    let vocabulary = engine.vocabulary.clone();
    let context_tokens = engine.context_tokens();
    engine.warm_up().map_err(|e| model.bad_file("the weights", e))?;
    let id = model.versioned_id();
    let queue = Queue::start(engine, settings.max_waiting)?;
    let info = GeneratorInfo { id, languages: manifest.languages(), context_tokens };
    Ok(Arc::new(LocalGenerator { info, vocabulary, prompter, queue }))
}

fn load_parts(
    model: &VerifiedModel,
    chat: ChatProtocol,
    settings: &RuntimeSettings,
) -> Result<(Engine, Prompter), ModelsError> {
    let mut checkpoint = Checkpoint::open(model)?;
    let vocabulary = Arc::new(Vocabulary::read(&checkpoint, chat)?);
    let prompter = Prompter::new(&checkpoint, &vocabulary)?;
    let n_tokens = vocabulary.len();
    if let Some(n_rows) = checkpoint.n_rows("token_embd").filter(|n| *n != n_tokens) {
        let model = model.manifest().id.clone();
        let command = pull_command(&model);
        return Err(ModelsError::VocabularyMismatch { model, n_tokens, n_rows, command });
    }
    let decoder = Decoder::load(&mut checkpoint, n_tokens)?;
    let pool = Pool::new(settings.generator_threads(), "kefu-generator");
    let max_pages = (settings.cache_mib << 20) / decoder.page_bytes();
    let engine = Engine {
        model: model.versioned_id(),
        n_parallel: settings.n_parallel.max(1),
        max_pages: max_pages.max(1),
        guesses: true,
        decoder,
        pool,
        vocabulary,
    };
    Ok((engine, prompter))
}

struct LocalGenerator {
    info: GeneratorInfo,
    vocabulary: Arc<Vocabulary>,
    prompter: Prompter,
    queue: Queue,
}

#[async_trait]
impl Generator for LocalGenerator {
    fn info(&self) -> &GeneratorInfo {
        &self.info
    }

    fn count_tokens(&self, text: &str) -> usize {
        self.vocabulary.count(text)
    }

    async fn generate(&self, request: GenerateRequest) -> Result<GenerateStream, ModelError> {
        let model = &self.info.id;
        let failed = |detail: String| ModelError::Failed { model: model.clone(), detail };
        let n_bytes: usize = request.messages.iter().map(|m| m.text.len()).sum();
        let limit = self.info.context_tokens;
        // A token stands for at least one byte of text and rarely for many: what is this long
        // cannot fit, and need not be tokenised on the caller's time to know it.
        if n_bytes > limit * vocabulary::MAX_BYTES_PER_TOKEN {
            let n_tokens = n_bytes / vocabulary::MAX_BYTES_PER_TOKEN;
            return Err(ModelError::TooLong { model: model.clone(), n_tokens, limit });
        }
        let prompt = self.prompter.encode(&request.messages, &self.vocabulary).map_err(failed)?;
        let n_tokens = prompt.len().saturating_add(request.max_tokens);
        if n_tokens > limit {
            return Err(ModelError::TooLong { model: model.clone(), n_tokens, limit });
        }
        self.queue.start_job(Job {
            prompt,
            max_tokens: request.max_tokens,
            deadline: request.deadline,
        })
    }
}

#[cfg(test)]
mod tests;
