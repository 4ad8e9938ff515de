//! What known words and phrases do in a question.

use std::collections::{HashMap, HashSet};

/// What a question asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Want {
    Yes,
    What,
    How,
    Do,
    Result,
    When,
    Duration,
    Amount,
    Price,
    Where,
    Who,
    Why,
}

const WANTS: &[(&str, Want)] = &[
    ("yes", Want::Yes),
    ("what", Want::What),
    ("how", Want::How),
    ("do", Want::Do),
    ("result", Want::Result),
    ("when", Want::When),
    ("duration", Want::Duration),
    ("amount", Want::Amount),
    ("price", Want::Price),
    ("where", Want::Where),
    ("who", Want::Who),
    ("why", Want::Why),
];

/// What a word or phrase does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It changes nothing.
    Nothing,
    /// The same, but it asks for yes or no where nothing stands before it.
    Auxiliary,
    Asks(Want),
    /// It denies the next word.
    Not,
    Must,
    /// The customer says what they want, and so asks how to get it.
    Wishes,
    /// The customer acts.
    Me,
    /// The company acts.
    You,
    /// It changes what the next word means here: before, without, from.
    Ties(String),
    /// It belongs to the next word, which one does not matter.
    Attaches,
    /// A word with a meaning, under the name that it shares with its synonyms.
    Word(String),
}

/// Phrases with their roles.
pub(super) struct Lexicon {
    /// By first part; the longest first.
    phrases: HashMap<String, Vec<Phrase>>,
    /// Two parts with other words between them.
    parted: HashMap<String, Vec<(String, Role)>>,
}

struct Phrase {
    rest: Vec<String>,
    role: Role,
}

/// Words that may stand between the parts of a parted phrase.
const MAX_BETWEEN: usize = 4;
const GAP: &str = "_";

impl Lexicon {
    /// Reads the lines of a word list. `parts` cuts a phrase as questions are cut.
    pub(super) fn parse(list: &str, parts: impl Fn(&str) -> Vec<String>) -> Self {
        let mut lexicon = Self { phrases: HashMap::new(), parted: HashMap::new() };
        let mut seen: HashSet<String> = HashSet::new();
        let lines = || list.lines().filter_map(line);
        // Words that only keep their parts together yield to those that say more.
        let (keeping, telling): (Vec<_>, Vec<_>) = lines().partition(|(tag, _)| *tag == "w");
        for (tag, phrases) in telling.into_iter().chain(keeping) {
            let name = phrases.first().copied().unwrap_or_default();
            for phrase in phrases {
                let Some(role) = role(tag, if tag == "w" { phrase } else { name }) else {
                    continue;
                };
                if seen.insert(phrase.to_owned()) {
                    lexicon.add(parts(phrase), role);
                }
            }
        }
        for phrases in lexicon.phrases.values_mut() {
            phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.rest.len()));
        }
        lexicon
    }

    fn add(&mut self, parts: Vec<String>, role: Role) {
        let mut parts = parts.into_iter();
        let Some(first) = parts.next() else { return };
        let rest: Vec<String> = parts.collect();
        if let [gap, last] = rest.as_slice()
            && gap == GAP
        {
            self.parted.entry(first).or_default().push((last.clone(), role));
        } else {
            self.phrases.entry(first).or_default().push(Phrase { rest, role });
        }
    }

    /// The longest phrase at the head of `parts`, with the number of its parts.
    pub(super) fn at<'a>(&'a self, parts: &[&str]) -> Option<(usize, &'a Role)> {
        let (first, rest) = parts.split_first()?;
        let fits = |phrase: &&Phrase| {
            phrase.rest.len() <= rest.len() && phrase.rest.iter().zip(rest).all(|(a, b)| a == b)
        };
        let phrase = self.phrases.get(*first)?.iter().find(fits)?;
        Some((phrase.rest.len() + 1, &phrase.role))
    }

    /// A phrase whose first part is the head of `parts`, with the place of its other part.
    pub(super) fn parted_at<'a>(&'a self, parts: &[&str]) -> Option<(usize, &'a Role)> {
        let known = self.parted.get(*parts.first()?)?;
        let near = parts.iter().enumerate().skip(2).take(MAX_BETWEEN);
        let mut found = near.filter_map(|(place, part)| {
            known.iter().find(|(last, _)| last == part).map(|(_, role)| (place, role))
        });
        found.next()
    }
}

fn line(line: &str) -> Option<(&str, Vec<&str>)> {
    let (tag, phrases) = line.split_once(": ")?;
    let phrases = phrases.split('|').map(str::trim).filter(|phrase| !phrase.is_empty());
    (!line.starts_with('#')).then(|| (tag, phrases.collect()))
}

/// `None` for a tag that no list may have; a test reads both lists.
fn role(tag: &str, name: &str) -> Option<Role> {
    Some(match tag {
        "-" => Role::Nothing,
        "aux" => Role::Auxiliary,
        "not" => Role::Not,
        "must" => Role::Must,
        "wish" => Role::Wishes,
        "me" => Role::Me,
        "you" => Role::You,
        "(" => Role::Attaches,
        "=" | "w" => Role::Word(name.to_owned()),
        _ => {
            if let Some(want) = tag.strip_prefix('?') {
                Role::Asks(WANTS.iter().find(|(name, _)| *name == want)?.1)
            } else {
                Role::Ties(tag.strip_prefix('<')?.to_owned())
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_both_lists_has_a_role() {
        for list in [include_str!("english.txt"), include_str!("chinese.txt")] {
            for text in list.lines().filter(|text| !text.starts_with('#')) {
                let has_role =
                    line(text).is_some_and(|(tag, phrases)| role(tag, phrases[0]).is_some());
                assert!(has_role, "{text}");
            }
        }
    }

    #[test]
    fn the_longest_phrase_counts_and_parts_may_stand_apart() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect();
        let lexicon = Lexicon::parse("=: return | send _ back\n?how: how\n?price: how much", words);
        assert_eq!(lexicon.at(&["how", "much", "is"]), Some((2, &Role::Asks(Want::Price))));
        assert_eq!(lexicon.at(&["how", "is"]), Some((1, &Role::Asks(Want::How))));
        let role = Role::Word("return".to_owned());
        assert_eq!(lexicon.parted_at(&["send", "a", "box", "back"]), Some((3, &role)));
        assert_eq!(lexicon.parted_at(&["send", "a", "box"]), None);
    }
}
