//! Usual slips, set right before rules are matched.

use std::collections::{HashMap, HashSet};

/// Knows shorthand and the words whose misspellings matter.
pub(crate) struct Speller {
    replacements: HashMap<&'static str, &'static str>,
    /// The same, longest first: one slip may hold another.
    ordered: Vec<(&'static str, &'static str)>,
    keywords: Vec<(&'static str, Vec<char>)>,
    known: HashSet<&'static str>,
}

impl Speller {
    /// `replacements` has one pair per line; `lookalikes` are real words near a keyword.
    pub(crate) fn new(
        replacements: &'static str,
        keywords: &'static str,
        lookalikes: &'static str,
    ) -> Self {
        let pairs = replacements.lines().filter_map(|line| line.trim().split_once(' '));
        let mut ordered: Vec<_> = pairs.collect();
        ordered.sort_by_key(|(slip, _)| (std::cmp::Reverse(slip.len()), *slip));
        Self {
            replacements: ordered.iter().copied().collect(),
            ordered,
            keywords: keywords.split_whitespace().map(|w| (w, w.chars().collect())).collect(),
            known: lookalikes.split_whitespace().chain(keywords.split_whitespace()).collect(),
        }
    }

    /// The word meant, as one or more words.
    pub(crate) fn correct<'a>(&self, word: &'a str) -> &'a str
    where
        'static: 'a,
    {
        if let Some(meant) = self.replacements.get(word) {
            return meant;
        }
        if word.len() < 4
            || self.known.contains(word)
            || !word.bytes().all(|b| b.is_ascii_lowercase())
        {
            return word;
        }
        let letters: Vec<char> = word.chars().collect();
        let near = self.keywords.iter().filter_map(|(keyword, target)| {
            let limit = limit(&letters, target)?;
            let n_slips = n_slips(&letters, target);
            (n_slips <= limit).then_some((n_slips, *keyword))
        });
        near.min_by_key(|(n_slips, _)| *n_slips).map_or(word, |(_, keyword)| keyword)
    }

    /// The text with every replacement made, for languages without spaces.
    pub(crate) fn replace_all(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (slip, meant) in &self.ordered {
            if text.contains(slip) {
                text = text.replace(slip, meant);
            }
        }
        text
    }
}

/// How many slips a word of this length may hold; `None` when it cannot be the keyword.
fn limit(word: &[char], keyword: &[char]) -> Option<usize> {
    let limit = match keyword.len() {
        0..=3 => return None,
        4..=7 => 1,
        _ => 2,
    };
    let swapped_start = word.first() == keyword.get(1) && word.get(1) == keyword.first();
    let same_start = word.first() == keyword.first();
    // In four letters a swap is a slip, but another letter is another word.
    let short = keyword.len() == 4 && sorted(word) != sorted(keyword);
    let near = word.len().abs_diff(keyword.len()) <= limit;
    (near && (same_start || swapped_start) && !short).then_some(limit)
}

fn sorted(word: &[char]) -> Vec<char> {
    let mut letters = word.to_vec();
    letters.sort_unstable();
    letters
}

/// Letters added, left out, changed, or swapped with their neighbour.
fn n_slips(a: &[char], b: &[char]) -> usize {
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let changed = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = changed.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_corrected_and_real_words_are_left_alone() {
        let speller = Speller::new(
            "pls please\ngimme give me",
            "agent human talk transfer representative complaint",
            "compliant humane",
        );
        for (word, meant) in [
            ("agnet", "agent"),
            ("gaent", "agent"),
            ("huamn", "human"),
            ("tlak", "talk"),
            ("trasnfer", "transfer"),
            ("represenative", "representative"),
            ("gimme", "give me"),
            ("task", "task"),
            ("compliant", "compliant"),
            ("urgent", "urgent"),
            ("humane", "humane"),
        ] {
            assert_eq!(speller.correct(word), meant, "{word}");
        }
    }
}
