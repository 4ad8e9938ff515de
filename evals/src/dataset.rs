//! Data sets: a folder with `questions.jsonl`, `examples.jsonl` and documents.

mod documents;
mod fingerprint;
mod labels;
mod poison;
mod rows;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use kefu_core::Language;

use crate::error::EvalError;

pub use labels::{TriageLabels, TriageSignal};

/// A loaded data set. The documents stay on disk: the caller ingests [`Dataset::documents`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// Name of its folder.
    pub name: String,
    /// Where the documents are: a `documents.jsonl`, or the folder that `dataset.toml` names.
    pub documents: Option<PathBuf>,
    /// Questions in file order, ids unique.
    pub questions: Vec<GoldQuestion>,
    /// Labelled texts in file order.
    pub examples: Vec<Example>,
    /// What the examples' labels mean: the set's `labels.toml`, else what is usual.
    pub labels: TriageLabels,
    /// Documents that carry a foreign instruction, by id.
    pub poisoned: BTreeMap<String, Poison>,
    /// Fingerprint of documents, questions and examples; 16 hexadecimal digits.
    pub hash: String,
}

/// A question with its reference answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldQuestion {
    /// Identity within the set.
    pub id: String,
    /// The customer's words. Real sets hold empty ones: they are asked like any other, and count
    /// as failures when the subject refuses them.
    pub text: String,
    /// Reference answers, any of which is right; empty where the set has none.
    pub answers: Vec<String>,
    /// The document that answers it.
    pub document_id: Option<String>,
    /// Documents that answer it as well.
    pub also_in: Vec<String>,
    /// Whether the documents answer it at all.
    pub answerable: bool,
    /// Its language.
    pub language: Language,
    /// The day it is asked on, `YYYY-MM-DD`; today when `None`.
    pub as_of: Option<String>,
    /// Earlier turns, oldest first.
    pub history: Vec<GoldTurn>,
    /// The reviewed pair that it is measured against, in sets about those.
    pub reviewed: Option<GoldPair>,
}

impl GoldQuestion {
    /// All documents that answer it.
    #[must_use]
    pub fn gold_documents(&self) -> BTreeSet<&str> {
        self.document_id.iter().chain(&self.also_in).map(String::as_str).collect()
    }
}

/// A reviewed pair and what a question has to do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldPair {
    /// The pair's document.
    pub id: String,
    /// Whether the question asks the same; else it only looks like it, and the pair must not answer
    /// by itself.
    pub is_same: bool,
    /// What differs, as the set calls it; empty where it gives no name.
    pub kind: String,
}

/// One earlier turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldTurn {
    /// Who said it.
    pub role: TurnRole,
    /// What was said.
    pub text: String,
}

/// Who said a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnRole {
    /// The customer.
    User,
    /// The answering side; data sets also call it `agent`.
    Assistant,
}

/// What a document carries that is not its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poison {
    /// The foreign instruction.
    pub injection: String,
    /// The same document without it.
    pub clean_id: String,
    /// The text of that one.
    pub clean_text: String,
}

/// A labelled text, for triage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The customer's words.
    pub text: String,
    /// The label; empty where the set gives none.
    pub label: String,
    /// Its language.
    pub language: Language,
}

impl Dataset {
    /// Loads the set in `dir`. Needed fields must be there and well formed; unknown fields are
    /// ignored; blank lines are skipped.
    ///
    /// # Errors
    /// [`EvalError::BadRow`] names file and line; [`EvalError::NotADataset`] when neither
    /// questions nor examples are there.
    pub fn load(dir: &Path) -> Result<Self, EvalError> {
        let questions_path = dir.join("questions.jsonl");
        let examples_path = dir.join("examples.jsonl");
        if !questions_path.is_file() && !examples_path.is_file() {
            return Err(EvalError::NotADataset { path: dir.to_owned() });
        }
        let documents::Place { documents, as_of } = documents::locate(dir)?;
        let questions = rows::read(&questions_path, rows::question)?;
        check_unique(&questions_path, &questions)?;
        let examples = rows::read(&examples_path, rows::example)?;
        let hash = fingerprint::of(documents.as_deref(), &[&questions_path, &examples_path])?;
        let on_its_day = |question: GoldQuestion| GoldQuestion {
            as_of: question.as_of.or_else(|| as_of.clone()),
            ..question
        };
        let questions = questions.into_iter().map(|(_, q)| on_its_day(q)).collect();
        let examples = examples.into_iter().map(|(_, e)| e).collect();
        let poisoned = poison::read(documents.as_deref())?;
        let labels_path = dir.join("labels.toml");
        let labels = if labels_path.is_file() {
            TriageLabels::read(&labels_path)?
        } else {
            TriageLabels::default()
        };
        Ok(Self { name: folder_name(dir), documents, questions, examples, labels, poisoned, hash })
    }
}

fn check_unique(path: &Path, questions: &[(usize, GoldQuestion)]) -> Result<(), EvalError> {
    let mut seen = HashSet::new();
    for (line, question) in questions {
        if !seen.insert(question.id.as_str()) {
            let detail = format!("id {:?} stands in an earlier line too", question.id);
            return Err(EvalError::BadRow { path: path.to_owned(), line: *line, detail });
        }
    }
    Ok(())
}

/// The folder's own name, also for `.` and `..`.
fn folder_name(dir: &Path) -> String {
    let absolute = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    absolute.file_name().map_or_else(|| "dataset".to_owned(), |n| n.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests;
