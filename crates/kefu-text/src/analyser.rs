//! Search terms and the sparse vectors made of them.

mod segments;
mod stop_words;
mod words;

use std::collections::{HashMap, HashSet};

use jieba_rs::Jieba;
use kefu_core::{Span, SparseVector};
use rust_stemmers::{Algorithm, Stemmer};

use crate::script::is_han;
use crate::shadow::shadow;
use segments::{Segment, segments};
pub(crate) use stop_words::is_english_stop_word;
use stop_words::is_stop_word;

/// Names how terms are made. A part of the index's identity: raise it with any change that makes
/// a text yield other terms or weights.
pub const ANALYSER_VERSION: &str = "2";

/// Words of a passage of ordinary length; longer ones are damped, shorter ones raised.
///
/// A constant instead of the corpus mean keeps a vector independent of all other documents.
pub const NOMINAL_LEN: f32 = 120.0;

const K1: f32 = 1.2;
const B: f32 = 0.75;

/// What a code such as `e07` counts in a question, relative to a word.
const CODE_FACTOR: f32 = 2.5;
/// What a pair of characters counts that the dictionary does not know as a word.
const PAIR_FACTOR: f32 = 0.7;
/// What a Latin word counts among Chinese ones, which count with all their pairs.
const LATIN_FACTOR: f32 = 1.25;

/// Han characters of a question that may be cut out of longer words.
const MAX_SNIPPET: usize = 4;

/// A search term and where it stands in the text that was analysed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Normalised, stemmed form.
    pub text: String,
    /// The bytes of the text it was made from.
    pub span: Span,
}

/// Turns texts into search terms, the same way for documents and questions.
///
/// Chinese is cut into dictionary words and, since no dictionary knows every product, also into
/// pairs of neighbouring characters. Latin words are stemmed as English; codes such as `iPhone15`
/// or `SKU-1234` are kept whole and split; numbers are kept without thousands separators.
/// Building one loads a dictionary (about 0.1 s): share it.
pub struct Analyser {
    jieba: Jieba,
    stemmer: Stemmer,
}

/// A term before it is shown to callers; spans point into the shadow.
struct Token {
    text: String,
    span: Span,
    /// Stands for a word of the text. Parts of a word and character pairs do not count as length.
    is_word: bool,
    /// A pair of neighbouring characters that the dictionary does not know.
    is_pair: bool,
    is_stop: bool,
}

impl Token {
    /// What the term counts in a question written with or without Chinese characters.
    fn query_factor(&self, is_chinese: bool) -> f32 {
        if self.is_pair {
            PAIR_FACTOR
        } else if self.is_word && is_code(&self.text) {
            CODE_FACTOR
        } else if is_chinese && self.text.is_ascii() {
            LATIN_FACTOR
        } else {
            1.0
        }
    }
}

impl Default for Analyser {
    fn default() -> Self {
        Self::new()
    }
}

impl Analyser {
    /// Loads the dictionary.
    #[must_use]
    pub fn new() -> Self {
        Self { jieba: Jieba::new(), stemmer: Stemmer::create(Algorithm::English) }
    }

    /// All terms, in the order of their places in the text.
    #[must_use]
    pub fn terms(&self, text: &str) -> Vec<Term> {
        self.collect(text, |_| true)
    }

    /// Terms that carry meaning: without stop words and without character pairs that reach into
    /// one.
    #[must_use]
    pub fn content_terms(&self, text: &str) -> Vec<Term> {
        self.collect(text, |token| !token.is_stop)
    }

    /// The vector a passage is indexed under: BM25 term-frequency weights of its content terms.
    /// The inverse document frequency is the index's part.
    #[must_use]
    pub fn encode_passage(&self, text: &str) -> SparseVector {
        let tokens = self.tokens(&shadow(text).text);
        let content = || tokens.iter().filter(|token| !token.is_stop);
        let n_words = content().filter(|token| token.is_word).count();
        let mut counts: HashMap<&str, f32> = HashMap::new();
        for token in content() {
            *counts.entry(&token.text).or_default() += 1.0;
        }
        let damping = K1 * (1.0 - B + B * n_words as f32 / NOMINAL_LEN);
        SparseVector::from_weights(
            counts.into_iter().map(|(term, n)| (term_id(term), n * (K1 + 1.0) / (n + damping))),
        )
    }

