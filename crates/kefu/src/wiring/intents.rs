//! Lists of intents, labelled examples and fitted heads, from files to the triage that uses them.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use indicatif::ProgressBar;
use kefu_core::ports::{EmbedKind, Embedder};
use kefu_core::{Intent, Language};
use kefu_desk::{
    ExampleVectors, FitObserver, FitReport, IntentCatalogue, IntentError, IntentHead, IntentSpec,
};
use serde::Deserialize;

use crate::config::Settings;
use crate::progress::steps_bar;

/// The head of that list for the default profile, made by `kefu triage fit`.
const BUILTIN_HEAD: &[u8] = include_bytes!("../../../../models/intents/default.head");

const LIST: &str = "intents.toml";
const EXAMPLES: &str = "examples.jsonl";
const EMBED_BATCH: usize = 64;
/// Nothing that people write by hand is longer.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListFile {
    intent: Vec<IntentEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IntentEntry {
    name: String,
    queue: Option<String>,
    skill: Option<String>,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default)]
    out_of_scope: bool,
    #[serde(default)]
    examples: Vec<String>,
}

#[derive(Deserialize)]
struct ExampleRow {
    text: String,
    label: String,
    lang: Option<String>,
}

/// A catalogue, and the language of each of its examples.
#[derive(Debug)]
pub(crate) struct Examples {
    pub(crate) catalogue: IntentCatalogue,
    languages: Vec<Language>,
}

impl Examples {
    fn add(&mut self, label: &str, text: &str, language: Language) -> Result<(), IntentError> {
        self.catalogue.add(label, text)?;
        self.languages.push(language);
        Ok(())
    }

    /// Reads lists and labelled rows. Lists come first, whatever their order: what they name is what
    /// rows may use.
    pub(crate) fn read(paths: &[PathBuf]) -> anyhow::Result<Self> {
        let (mut lists, mut tables) = (Vec::new(), Vec::new());
        for path in paths {
            for file in files_of(path)? {
                let is_list = file.extension().is_some_and(|ending| ending == "toml");
                if is_list { &mut lists } else { &mut tables }.push(file);
            }
        }
        let mut entries = Vec::new();
        for file in &lists {
            let text = read_text(file)?;
            let parsed: ListFile =
                toml::from_str(&text).with_context(|| format!("{}", file.display()))?;
            entries.extend(parsed.intent);
        }
        let mut examples = if lists.is_empty() {
            Self { catalogue: IntentCatalogue::open(), languages: Vec::new() }
        } else {
            Self::listed(&entries)?
        };
        for file in &tables {
            examples.read_rows(file)?;
        }
        Ok(examples)
    }

    fn listed(entries: &[IntentEntry]) -> anyhow::Result<Self> {
        let spec = |entry: &IntentEntry| IntentSpec {
            intent: Intent {
                name: entry.name.clone(),
                queue: entry.queue.clone(),
                skill: entry.skill.clone(),
            },
            keywords: entry.keywords.clone(),
            out_of_scope: entry.out_of_scope,
        };
        let catalogue = IntentCatalogue::of(entries.iter().map(spec).collect())?;
        let mut examples = Self { catalogue, languages: Vec::new() };
        for entry in entries {
            for text in &entry.examples {
                examples.add(&entry.name, text, kefu_text::detect(text))?;
            }
        }
        Ok(examples)
    }

    fn read_rows(&mut self, file: &Path) -> anyhow::Result<()> {
        let text = read_text(file)?;
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        for (number, line) in lines {
            let place = || format!("{}:{number}", file.display());
            let row: ExampleRow = serde_json::from_str(line).with_context(place)?;
            let language = match &row.lang {
                None => kefu_text::detect(&row.text),
                Some(code) => Language::from_code(code)
                    .ok_or_else(|| anyhow!("lang {code:?} is not a language code"))
                    .with_context(place)?,
            };
            self.add(&row.label, &row.text, language).with_context(place)?;
        }
        Ok(())
    }

