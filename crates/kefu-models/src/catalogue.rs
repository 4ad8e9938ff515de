use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::ModelsError;
use crate::lock::Lock;
use crate::manifest::{Manifest, Role};

macro_rules! embedded {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../models/", $name, ".toml")))),+]
    };
}

const MANIFESTS: &[(&str, &str)] = embedded![
    "all-minilm-l6-v2",
    "smollm2-135m-instruct",
    "multilingual-e5-small",
    "multilingual-e5-large",
    "qwen3-0.6b",
    "qwen3-4b",
    "bge-reranker-v2-m3",
];
const PROFILES: &str = include_str!("../../../models/profiles.toml");
const LOCK: &str = include_str!("../../../models/models.lock");

/// Models that work together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Makes vectors.
    pub embedder: Option<Manifest>,
    /// Writes answers.
    pub generator: Option<Manifest>,
    /// Orders passages; without one the built-in reranker does.
    pub reranker: Option<Manifest>,
}

impl Profile {
    /// Its models.
    pub fn models(&self) -> impl Iterator<Item = &Manifest> {
        [&self.embedder, &self.generator, &self.reranker].into_iter().flatten()
    }
}

/// The profile of that name.
pub fn profile(name: &str) -> Result<Profile, ModelsError> {
    let mut profiles = profiles()?;
    let known = profiles.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", ");
    match profiles.iter().position(|p| p.name == name) {
        Some(idx) => Ok(profiles.swap_remove(idx)),
        None => Err(ModelsError::UnknownProfile { name: name.to_owned(), known }),
    }
}

/// All profiles, by name.
pub fn profiles() -> Result<Vec<Profile>, ModelsError> {
    let wrong = |detail: String| ModelsError::BadManifest { name: "profiles".to_owned(), detail };
    let rows: BTreeMap<String, ProfileRow> =
        toml::from_str(PROFILES).map_err(|e| wrong(e.to_string()))?;
    let pick = |id: Option<String>, role: Role| -> Result<Option<Manifest>, ModelsError> {
        let Some(id) = id else { return Ok(None) };
        let manifest = manifest(&id)?;
        if manifest.role == role {
            Ok(Some(manifest))
        } else {
            Err(wrong(format!("{id} is used as {} but is none", role.as_str())))
        }
    };
    let build = |(name, row): (String, ProfileRow)| {
        Ok(Profile {
            name,
            embedder: pick(row.embedder, Role::Embedder)?,
            generator: pick(row.generator, Role::Generator)?,
            reranker: pick(row.reranker, Role::Reranker)?,
        })
    };
    rows.into_iter().map(build).collect()
}

/// What the committed `models.lock` says.
pub(crate) fn committed_lock() -> Result<Lock, ModelsError> {
    Lock::parse(LOCK)
        .map_err(|detail| ModelsError::BadManifest { name: "models.lock".to_owned(), detail })
}

/// The command that fetches a model, for messages.
pub(crate) fn pull_command(manifest_id: &str) -> String {
    let has = |p: &Profile| p.models().any(|m| m.id == manifest_id);
    match profiles().unwrap_or_default().into_iter().find(has) {
        Some(profile) => format!("kefu models pull --profile {}", profile.name),
        None => "kefu models pull".to_owned(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileRow {
    embedder: Option<String>,
    generator: Option<String>,
    reranker: Option<String>,
}

fn manifest(id: &str) -> Result<Manifest, ModelsError> {
    let Some((name, text)) = MANIFESTS.iter().find(|(name, _)| *name == id) else {
        let detail = "no such manifest".to_owned();
        return Err(ModelsError::BadManifest { name: id.to_owned(), detail });
    };
    Manifest::from_toml(name, text)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn every_profile_loads_and_the_default_one_is_pinned() {
        let names: Vec<_> = profiles().unwrap().into_iter().map(|p| p.name).collect();
        assert_eq!(names, ["default", "gpu", "multilingual", "none"]);
        let lock = committed_lock().unwrap();
        for manifest in profile("default").unwrap().models() {
            let entry = lock.entry(&manifest.id).unwrap();
            let pinned: Vec<_> = entry.files.iter().map(|f| f.path.clone()).collect();
            assert_eq!(pinned, manifest.files, "pins of {}", manifest.id);
        }
    }

    #[test]
    fn every_manifest_is_named_after_its_id() {
        for (name, text) in MANIFESTS {
            assert_eq!(Manifest::from_toml(name, text).unwrap().id, *name);
        }
    }

    #[test]
    fn an_unknown_profile_names_the_known_ones() {
        let message = profile("tiny").unwrap_err().to_string();
        assert!(message.contains("default, gpu, multilingual, none"), "{message}");
    }

    #[test]
    fn the_advice_names_the_profile() {
        assert_eq!(pull_command("qwen3-0.6b"), "kefu models pull --profile multilingual");
        assert_eq!(pull_command("something-else"), "kefu models pull");
    }
}
