//! Expressions that search with what earlier searches learnt, on whatever thread those ran.
//!
//! A search builds its automaton as texts need it, which makes the first texts slow. `regex` keeps what
//! was built apart for each thread; here the latest is the next one used, so that a thread that comes
//! new is as quick as the others and memory grows with searches at once, not with threads.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use regex_automata::Input;
use regex_automata::meta::{BuildError, Cache, Config, Regex};
use regex_automata::util::iter::Searcher;

/// What a search may keep, in bytes; with less, long texts make it begin anew again and again.
const MOST_CACHE_BYTES: usize = 16 << 20;
/// Caches that are kept for as many searches at once.
const MOST_CACHES: usize = 8;

/// A compiled expression.
pub(crate) struct Matcher {
    regex: Regex,
    /// The last one is the one used last.
    caches: Mutex<Vec<Cache>>,
}

impl Matcher {
    /// Compiles an expression in the syntax of `regex`.
    pub(crate) fn new(expression: &str) -> Result<Self, Box<BuildError>> {
        let config = Config::new().hybrid_cache_capacity(MOST_CACHE_BYTES);
        let regex = Regex::builder().configure(config).build(expression)?;
        Ok(Self { regex, caches: Mutex::default() })
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        let input = Input::new(text).earliest(true);
        self.search(|regex, cache| regex.search_half_with(cache, &input).is_some())
    }

    /// Places of all matches, in order and without overlaps.
    pub(crate) fn find_all(&self, text: &str) -> Vec<Range<usize>> {
        self.search(|regex, cache| {
            let mut searcher = Searcher::new(Input::new(text));
            let mut found = Vec::new();
            while let Some(hit) = searcher.advance(|input| Ok(regex.search_with(cache, input))) {
                found.push(hit.range());
            }
            found
        })
    }

    /// The text with `with` in the place of every match.
    pub(crate) fn replace_all<'a>(&self, text: &'a str, with: &str) -> Cow<'a, str> {
        let found = self.find_all(text);
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut replaced = String::with_capacity(text.len());
        let mut copied = 0;
        for place in found {
            replaced.push_str(&text[copied..place.start]);
            replaced.push_str(with);
            copied = place.end;
        }
        replaced.push_str(&text[copied..]);
        Cow::Owned(replaced)
    }

    fn search<T>(&self, search: impl FnOnce(&Regex, &mut Cache) -> T) -> T {
        let kept = || self.caches.lock().unwrap_or_else(PoisonError::into_inner);
        let cache = kept().pop();
        let mut cache = cache.unwrap_or_else(|| self.regex.create_cache());
        let found = search(&self.regex, &mut cache);
        let mut kept = kept();
        if kept.len() < MOST_CACHES {
            kept.push(cache);
        }
        found
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn it_finds_and_replaces_as_regex_does() {
        for (expression, text) in
            [("a+", "caat, a"), ("退货|退款", "我要退款，不退货"), ("x*", "axb"), ("z", "none")]
        {
            let (own, other) =
                (Matcher::new(expression).unwrap(), regex::Regex::new(expression).unwrap());
            let places: Vec<_> = other.find_iter(text).map(|hit| hit.range()).collect();
            assert_eq!(own.find_all(text), places, "{expression}");
            assert_eq!(own.is_match(text), other.is_match(text));
            assert_eq!(own.replace_all(text, "-"), other.replace_all(text, "-"));
        }
        assert!(Matcher::new("(").is_err());
    }

    #[test]
    fn threads_share_what_was_learnt() {
        let matcher = Matcher::new("b{2,4}c").unwrap();
        std::thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| assert!(matcher.is_match("abbbc")));
            }
        });
        let n_kept = matcher.caches.lock().unwrap().len();
        assert!((1..=MOST_CACHES).contains(&n_kept), "{n_kept}");
    }
}
