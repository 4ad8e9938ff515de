//! Byte-level BPE, here out of GGUF metadata: text to ids, and ids to bytes.

use candle_core::quantized::gguf_file::Value;
use tokenizers::Tokenizer;
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::normalizers::unicode::NFC;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::tokenizer::SplitDelimiterBehavior;

use super::checkpoint::Checkpoint;
use crate::encoder::tokens::pieces;
use crate::error::ModelsError;
use crate::manifest::ChatProtocol;

pub(super) mod json;

/// Text with more bytes per token than this does not occur; see `generate`.
pub(super) const MAX_BYTES_PER_TOKEN: usize = 64;

const QWEN2_PATTERN: &str = concat!(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*",
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
);

/// Token types of GGUF.
const CONTROL: i64 = 3;
const USER_DEFINED: i64 = 4;

/// The tokens of a generator. Text never becomes a control token here: the tokenizer knows none,
/// and only [`Vocabulary::encode_template`] looks for them.
pub(super) struct Vocabulary {
    tokenizer: Tokenizer,
    tokens: Vec<Token>,
    /// Text and id of tokens that templates may name, longest first.
    marks: Vec<(String, u32)>,
    end_ids: Vec<u32>,
}

enum Token {
    /// What it writes.
    Bytes(Box<[u8]>),
    /// Writes nothing.
    Control,
}

impl Vocabulary {
    pub(super) fn read(file: &Checkpoint<'_>, chat: ChatProtocol) -> Result<Self, ModelsError> {
        let kind = file.text("tokenizer.ggml.model").unwrap_or_default();
        if kind != "gpt2" {
            return Err(file.unsupported(format!("its tokenizer is of kind {kind:?}")));
        }
        let texts = strings(file, "tokenizer.ggml.tokens")?;
        let types = types(file, texts.len())?;
        let tokenizer = build_tokenizer(file, &texts)?;
        let byte_of = bytes_of_characters();
        let token = |(text, kind): (&String, &i64)| match *kind {
            CONTROL => Token::Control,
            USER_DEFINED => Token::Bytes(text.as_bytes().into()),
            _ => Token::Bytes(spelled_bytes(text, &byte_of)),
        };
        let tokens = texts.iter().zip(&types).map(token).collect();
        let numbered = (0_u32..).zip(texts.iter().zip(&types));
        let mut marks: Vec<(String, u32)> = numbered
            .filter(|(_, (text, kind))| {
                matches!(**kind, CONTROL | USER_DEFINED) && !text.is_empty()
            })
            .map(|(id, (text, _))| (text.clone(), id))
            .collect();
        marks.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        let named =
            file.number("tokenizer.ggml.eos_token_id").and_then(|id| u32::try_from(id).ok());
        let end_ids = end_ids(chat, &marks, named.into_iter()).map_err(|e| file.bad(e))?;
        Ok(Self { tokenizer, tokens, marks, end_ids })
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The text of a control token.
    pub(super) fn mark(&self, id: Option<usize>) -> Option<&str> {
        let id = u32::try_from(id?).ok()?;
        self.marks.iter().find(|(_, mark)| *mark == id).map(|(text, _)| text.as_str())
    }

    /// Whether a token ends the turn.
    pub(super) fn is_end(&self, id: u32) -> bool {
        self.end_ids.contains(&id)
    }

    /// What a token writes; nothing for control tokens.
    pub(super) fn bytes(&self, id: u32) -> &[u8] {
        match usize::try_from(id).ok().and_then(|idx| self.tokens.get(idx)) {
            Some(Token::Bytes(bytes)) => bytes,
            Some(Token::Control) | None => &[],
        }
    }

    /// Ids of text that is data.
    pub(super) fn encode(&self, text: &str) -> Result<Vec<u32>, String> {
        let encoding = self.tokenizer.encode_fast(text, false).map_err(|e| e.to_string())?;
        Ok(encoding.get_ids().to_vec())
    }

    /// Number of tokens of text that is data.
    pub(super) fn count(&self, text: &str) -> usize {
        pieces(text).map(|piece| self.encode(piece).map_or(0, |ids| ids.len())).sum()
    }

    /// Ids of text that a template wrote itself, in which control tokens are named.
    pub(super) fn encode_template(&self, text: &str) -> Result<Vec<u32>, String> {
        let mut ids = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let found =
                self.marks.iter().filter_map(|(mark, id)| Some((rest.find(mark)?, mark, id)));
            // The earliest one; of those at one place the longest, which comes first.
            let Some((at, mark, id)) = found.min_by_key(|(at, _, _)| *at) else { break };
            let (before, after) = rest.split_at(at);
            ids.extend(self.encode(before)?);
            ids.push(*id);
            rest = after.get(mark.len()..).unwrap_or_default();
        }
        ids.extend(self.encode(rest)?);
        Ok(ids)
    }
}

