//! Finding a passage by its words.

use kefu_core::Span;

/// A text without its white space, which formats, line breaks and copying change.
pub(super) struct Words {
    text: String,
    /// Where each byte of it stands in the whole text.
    places: Vec<usize>,
}

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let mut words = Self { text: String::new(), places: Vec::new() };
        for (at, character) in text.char_indices().filter(|(_, c)| !c.is_whitespace()) {
            words.text.push(character);
            words.places.extend(at..at + character.len_utf8());
        }
        words
    }

    /// The place of a passage that stands there for the `occurrence`th time, from 1.
    pub(super) fn find(&self, passage: &str, occurrence: u32) -> Option<Span> {
        let sought = without_white_space(passage);
        let nth = usize::try_from(occurrence.checked_sub(1)?).ok()?;
        let start = self.starts(&sought).nth(nth)?;
        let (first, last) = (self.places.get(start)?, self.places.get(start + sought.len() - 1)?);
        Some(Span { start: *first, end: last + 1 })
    }

    pub(super) fn count(&self, passage: &str) -> usize {
        self.starts(&without_white_space(passage)).count()
    }

    /// Places do not overlap; an empty passage has none.
    fn starts<'a>(&'a self, sought: &'a str) -> impl Iterator<Item = usize> + 'a {
        let found = (!sought.is_empty()).then(|| self.text.match_indices(sought));
        found.into_iter().flatten().map(|(start, _)| start)
    }
}

fn without_white_space(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_does_not_count_and_places_are_told_apart() {
        let text = "Pay  within\n30 days.\n\n七 天内\n退货。Pay within 30 days.";
        let words = Words::of(text);
        let at = |passage, nth| words.find(passage, nth).and_then(|span| span.of(text));
        assert_eq!(at("Pay within 30 days.", 1), Some("Pay  within\n30 days."));
        assert_eq!(at("Pay within 30\u{3000}days.", 2), Some("Pay within 30 days."));
        assert_eq!(at("七天内退货", 1), Some("七 天内\n退货"));
        assert_eq!((at("七天", 2), at("七天", 0), at("never", 1)), (None, None, None));
        assert_eq!((words.count(" \n"), words.count("30days"), at("", 1)), (0, 2, None));
    }
}
