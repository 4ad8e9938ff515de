use std::sync::Arc;

use async_trait::async_trait;
use kefu_core::ModelError;
use kefu_core::ports::{GenerateRequest, GenerateStream, Generator, GeneratorInfo};

use crate::cache::VerifiedModel;
use crate::catalogue::pull_command;
use crate::decoder::device::Setting;
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
use prompt::{Prompter, Template};
use queue::{Job, Queue};
use safetensors::Safetensors;
use schedule::Engine;
use vocabulary::Vocabulary;

/// Loads a generator and warms it up.
pub fn load_generator(
    model: &VerifiedModel,
    settings: &RuntimeSettings,
) -> Result<Arc<dyn Generator>, ModelsError> {
    start(model, settings, settings.device.find()?.as_ref())
}

fn start(
    model: &VerifiedModel,
    settings: &RuntimeSettings,
    device: Option<&Setting>,
) -> Result<Arc<dyn Generator>, ModelsError> {
    let manifest = model.manifest();
    let (Role::Generator, Some(chat)) = (manifest.role, manifest.chat) else {
        let detail = format!("it is a {}, no generator", manifest.role.as_str());
        return Err(ModelsError::Unsupported { model: manifest.id.clone(), detail });
    };
    let (engine, prompter) = load_parts(model, chat, settings, device)?;
    let vocabulary = engine.vocabulary.clone();
    let context_tokens = engine.decoder.context_tokens();
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
    device: Option<&Setting>,
) -> Result<(Engine, Prompter), ModelsError> {
    let manifest = model.manifest();
    let cache_bytes = settings.cache_mib << 20;
    let load = |file: &mut dyn Source, n| Decoder::load(file, n, device, cache_bytes);
    let (decoder, vocabulary, prompter) = if manifest.file_with_extension("gguf").is_some() {
        let mut file = Checkpoint::open(model)?;
        let vocabulary = Vocabulary::read(&file, chat)?;
        let n_tokens = vocabulary.len();
        if let Some(n_rows) = file.n_rows("token_embd").filter(|n| *n != n_tokens) {
            let (model, command) = (manifest.id.clone(), pull_command(&manifest.id));
            return Err(ModelsError::VocabularyMismatch { model, n_tokens, n_rows, command });
        }
        let prompter = Prompter::new(Template::read(&file, &vocabulary)?, &vocabulary)
            .map_err(|e| file.bad(e))?;
        (load(&mut file, n_tokens)?, vocabulary, prompter)
    } else {
        let mut files = Safetensors::open(model)?;
        let vocabulary = Vocabulary::from_json(model, files.n_tokens(), chat)?;
        let prompter = Prompter::new(vocabulary::json::template(model)?, &vocabulary)
            .map_err(|e| model.bad_file("tokenizer_config.json", e))?;
        (load(&mut files, vocabulary.len())?, vocabulary, prompter)
    };
    tracing::info!(
        model.id = %manifest.id,
        model.resident_bytes = decoder.size_bytes(),
        model.device = device.map_or_else(|| "cpu".to_owned(), Setting::to_string),
        "generator {} loaded, {} MiB of weights",
        manifest.id,
        decoder.size_bytes() >> 20,
    );
    // The threads have nothing to do where a device computes.
    let n_threads = if device.is_some() { 1 } else { settings.n_threads() };
    let pool = Pool::new(n_threads, "kefu-generator");
    let engine = Engine {
        model: model.versioned_id(),
        n_parallel: settings.n_parallel.max(1),
        max_pages: decoder.max_pages(cache_bytes),
        drafts: settings.drafts && decoder.is_exact(),
        decoder,
        pool,
        vocabulary: Arc::new(vocabulary),
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
