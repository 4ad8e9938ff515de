//! `kefu models`.

use anyhow::Context;
use kefu_models::{FileState, Manifest, Profile};
use serde_json::json;

use crate::cli::ModelsCommand;
use crate::config::Layers;
use crate::output;
use crate::progress::FetchProgress;
use crate::wiring::{fetch_settings, model_cache};

/// Fetches, lists or checks model files.
pub(crate) fn run(command: &ModelsCommand, layers: &Layers) -> anyhow::Result<()> {
    let section = &layers.settings.models;
    let named = |profile: &Option<String>| profile.clone().unwrap_or(section.profile.clone());
    match command {
        ModelsCommand::Pull(args) => {
            pull(&kefu_models::profile(&named(&args.profile))?, layers, args.json)
        }
        ModelsCommand::List(args) => list(layers, args.json),
        ModelsCommand::Verify(args) => {
            verify(&kefu_models::profile(&named(&args.profile))?, layers, args.json)
        }
    }
}

fn pull(profile: &Profile, layers: &Layers, as_json: bool) -> anyhow::Result<()> {
    let cache = model_cache(&layers.settings.models)?;
    let fetch = fetch_settings(&layers.settings.models);
    let progress = FetchProgress::default();
    for manifest in profile.models() {
        cache
            .pull(manifest, &fetch, &progress)
            .with_context(|| format!("cannot fetch {}", manifest.id))?;
    }
    drop(progress);
    verify(profile, layers, as_json)
}

fn verify(profile: &Profile, layers: &Layers, as_json: bool) -> anyhow::Result<()> {
    let cache = model_cache(&layers.settings.models)?;
    for manifest in profile.models() {
        cache.verify(manifest)?;
        if !as_json {
            output::line(format!("{}: every file is whole", manifest.id))?;
        }
    }
    if as_json {
        let ids: Vec<&str> = profile.models().map(|manifest| manifest.id.as_str()).collect();
        output::json(&json!({"profile": profile.name, "verified": ids}))?;
    }
    Ok(())
}

fn list(layers: &Layers, as_json: bool) -> anyhow::Result<()> {
    let cache = model_cache(&layers.settings.models)?;
    let mut rows = Vec::new();
    for profile in kefu_models::profiles()? {
        for manifest in profile.models() {
            let files = cache.status(manifest)?;
            let here = files.iter().filter(|file| file.state == FileState::Present).count();
            rows.push((profile.name.clone(), manifest.clone(), here, files.len()));
        }
    }
    if as_json {
        let items: Vec<_> =
            rows.iter().map(|(p, m, here, all)| row_json(p, m, *here, *all)).collect();
        return output::json(&json!({"models_dir": cache.dir(), "items": items}));
    }
    output::line(format!("models folder: {}", cache.dir().display()))?;
    for (profile, manifest, here, all) in rows {
        let languages = manifest.language_codes.join(",");
        output::line(format!(
            "{profile:<14} {role:<10} {id:<28} {here}/{all} files  {languages:<20} {licence}",
            role = manifest.role.as_str(),
            id = manifest.id,
            licence = manifest.licence,
        ))?;
    }
    Ok(())
}

fn row_json(profile: &str, manifest: &Manifest, here: usize, all: usize) -> serde_json::Value {
    json!({
        "profile": profile,
        "role": manifest.role.as_str(),
        "id": manifest.id,
        "licence": manifest.licence,
        "n_files": all,
        "n_files_present": here,
    })
}