    /// Fits a head, showing how far it is.
    pub(crate) async fn fit(
        &self,
        embedder: Option<&dyn Embedder>,
    ) -> anyhow::Result<(IntentHead, FitReport)> {
        let vectors = match embedder {
            Some(embedder) => self.embed(embedder).await?,
            None => None,
        };
        let bar = steps_bar("fitting");
        let fitted = IntentHead::fit(&self.catalogue, vectors.as_ref(), &Bar(bar.clone()));
        bar.finish_and_clear();
        Ok(fitted?)
    }

    async fn embed(&self, embedder: &dyn Embedder) -> anyhow::Result<Option<ExampleVectors>> {
        let info = embedder.info();
        let examples = self.catalogue.examples().iter().zip(&self.languages).enumerate();
        let served: Vec<(usize, &str)> = examples
            .filter(|(_, (_, language))| info.serves(**language))
            .map(|(place, ((text, _), _))| (place, text.as_str()))
            .collect();
        if served.is_empty() {
            return Ok(None);
        }
        let bar = steps_bar("reading");
        bar.set_length(served.len() as u64);
        let mut rows = vec![None; self.languages.len()];
        for batch in served.chunks(EMBED_BATCH) {
            let texts: Vec<String> = batch.iter().map(|(_, text)| (*text).to_owned()).collect();
            let vectors = embedder.embed(EmbedKind::Query, &texts).await?;
            for ((place, _), vector) in batch.iter().zip(vectors) {
                rows[*place] = Some(vector);
            }
            bar.inc(batch.len() as u64);
        }
        bar.finish_and_clear();
        let (embedder, dimensions) = (info.id.clone(), info.dimensions);
        Ok(Some(ExampleVectors { embedder, dimensions, rows }))
    }
}

/// Shows how far a fit is.
pub(crate) struct Bar(pub(crate) ProgressBar);

impl FitObserver for Bar {
    fn observe(&self, n_done: usize, n_total: usize) {
        self.0.set_length(n_total as u64);
        self.0.set_position(n_done as u64);
    }
}

/// The files that a path stands for.
fn files_of(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let known = [LIST, EXAMPLES].map(|name| path.join(name));
    let found: Vec<PathBuf> = known.into_iter().filter(|file| file.is_file()).collect();
    if found.is_empty() {
        bail!(
            "{} holds neither {LIST} nor {EXAMPLES}; name a file or such a folder",
            path.display()
        );
    }
    Ok(found)
}

fn read_text(file: &Path) -> anyhow::Result<String> {
    let cannot = || format!("cannot read {}", file.display());
    let n_bytes = std::fs::metadata(file).with_context(cannot)?.len();
    if n_bytes > MAX_FILE_BYTES {
        bail!("{} is longer than {MAX_FILE_BYTES} bytes; take a sample of it", file.display());
    }
    std::fs::read_to_string(file).with_context(cannot)
}

/// The head that `desk.intents` names: `none`, `builtin`, a fitted head, or a list that is fitted
/// now.
pub(crate) async fn head(
    setting: &str,
    embedder: Option<&dyn Embedder>,
) -> anyhow::Result<Option<IntentHead>> {
    let in_use = embedder.map(|embedder| embedder.info().id.as_str());
    match setting {
        "none" | "" => Ok(None),
        "builtin" => {
            let head = IntentHead::from_bytes(BUILTIN_HEAD).context("the built-in intents")?;
            if head.embedder() == in_use {
                return Ok(Some(head));
            }
            if in_use.is_some() {
                tracing::info!(
                    "the built-in intents are told by words alone with this embedder; fit a list \
                     of your own with `kefu triage fit` and name it in desk.intents"
                );
            }
            Ok(Some(head.without_vectors()))
        }
        file if is_list(file) => {
            let examples = Examples::read(&[PathBuf::from(file)]).context("desk.intents")?;
            Ok(Some(examples.fit(embedder).await.context("desk.intents")?.0))
        }
        file => {
            let head = read_head(file)?;
            head.check_embedder(in_use).with_context(|| format!("desk.intents: {file}"))?;
            Ok(Some(head))
        }
    }
}