    /// The vector to search with. Every distinct content term counts once, with the highest weight
    /// among the texts that hold it; a code counts more, because it names one thing, a Latin word
    /// among Chinese ones too, and a pair of characters that is no word counts less.
    #[must_use]
    pub fn encode_query(&self, weighted: &[(&str, f32)]) -> SparseVector {
        let mut weights: HashMap<u32, f32> = HashMap::new();
        for (text, weight) in weighted {
            let normal = shadow(text).text;
            let n_han = normal.chars().filter(|c| is_han(*c)).count();
            let is_chinese = n_han > 0;
            // So few characters do not tell where a function word stands.
            let is_snippet = (2..=MAX_SNIPPET).contains(&n_han);
            let is_kept = |token: &&Token| !token.is_stop || (token.is_pair && is_snippet);
            for token in self.tokens(&normal).iter().filter(is_kept) {
                let weight = weight * token.query_factor(is_chinese);
                let entry = weights.entry(term_id(&token.text)).or_default();
                *entry = entry.max(weight);
            }
        }
        SparseVector::from_weights(weights)
    }

    fn collect(&self, text: &str, keep: impl Fn(&Token) -> bool) -> Vec<Term> {
        let shadow = shadow(text);
        let tokens = self.tokens(&shadow.text).into_iter().filter(keep);
        tokens
            .map(|token| Term { span: shadow.source_span(token.span), text: token.text })
            .collect()
    }

    fn tokens(&self, normal: &str) -> Vec<Token> {
        let mut tokens = Vec::with_capacity(normal.len() / 4);
        for segment in segments(normal) {
            match segment {
                Segment::Han(span) => self.han_tokens(normal, span, &mut tokens),
                Segment::Word(span) => words::word_tokens(&self.stemmer, normal, span, &mut tokens),
            }
        }
        tokens
    }

    /// Every pair of neighbouring characters, dictionary words of other lengths, and single
    /// characters where the dictionary sees a word of one character.
    fn han_tokens(&self, normal: &str, run: Span, tokens: &mut Vec<Token>) {
        let text = &normal[run.start..run.end];
        let first = tokens.len();
        let mut pairs: HashSet<usize> = HashSet::new();
        let mut stops: Vec<Span> = Vec::new();
        for word in self.jieba.cut_for_search(text, false) {
            let span = Span { start: word.byte_start, end: word.byte_end }.shifted(run.start);
            let is_stop = is_stop_word(word.word);
            if is_stop {
                stops.push(span);
            }
            if word.word.chars().count() == 2 {
                pairs.insert(span.start);
            }
            // Search mode lists the parts of a long word before the word itself.
            let inside = tokens[first..].iter_mut().rev();
            for part in inside.take_while(|part| part.span.start >= span.start) {
                part.is_word = false;
            }
            tokens.push(Token {
                text: word.word.to_owned(),
                span,
                is_word: true,
                is_pair: false,
                is_stop,
            });
        }
        let borders: Vec<usize> =
            text.char_indices().map(|(at, _)| run.start + at).chain([run.end]).collect();
        for ends in borders.windows(3) {
            let span = Span { start: ends[0], end: ends[2] };
            if pairs.contains(&span.start) {
                continue;
            }
            let before = stops.partition_point(|stop| stop.end <= span.start);
            let is_stop = stops.get(before).is_some_and(|stop| stop.start < span.end);
            let text = normal[span.start..span.end].to_owned();
            tokens.push(Token { text, span, is_word: false, is_pair: true, is_stop });
        }
        tokens[first..].sort_by_key(|token| (token.span.start, token.span.end));
    }
}

/// Whether a term mixes letters and digits.
fn is_code(term: &str) -> bool {
    term.bytes().any(|b| b.is_ascii_digit()) && term.bytes().any(|b| b.is_ascii_alphabetic())
}

/// The number of a term in sparse vectors; the same on every machine and in every version.
#[must_use]
pub fn term_id(term: &str) -> u32 {
    // FNV-1a with a final mix, so that short terms spread over all bits.
    let mut hash = term
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests;
