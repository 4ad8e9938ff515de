use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::EvalError;
use crate::options::Suite;

/// A gate as written in a TOML file. See `evals/README.md`.
#[derive(Clone, Debug, PartialEq)]
pub struct GateSuite {
    /// Folder of the data set; its documents are not used.
    pub dataset: PathBuf,
    /// Ask only so many questions.
    pub sample: Option<usize>,
    /// Seed of the sample and of the intervals.
    pub seed: u64,
    /// What figures must reach.
    pub require: Vec<Requirement>,
    /// Questions that must be answered right, whatever the figures say.
    pub must_pass: Vec<String>,
}

/// What one figure must reach.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// The figure's suite: retrieval or answers.
    pub suite: Suite,
    /// The figure's name.
    pub figure: String,
    /// The worst value allowed: a minimum, or a maximum where less is better.
    pub limit: Option<f64>,
    /// How much worse than the published release it may be.
    pub max_drop: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    dataset: PathBuf,
    sample: Option<usize>,
    #[serde(default = "first_seed")]
    seed: u64,
    #[serde(default)]
    require: Vec<Row>,
    #[serde(default)]
    must_pass: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    suite: String,
    figure: String,
    limit: Option<f64>,
    max_drop: Option<f64>,
}

/// What a gate without requirements asks for.
const USUAL: [(Suite, &str, f64); 5] = [
    (Suite::Retrieval, "recall@5", 0.01),
    (Suite::Answers, "contains_gold", 0.01),
    (Suite::Answers, "false_refusal", 0.01),
    (Suite::Answers, "refused_unanswerable", 0.01),
    (Suite::Answers, "unsupported_numbers", 0.0),
];

impl GateSuite {
    /// Reads a gate. Paths in it are relative to its folder. A gate that requires nothing asks
    /// that no usual figure gets worse by more than one point.
    ///
    /// # Errors
    /// [`EvalError::Unreadable`] and [`EvalError::BadManifest`] name the file.
    pub fn load(path: &Path) -> Result<Self, EvalError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| EvalError::Unreadable { path: path.to_owned(), source })?;
        let bad = |detail: String| EvalError::BadManifest { path: path.to_owned(), detail };
        let file: File = toml::from_str(&text).map_err(|error| bad(error.message().to_owned()))?;
        let mut require = file
            .require
            .into_iter()
            .map(requirement)
            .collect::<Result<Vec<_>, _>>()
            .map_err(bad)?;
        if require.is_empty() && file.must_pass.is_empty() {
            require = USUAL.into_iter().map(usual).collect();
        }
        let dataset = path.parent().unwrap_or(Path::new(".")).join(file.dataset);
        Ok(Self {
            dataset,
            sample: file.sample,
            seed: file.seed,
            require,
            must_pass: file.must_pass,
        })
    }

    /// The suites that must be run for it.
    #[must_use]
    pub fn suites(&self) -> Vec<Suite> {
        let mut suites: Vec<Suite> = self.require.iter().map(|r| r.suite).collect();
        if !self.must_pass.is_empty() {
            suites.push(Suite::Answers);
        }
        suites.sort_unstable();
        suites.dedup();
        suites
    }
}

fn first_seed() -> u64 {
    1
}

fn usual((suite, figure, max_drop): (Suite, &str, f64)) -> Requirement {
    Requirement { suite, figure: figure.to_owned(), limit: None, max_drop: Some(max_drop) }
}

fn requirement(row: Row) -> Result<Requirement, String> {
    let suite = match row.suite.as_str() {
        "retrieval" => Suite::Retrieval,
        "answers" => Suite::Answers,
        other => return Err(format!("suite = {other:?}: use retrieval or answers")),
    };
    let is_share = |share: &f64| (0.0..=1.0).contains(share);
    if row.limit.is_none() && row.max_drop.is_none() {
        return Err(format!("{}: give limit, max_drop or both", row.figure));
    }
    if !row.max_drop.as_ref().is_none_or(is_share) {
        return Err(format!("{}: max_drop must lie between 0 and 1", row.figure));
    }
    Ok(Requirement { suite, figure: row.figure, limit: row.limit, max_drop: row.max_drop })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<GateSuite, EvalError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gate.toml");
        std::fs::write(&path, text).unwrap();
        GateSuite::load(&path)
    }

    #[test]
    fn paths_are_relative_to_the_file_and_nothing_required_means_the_usual() {
        let suite = load("dataset = \"questions\"\n").unwrap();
        assert!(suite.dataset.ends_with("questions") && suite.dataset.is_absolute());
        assert_eq!(suite.suites(), [Suite::Retrieval, Suite::Answers]);
        assert!(suite.require.iter().all(|r| r.max_drop.is_some()));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, expected) in [
            ("dataset = \"q\"\nmust_pas = []\n", "must_pas"),
            ("dataset = \"q\"\n[[require]]\nsuite = \"triage\"\nfigure = \"x\"\n", "triage"),
            ("dataset = \"q\"\n[[require]]\nsuite = \"answers\"\nfigure = \"x\"\n", "max_drop"),
            (
                "dataset = \"q\"\n[[require]]\nsuite = \"answers\"\nfigure = \"x\"\nmax_drop = 2.0\n",
                "between 0 and 1",
            ),
        ] {
            let error = load(text).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("gate.toml"), "{error}");
        }
    }
}
