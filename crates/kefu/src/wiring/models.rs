//! Models: from the configured profile to loaded engines.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use kefu_core::ports::{Embedder, Generator, Reranker};
use kefu_models::{FetchSettings, ModelCache, Profile, RuntimeSettings};

use crate::config::ModelsSection;
use crate::progress::FetchProgress;

/// Models that are loaded and ready.
pub(crate) struct LoadedModels {
    pub(crate) embedder: Option<Arc<dyn Embedder>>,
    pub(crate) generator: Option<Arc<dyn Generator>>,
    pub(crate) reranker: Option<Arc<dyn Reranker>>,
}

/// Which models a command needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Embedder,
    All,
}

/// The cache of model files.
pub(crate) fn model_cache(section: &ModelsSection) -> anyhow::Result<ModelCache> {
    let dir = if section.dir.is_empty() {
        kefu_models::default_models_dir()
            .context("there is no cache folder for this user; name one with --models-dir")?
    } else {
        PathBuf::from(&section.dir)
    };
    Ok(ModelCache::new(dir))
}

/// How missing files are fetched.
pub(crate) fn fetch_settings(section: &ModelsSection) -> FetchSettings {
    let given = |text: &String| (!text.is_empty()).then(|| text.clone());
    FetchSettings {
        offline: section.offline,
        folder: (!section.folder.is_empty()).then(|| PathBuf::from(&section.folder)),
        hub_endpoint: given(&section.hub_endpoint),
        hub_token: given(&section.hub_token),
        python: section.python.clone(),
        timeout: Duration::from_millis(section.fetch_timeout_ms),
    }
}

/// Fetches what the configured profile lacks of the models that [`load`] loads.
pub(crate) fn pull_missing(section: &ModelsSection) -> anyhow::Result<()> {
    let cache = model_cache(section)?;
    let progress = FetchProgress::default();
    let profile = kefu_models::profile(&section.profile)?;
    let named = profile.embedder.iter().chain(&profile.generator).chain(&profile.reranker);
    for manifest in named {
        cache
            .pull(manifest, &fetch_settings(section), &progress)
            .with_context(|| format!("cannot fetch the model {}", manifest.id))?;
    }
    Ok(())
}

/// Verifies and loads the models of the configured profile.
pub(crate) fn load(section: &ModelsSection, wanted: Wanted) -> anyhow::Result<LoadedModels> {
    let cache = model_cache(section)?;
    let profile: Profile = kefu_models::profile(&section.profile)?;
    let runtime = RuntimeSettings {
        max_waiting: section.max_waiting,
        threads: section.threads,
        n_parallel: section.n_parallel,
        cache_mib: section.cache_mib,
        drafts: section.drafts,
        device: section.device,
    };
    let embedder = match &profile.embedder {
        Some(manifest) => Some(kefu_models::load_embedder(&cache.verify(manifest)?, &runtime)?),
        None => None,
    };
    let generator = match &profile.generator {
        Some(manifest) if wanted == Wanted::All => {
            Some(kefu_models::load_generator(&cache.verify(manifest)?, &runtime)?)
        }
        _ => None,
    };
    let reranker = match &profile.reranker {
        Some(manifest) if wanted == Wanted::All => {
            Some(kefu_models::load_reranker(&cache.verify(manifest)?, &runtime)?)
        }
        _ => None,
    };
    Ok(LoadedModels { embedder, generator, reranker })
}
