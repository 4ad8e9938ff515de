use kefu_core::Span;
use tokenizers::{EncodeInput, Tokenizer};

use crate::cache::VerifiedModel;
use crate::catalogue::pull_command;
use crate::error::ModelsError;

/// Longest stretch of text that is tokenised at once; longer text is counted piece by piece, so
/// that time and memory grow with its length only.
const PIECE_BYTES: usize = 32 * 1024;
/// Text is cut to this many bytes per token before it is tokenised. Real text has 1 to 6.
const MAX_BYTES_PER_TOKEN: usize = 64;
/// Weights may have this many rows more than the tokenizer has tokens; some models pad theirs.
const MAX_UNUSED_ROWS: usize = 1024;

/// A `tokenizer.json` as an encoder uses it. Text is data: the names of special tokens in it are
/// plain text.
pub(crate) struct TextTokens {
    tokenizer: Tokenizer,
    max_tokens: usize,
    /// Special tokens around one text.
    n_special: usize,
    /// Special tokens after the text.
    n_trailing: usize,
}

impl TextTokens {
    pub(crate) fn read(
        model: &VerifiedModel,
        file: &str,
        n_rows: usize,
    ) -> Result<Self, ModelsError> {
        let bad = |e: tokenizers::Error| model.bad_file(file, e);
        let mut tokenizer = Tokenizer::from_file(model.path(file)).map_err(bad)?;
        tokenizer.with_truncation(None).map_err(bad)?;
        tokenizer.with_padding(None);
        tokenizer.set_encode_special_tokens(true);
        let n_tokens = tokenizer.get_vocab_size(true);
        if n_tokens > n_rows || n_tokens + MAX_UNUSED_ROWS < n_rows {
            let model = model.manifest().id.clone();
            let command = pull_command(&model);
            return Err(ModelsError::VocabularyMismatch { model, n_tokens, n_rows, command });
        }
        let empty = tokenizer.encode("", true).map_err(bad)?;
        let sample = tokenizer.encode("a", true).map_err(bad)?;
        let is_special = |flag: &&u32| **flag == 1;
        let n_trailing =
            sample.get_special_tokens_mask().iter().rev().take_while(is_special).count();
        let max_tokens = model.manifest().max_tokens;
        let n_special = empty.len();
        if max_tokens <= n_special {
            return Err(model.bad_file(file, "special tokens alone fill the input"));
        }
        Ok(Self { tokenizer, max_tokens, n_special, n_trailing })
    }

    /// Ids of a text, special tokens included, cut to the model's limit.
    pub(crate) fn encode(&self, text: &str) -> Result<Vec<u32>, tokenizers::Error> {
        self.cut(cut_bytes(text, self.max_tokens * MAX_BYTES_PER_TOKEN).into())
    }

    /// Bytes of the tokens that [`Self::encode`] keeps, in order; special ones have none.
    pub(crate) fn spans(&self, text: &str) -> Result<Vec<Option<Span>>, tokenizers::Error> {
        let text = cut_bytes(text, self.max_tokens * MAX_BYTES_PER_TOKEN);
        let encoding = self.tokenizer.encode(text, true)?;
        let span = |(offsets, special): (&(usize, usize), &u32)| {
            (*special == 0).then_some(Span { start: offsets.0, end: offsets.1 })
        };
        let mut spans: Vec<Option<Span>> = encoding
            .get_offsets()
            .iter()
            .zip(encoding.get_special_tokens_mask())
            .map(span)
            .collect();
        if spans.len() > self.max_tokens {
            let tail = spans.split_off(spans.len() - self.n_trailing);
            spans.truncate(self.max_tokens - self.n_trailing);
            spans.extend(tail);
        }
        Ok(spans)
    }

    /// Ids of two texts, the second cut when both do not fit.
    pub(crate) fn encode_pair(&self, a: &str, b: &str) -> Result<Vec<u32>, tokenizers::Error> {
        let limit = self.max_tokens * MAX_BYTES_PER_TOKEN;
        self.cut((cut_bytes(a, limit), cut_bytes(b, limit)).into())
    }

    /// Number of tokens before any cut, special tokens included.
    pub(crate) fn count(&self, text: &str) -> usize {
        let n_plain = |piece: &str| self.tokenizer.encode_fast(piece, false).map_or(0, |e| e.len());
        self.n_special + pieces(text).map(n_plain).sum::<usize>()
    }

    fn cut(&self, input: EncodeInput<'_>) -> Result<Vec<u32>, tokenizers::Error> {
        let encoding = self.tokenizer.encode_fast(input, true)?;
        let mut ids = encoding.get_ids().to_vec();
        if ids.len() > self.max_tokens {
            let tail = ids.split_off(ids.len() - self.n_trailing);
            ids.truncate(self.max_tokens - self.n_trailing);
            ids.extend(tail);
        }
        Ok(ids)
    }
}

/// Splits a long text at white space where there is some; short text stays whole.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if rest.len() <= PIECE_BYTES {
            return Some(std::mem::take(&mut rest));
        }
        let hard = cut_bytes(rest, PIECE_BYTES).len();
        let soft = rest.get(..hard).and_then(|head| head.rfind(char::is_whitespace));
        let (piece, after) = rest.split_at(soft.filter(|at| *at > 0).unwrap_or(hard));
        rest = after;
        Some(piece)
    })
}

/// The longest beginning of at most `n_bytes` that ends between characters.
fn cut_bytes(text: &str, n_bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(n_bytes)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_the_text_and_end_at_white_space() {
        let text = "退货 and returns ".repeat(5_000);
        let parts: Vec<&str> = pieces(&text).collect();
        assert!(parts.len() > 1);
        assert_eq!(parts.concat(), text);
        assert!(parts.iter().all(|p| p.len() <= PIECE_BYTES));
        assert!(parts.iter().skip(1).all(|p| p.starts_with(' ')));
    }

    #[test]
    fn text_without_white_space_is_cut_between_characters() {
        let text = "退".repeat(30_000);
        let parts: Vec<&str> = pieces(&text).collect();
        assert_eq!(parts.concat(), text);
        assert!(parts.iter().all(|p| p.len() <= PIECE_BYTES && !p.is_empty()));
    }
}
