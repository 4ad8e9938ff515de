//! The word lists of one language, and where their words stand in a clause.

use std::collections::HashMap;

use crate::triage::rule_file::lines;

/// How a word turns its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Negation,
    More,
    Less,
    Contrast,
    Concession,
    Wish,
    Question,
    /// What was, or was thought, before: the opposite is often true now.
    Earlier,
}

/// What a listed word does. Some do both: 好 praises alone and strengthens what follows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Meaning {
    pub(super) weight: Option<f32>,
    pub(super) turn: Option<Turn>,
}

/// A listed word found in a clause.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// First position, in words or characters.
    pub(super) start: usize,
    /// Position after the last.
    pub(super) end: usize,
    pub(super) meaning: Meaning,
}

/// Words and phrases by their first part: a word in English, a character in Chinese.
pub(super) struct Words {
    /// Longest first.
    by_first: HashMap<String, Vec<(Vec<String>, Meaning)>>,
}

/// Shorter stems are other words.
const SHORTEST_STEM: usize = 4;

impl Words {
    pub(super) fn english() -> Self {
        let split = |entry: &str| entry.split('_').map(str::to_owned).collect();
        let weights = [
            include_str!("../../../rules/en/mood/negative.txt"),
            include_str!("../../../rules/en/mood/positive.txt"),
        ];
        Self::read(weights, include_str!("../../../rules/en/mood/turns.txt"), split)
    }

    pub(super) fn chinese() -> Self {
        let split = |entry: &str| entry.chars().map(String::from).collect();
        let weights = [
            include_str!("../../../rules/zh/mood/negative.txt"),
            include_str!("../../../rules/zh/mood/positive.txt"),
        ];
        Self::read(weights, include_str!("../../../rules/zh/mood/turns.txt"), split)
    }

    fn read(
        weights: [&'static str; 2],
        turns: &'static str,
        split: impl Fn(&str) -> Vec<String>,
    ) -> Self {
        let mut meanings: HashMap<Vec<String>, Meaning> = HashMap::new();
        for line in weights.iter().flat_map(|file| lines(file)) {
            let mut entries = line.split_whitespace();
            let Some(weight) = entries.next().and_then(|weight| weight.parse().ok()) else {
                tracing::error!("a line of mood words has no weight and was left out");
                continue;
            };
            for entry in entries {
                meanings.entry(split(entry)).or_default().weight = Some(weight);
            }
        }
        let mut turn = None;
        for line in lines(turns) {
            if let Some(name) = line.strip_prefix("== ") {
                turn = turn_named(name);
                continue;
            }
            for entry in line.split_whitespace() {
                meanings.entry(split(entry)).or_default().turn = turn;
            }
        }
        let mut by_first: HashMap<String, Vec<(Vec<String>, Meaning)>> = HashMap::new();
        for (parts, meaning) in meanings {
            if let Some(first) = parts.first() {
                by_first.entry(first.clone()).or_default().push((parts, meaning));
            }
        }
        for entries in by_first.values_mut() {
            entries.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
        }
        Self { by_first }
    }

    /// The longest listed phrases, left to right, none inside another. `parts` are the words of an
    /// English clause or the characters of a Chinese one.
    pub(super) fn find(&self, parts: &[String]) -> Vec<Found> {
        let mut found = Vec::new();
        let mut start = 0;
        while let Some(part) = parts.get(start) {
            let hit = self.longest(part, &parts[start..]).or_else(|| self.without_ending(part));
            if let Some((n_parts, meaning)) = hit {
                found.push(Found { start, end: start + n_parts, meaning });
            }
            start += hit.map_or(1, |(n_parts, _)| n_parts);
        }
        found
    }

    fn longest(&self, first: &str, parts: &[String]) -> Option<(usize, Meaning)> {
        let mut candidates = self.by_first.get(first)?.iter();
        candidates
            .find(|(listed, _)| {
                listed.len() <= parts.len() && listed[1..].iter().eq(&parts[1..listed.len()])
            })
            .map(|(listed, meaning)| (listed.len(), *meaning))
    }

    /// A single word's meaning by its stem: `complaints` by `complaint`.
    fn without_ending(&self, word: &str) -> Option<(usize, Meaning)> {
        let stems = ["s", "es", "ed", "d", "ing", "ly"].into_iter().filter_map(|ending| {
            word.strip_suffix(ending).filter(|stem| stem.len() >= SHORTEST_STEM)
        });
        let of_stem = |stem: &str| {
            let listed = self.by_first.get(stem)?.iter().find(|(listed, _)| listed.len() == 1)?;
            Some((1, listed.1))
        };
        stems.filter_map(of_stem).next()
    }

    /// The words that have a weight.
    pub(super) fn weighted(&self) -> impl Iterator<Item = (&[String], f32)> {
        let all = self.by_first.values().flatten();
        all.filter_map(|(parts, meaning)| Some((parts.as_slice(), meaning.weight?)))
    }
}

fn turn_named(name: &str) -> Option<Turn> {
    Some(match name {
        "negation" => Turn::Negation,
        "more" => Turn::More,
        "less" => Turn::Less,
        "contrast" => Turn::Contrast,
        "concession" => Turn::Concession,
        "wish" => Turn::Wish,
        "question" => Turn::Question,
        "earlier" => Turn::Earlier,
        _ => return None,
    })
}
