//! Patterns that are part of the program.

use kefu_core::Span;
use regex::Regex;

/// One of several expressions. They are part of the program, and a test of their owner proves that
/// they can be read; one that cannot matches nothing.
pub(crate) struct Pattern(Option<Regex>);

impl Pattern {
    /// Any of these expressions.
    pub(crate) fn any_of<'a>(expressions: impl IntoIterator<Item = &'a str>) -> Self {
        let parts: Vec<String> =
            expressions.into_iter().map(|expression| format!("(?:{expression})")).collect();
        let compiled = (!parts.is_empty()).then(|| Regex::new(&parts.join("|")));
        Self(compiled.and_then(|compiled| {
            compiled
                .inspect_err(|error| tracing::error!(%error, "a built-in pattern is broken"))
                .ok()
        }))
    }

    /// Whether it could be read.
    #[cfg(test)]
    pub(crate) fn is_sound(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.0.as_ref().is_some_and(|regex| regex.is_match(text))
    }

    pub(crate) fn find(&self, text: &str) -> Option<Span> {
        self.find_iter(text).next()
    }

    /// What it matches, in order and without overlaps.
    pub(crate) fn find_iter(&self, text: &str) -> impl Iterator<Item = Span> {
        let found = self.0.as_ref().map(|regex| regex.find_iter(text));
        found.into_iter().flatten().map(|found| Span { start: found.start(), end: found.end() })
    }
}
