//! Byte-level BPE out of `tokenizer.json`, and what `tokenizer_config.json` says of prompts.

use std::fs;

use serde::Deserialize;
use serde_json::Value;
use tokenizers::Tokenizer;

use super::{Token, Vocabulary, bytes_of_characters, end_ids, spelled_bytes};
use crate::cache::VerifiedModel;
use crate::error::ModelsError;
use crate::generator::prompt::Template;
use crate::manifest::ChatProtocol;

const TOKENIZER: &str = "tokenizer.json";
const TOKENIZER_CONFIG: &str = "tokenizer_config.json";

#[derive(Deserialize)]
struct Added {
    id: u32,
    content: String,
    special: bool,
}

impl Vocabulary {
    /// Reads the tokenizer of a model with a table of `n_rows` tokens, of which it need not use the
    /// last ones.
    pub(crate) fn from_json(
        model: &VerifiedModel,
        n_rows: usize,
        chat: ChatProtocol,
    ) -> Result<Self, ModelsError> {
        let bad = |detail: String| model.bad_file(TOKENIZER, detail);
        let mut json = read(model, TOKENIZER)?;
        let added = json.get_mut("added_tokens").map(Value::take).unwrap_or_default();
        let added: Vec<Added> = serde_json::from_value(added).map_err(|e| bad(e.to_string()))?;
        // Text that is data must never become one of them, so the tokenizer shall know none.
        if let Some(slot) = json.get_mut("added_tokens") {
            *slot = Value::Array(Vec::new());
        }
        if !json.get("pre_tokenizer").is_some_and(|part| part.to_string().contains("ByteLevel")) {
            let detail = "its tokenizer does not work on bytes".to_owned();
            return Err(ModelsError::Unsupported { model: model.manifest().id.clone(), detail });
        }
        let mut tokenizer =
            Tokenizer::from_bytes(json.to_string()).map_err(|e| bad(e.to_string()))?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|e| bad(e.to_string()))?;
        let byte_of = bytes_of_characters();
        let mut tokens: Vec<Token> = (0..n_rows).map(|_| Token::Control).collect();
        let mut put = |id: u32, token: Token| {
            let slot = usize::try_from(id).ok().and_then(|id| tokens.get_mut(id));
            let slot = slot.ok_or_else(|| bad(format!("token {id} of a table of {n_rows}")))?;
            *slot = token;
            Ok::<(), ModelsError>(())
        };
        for (text, id) in tokenizer.get_vocab(false) {
            put(id, Token::Bytes(spelled_bytes(&text, &byte_of)))?;
        }
        for token in &added {
            let bytes = || Token::Bytes(token.content.as_bytes().into());
            put(token.id, if token.special { Token::Control } else { bytes() })?;
        }
        let mut marks: Vec<(String, u32)> =
            added.into_iter().map(|token| (token.content, token.id)).collect();
        marks.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        let config = read(model, "config.json")?;
        let named = match config.get("eos_token_id") {
            Some(Value::Array(ids)) => ids.iter().filter_map(Value::as_u64).collect(),
            Some(id) => id.as_u64().into_iter().collect(),
            None => Vec::new(),
        };
        let named = named.into_iter().filter_map(|id| u32::try_from(id).ok());
        let end_ids = end_ids(chat, &marks, named).map_err(bad)?;
        Ok(Self { tokenizer, tokens, marks, end_ids })
    }
}

/// The template of prompts.
pub(crate) fn template(model: &VerifiedModel) -> Result<Template, ModelsError> {
    let config = read(model, TOKENIZER_CONFIG)?;
    let source = match config.get("chat_template") {
        Some(Value::String(source)) => Some(source.clone()),
        // Several, with names.
        Some(Value::Array(list)) => list
            .iter()
            .find(|one| one.get("name").and_then(Value::as_str) == Some("default"))
            .and_then(|one| one.get("template")?.as_str().map(str::to_owned)),
        _ => None,
    };
    let Some(source) = source else {
        return Err(model.bad_file(TOKENIZER_CONFIG, "it has no chat template"));
    };
    let token = |key: &str| {
        let token = config.get(key);
        let text = token.and_then(Value::as_str);
        text.or_else(|| token?.get("content")?.as_str()).unwrap_or_default().to_owned()
    };
    Ok(Template { source, bos: token("bos_token"), eos: token("eos_token") })
}

fn read(model: &VerifiedModel, name: &str) -> Result<Value, ModelsError> {
    let path = model.path(name);
    let text = fs::read_to_string(&path).map_err(ModelsError::io("reading", &path))?;
    serde_json::from_str(&text).map_err(|e| model.bad_file(name, e))
}