fn build_tokenizer(file: &Checkpoint<'_>, texts: &[String]) -> Result<Tokenizer, ModelsError> {
    let pre = file.text("tokenizer.ggml.pre").unwrap_or_default();
    let Some(pre_tokenizer) = pre_tokenizer(pre) else {
        let (model, found) = (file.model().manifest().id.clone(), pre.to_owned());
        return Err(ModelsError::UnknownPreTokenizer { model, found });
    };
    let split = |merge: String| {
        let parts = merge.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned()));
        parts.ok_or_else(|| file.bad(format!("merge {merge:?} is malformed")))
    };
    let merges = strings(file, "tokenizer.ggml.merges")?
        .into_iter()
        .map(split)
        .collect::<Result<Vec<_>, _>>()?;
    let vocab: Vocab = texts.iter().cloned().zip(0..).collect();
    let bpe = BPE::builder().vocab_and_merges(vocab, merges).build().map_err(|e| file.bad(e))?;
    let mut tokenizer = Tokenizer::new(bpe);
    tokenizer.with_pre_tokenizer(Some(pre_tokenizer.map_err(|e| file.bad(e))?));
    if pre == "qwen2" {
        tokenizer.with_normalizer(Some(NFC)).map_err(|e| file.bad(e))?;
    }
    Ok(tokenizer)
}

/// How text is split before merging, by the name in the file. Guessing would give text that looks
/// right and is not, so only names whose rules are known are accepted.
fn pre_tokenizer(name: &str) -> Option<tokenizers::Result<PreTokenizerWrapper>> {
    let gpt2 = ByteLevel::new(false, true, true);
    match name {
        "gpt-2" => Some(Ok(gpt2.into())),
        "smollm" => Some(Ok(Sequence::new(vec![Digits::new(true).into(), gpt2.into()]).into())),
        "qwen2" => {
            let pattern = SplitPattern::Regex(QWEN2_PATTERN.to_owned());
            let split = Split::new(pattern, SplitDelimiterBehavior::Isolated, false);
            let bytes = ByteLevel::new(false, true, false);
            Some(split.map(|split| Sequence::new(vec![split.into(), bytes.into()]).into()))
        }
        _ => None,
    }
}

/// Tokens that end a turn: that of the protocol, those that the files name, and the usual one.
fn end_ids(
    chat: ChatProtocol,
    marks: &[(String, u32)],
    named: impl Iterator<Item = u32>,
) -> Result<Vec<u32>, String> {
    let end_of_turn = chat.end_of_turn();
    let id_of = |name: &str| marks.iter().find(|(text, _)| text == name).map(|(_, id)| *id);
    let Some(turn) = id_of(end_of_turn) else {
        return Err(format!("its vocabulary has no control token {end_of_turn}"));
    };
    Ok([turn].into_iter().chain(named).chain(id_of("<|endoftext|>")).collect())
}

fn strings(file: &Checkpoint<'_>, key: &str) -> Result<Vec<String>, ModelsError> {
    let list = match file.value(key) {
        Some(Value::Array(list)) => list,
        _ => return Err(file.bad(format!("{key} is missing or no list"))),
    };
    let text = |value: &Value| value.to_string().cloned();
    list.iter().map(text).collect::<Result<_, _>>().map_err(|e| file.bad(format!("{key}: {e}")))
}

/// Type of every token; all normal when the file says nothing.
fn types(file: &Checkpoint<'_>, n_tokens: usize) -> Result<Vec<i64>, ModelsError> {
    let Some(Value::Array(list)) = file.value("tokenizer.ggml.token_type") else {
        return Ok(vec![1; n_tokens]);
    };
    let kinds: Vec<i64> = list
        .iter()
        .map(|value| match value {
            Value::I32(kind) => i64::from(*kind),
            Value::U32(kind) => i64::from(*kind),
            _ => 1,
        })
        .collect();
    if kinds.len() == n_tokens {
        Ok(kinds)
    } else {
        Err(file.bad(format!("{} token types for {n_tokens} tokens", kinds.len())))
    }
}

/// Byte-level vocabularies spell each byte as a printable character: itself where it is printable
/// Latin-1, otherwise the next free character from U+0100 on.
fn bytes_of_characters() -> Vec<Option<u8>> {
    let mut byte_of = vec![None; 0x200];
    let mut next_free = 0x100_usize;
    for byte in 0..=u8::MAX {
        let is_itself = matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
        let character = if is_itself { usize::from(byte) } else { next_free };
        next_free += usize::from(!is_itself);
        if let Some(slot) = byte_of.get_mut(character) {
            *slot = Some(byte);
        }
    }
    byte_of
}

fn spelled_bytes(text: &str, byte_of: &[Option<u8>]) -> Box<[u8]> {
    let byte = |c: char| usize::try_from(u32::from(c)).ok().and_then(|c| *byte_of.get(c)?);
    let spelled: Option<Box<[u8]>> = text.chars().map(byte).collect();
    // A token outside the alphabet stands for itself.
    spelled.unwrap_or_else(|| text.as_bytes().into())
}
