use std::sync::Arc;

use async_trait::async_trait;
use kefu_core::ModelError;
use kefu_core::ports::{Reranker, RerankerInfo};

use crate::cache::VerifiedModel;
use crate::encoder::Encoder;
use crate::encoder::queue::{Engine, Head, Input, Queue, Urgency, Wanted};
use crate::error::ModelsError;
use crate::manifest::Role;
use crate::runtime::RuntimeSettings;

/// Loads a cross-encoder and warms it up.
pub fn load_reranker(
    model: &VerifiedModel,
    settings: &RuntimeSettings,
) -> Result<Arc<dyn Reranker>, ModelsError> {
    let manifest = model.manifest();
    if manifest.role != Role::Reranker {
        let detail = format!("it is a {}, no reranker", manifest.role.as_str());
        return Err(ModelsError::Unsupported { model: manifest.id.clone(), detail });
    }
    let (encoder, tokens) = Encoder::load(model, settings.n_threads())?;
    let id = model.versioned_id();
    let head: Head = Box::new(|score| score);
    let engine = Engine { model: id.clone(), encoder, tokens: Arc::new(tokens), head };
    engine.warm_up().map_err(|e| model.bad_file("the weights", e))?;
    let info = RerankerInfo { id, languages: manifest.languages() };
    let queue = Queue::start(engine, "kefu-reranker", settings.max_waiting)?;
    Ok(Arc::new(LocalReranker { info, queue }))
}

struct LocalReranker {
    info: RerankerInfo,
    queue: Queue,
}

#[async_trait]
impl Reranker for LocalReranker {
    fn info(&self) -> &RerankerInfo {
        &self.info
    }

    async fn rerank(&self, question: &str, passages: &[String]) -> Result<Vec<f32>, ModelError> {
        let question: Arc<str> = question.into();
        let inputs = passages.iter().map(|p| Input::Pair(question.clone(), p.clone())).collect();
        let rows = self.queue.call((Urgency::Urgent, Wanted::Result), inputs).await?;
        Ok(rows.into_iter().filter_map(|row| row.first().copied()).collect())
    }
}

#[cfg(test)]
mod tests;
