//! Which of several documents is the newest.

use std::cmp::Ordering;

use kefu_core::{Passage, ReleaseNo};

/// What is known of a document's age.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dating {
    /// First day it holds, `YYYY-MM-DD`.
    valid_from: Option<String>,
    /// Year in its title.
    year: Option<u16>,
    /// First release with this revision of it.
    since: Option<ReleaseNo>,
}

impl Dating {
    /// What a passage says of it, with the release that it is there since.
    pub(crate) fn of(passage: &Passage, since: Option<ReleaseNo>) -> Self {
        let year = |word: &str| word.parse().ok().filter(|year| (1990..=2100).contains(year));
        let title = kefu_text::shadow(&passage.title).text;
        let words = title.split(|c: char| !c.is_ascii_digit());
        Self {
            valid_from: passage.validity.from.clone(),
            year: words.filter_map(year).max(),
            since,
        }
    }

    /// How it lies in time to another: by the first thing that is known of both and differs.
    fn compare(&self, other: &Self) -> Ordering {
        fn both<T: Ord>(a: Option<&T>, b: Option<&T>) -> Ordering {
            match (a, b) {
                (Some(a), Some(b)) => a.cmp(b),
                _ => Ordering::Equal,
            }
        }
        both(self.valid_from.as_ref(), other.valid_from.as_ref())
            .then(both(self.year.as_ref(), other.year.as_ref()))
            .then(both(self.since.as_ref(), other.since.as_ref()))
    }
}

/// The place of the one that is newer than all others; `None` when no one is known to be.
pub(crate) fn newest(datings: &[Dating]) -> Option<usize> {
    let is_newest = |at: &usize| {
        let mut others = datings.iter().enumerate().filter(|(other, _)| other != at);
        others.all(|(_, other)| datings[*at].compare(other) == Ordering::Greater)
    };
    (0..datings.len()).find(is_newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_told_by_its_day_then_its_year_then_its_release() {
        let dating = |from: Option<&str>, year, since| Dating {
            valid_from: from.map(str::to_owned),
            year,
            since: Some(ReleaseNo(since)),
        };
        let by_day =
            [dating(Some("2024-01-01"), Some(2025), 9), dating(Some("2024-02-01"), None, 1)];
        assert_eq!(newest(&by_day), Some(1));
        assert_eq!(newest(&[dating(None, Some(2024), 1), dating(None, Some(2023), 2)]), Some(0));
        assert_eq!(newest(&[dating(None, None, 1), dating(Some("2024-01-01"), None, 2)]), Some(1));
        assert_eq!(newest(&[dating(None, None, 1), dating(None, None, 1)]), None);
        assert_eq!(newest(&[Dating::default(), Dating::default()]), None);
    }
}