/// Checks that the desk's routes ask for intents that are told.
///
/// # Errors
/// The first that is not, or why the list or head cannot be read.
pub(crate) fn check_routes(settings: &Settings) -> anyhow::Result<()> {
    let desk = &settings.desk;
    if desk.routes_by_intent() {
        let known = names(&desk.intents)?;
        desk.check_intents(known.as_deref()).map_err(anyhow::Error::msg)?;
    }
    Ok(())
}

/// Names of the intents that `desk.intents` tells; `None` when it tells none.
fn names(setting: &str) -> anyhow::Result<Option<Vec<String>>> {
    let of = |specs: &[IntentSpec]| {
        let told = specs.iter().filter(|spec| !spec.out_of_scope);
        Some(told.map(|spec| spec.intent.name.clone()).collect())
    };
    Ok(match setting {
        "none" | "" => None,
        "builtin" => of(IntentHead::from_bytes(BUILTIN_HEAD)?.specs()),
        file if is_list(file) => {
            let examples = Examples::read(&[PathBuf::from(file)]).context("desk.intents")?;
            of(examples.catalogue.specs())
        }
        file => of(read_head(file)?.specs()),
    })
}

fn is_list(file: &str) -> bool {
    file.ends_with(".toml") || Path::new(file).is_dir()
}

fn read_head(file: &str) -> anyhow::Result<IntentHead> {
    let bytes = std::fs::read(file).with_context(|| format!("desk.intents: cannot read {file}"))?;
    IntentHead::from_bytes(&bytes).with_context(|| format!("desk.intents: {file}"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    fn builtin() -> Examples {
        let list = include_str!("../../../../models/intents/shop.toml");
        Examples::listed(&toml::from_str::<ListFile>(list).unwrap().intent).unwrap()
    }

    #[test]
    fn the_list_that_comes_along_can_be_fitted_and_serves_both_languages() {
        let examples = builtin();
        let of = |language| examples.languages.iter().filter(|l| **l == language).count();
        assert!(of(Language::ENGLISH) > 150 && of(Language::CHINESE) > 150);
        for spec in examples.catalogue.specs() {
            let name = &spec.intent.name;
            let of_intent = examples
                .catalogue
                .examples()
                .iter()
                .filter(|(_, class)| examples.catalogue.specs()[*class].intent.name == *name);
            assert!(of_intent.count() >= 16, "{name}");
        }
    }

    #[test]
    fn the_head_that_comes_along_is_of_that_list() {
        let list = builtin();
        let head = IntentHead::from_bytes(BUILTIN_HEAD).unwrap();
        assert_eq!(head.specs(), list.catalogue.specs());
        for (text, class) in list.catalogue.examples() {
            let verdict = head.judge(text, None);
            assert_eq!(verdict.source.as_str(), "phrase", "{text}");
            let spec = &list.catalogue.specs()[*class];
            let expected = (!spec.out_of_scope).then(|| spec.intent.clone());
            assert_eq!(verdict.intent, expected, "{text}");
        }
    }

    #[test]
    fn rows_may_only_use_names_of_a_list_that_is_given() {
        let dir = tempfile::tempdir().unwrap();
        let (list, rows) = (dir.path().join(LIST), dir.path().join(EXAMPLES));
        std::fs::write(
            &list,
            "[[intent]]\nname = \"refund\"\nexamples = [\"where is my money\"]\n",
        )
        .unwrap();
        std::fs::write(&rows, "\n{\"text\": \"hello\", \"label\": \"refunds\"}\n").unwrap();
        let error = Examples::read(&[dir.path().to_owned()]).unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains("examples.jsonl:2") && error.contains("\"refund\""), "{error}");
        let alone = Examples::read(&[rows]).unwrap();
        assert_eq!(alone.catalogue.specs()[0].intent.name, "refunds");
        assert!(Examples::read(&[dir.path().join("nothing.jsonl")]).is_err());
    }
}
