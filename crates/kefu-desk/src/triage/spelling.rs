//! Usual slips, set right before rules are matched.

use std::collections::{HashMap, HashSet};

/// Knows shorthand and the words whose misspellings matter.
pub(crate) struct Speller {
    replacements: HashMap<&'static str, &'static str>,
    /// The same, longest first: one slip may hold another.
    ordered: Vec<(&'static str, &'static str)>,
    /// By length in letters.
    keywords: Vec<Vec<Keyword>>,
    keyword_set: HashSet<&'static str>,
    known: HashSet<&'static str>,
}

/// A word whose misspellings matter.
struct Keyword {
    word: &'static str,
    /// Its place in the lists.
    rank: usize,
    letters: u32,
}

/// Little words that are often written together with the next or the last one.
const JOINING: [&str; 34] = [
    "a", "an", "the", "to", "i", "me", "my", "of", "for", "in", "on", "is", "it", "and", "with",
    "you", "your", "can", "do", "not", "how", "some", "any", "by", "be", "am", "we", "so", "if",
    "or", "that", "this", "want", "need",
];
/// Endings that make another real word of a real one.
const ENDINGS: [&str; 8] = ["s", "es", "ed", "er", "ers", "ing", "ly", "able"];
/// Slips in shorter words make other words.
const SHORTEST_KEYWORD: usize = 4;
/// Words that one may be made of.
const MOST_PARTS: usize = 4;
/// Keywords of this length may hold as many slips as [`MOST_SLIPS`], shorter ones a single one.
const LONG_KEYWORD: usize = 8;
const MOST_SLIPS: usize = 2;
/// Longer words are no words of a request.
const LONGEST_WORD: usize = 24;

impl Speller {
    /// `replacements` has one pair per line. Words of four letters and more in `keywords` are those
    /// whose misspellings matter, the first when two are as near; those of `real` are right as they
    /// are, however near they come to a keyword.
    pub(crate) fn new(
        replacements: &'static str,
        keywords: &[&'static str],
        real: &[&'static str],
    ) -> Self {
        let pairs = replacements.lines().filter_map(|line| line.trim().split_once(' '));
        let mut ordered: Vec<_> = pairs.collect();
        ordered.sort_by_key(|(slip, _)| (std::cmp::Reverse(slip.len()), *slip));
        let words = |text: &&'static str| text.split(|c: char| !c.is_ascii_lowercase());
        let known: HashSet<_> =
            real.iter().chain(keywords).flat_map(words).chain(JOINING).collect();
        let mut keyword_set = HashSet::new();
        let mut by_length: Vec<Vec<Keyword>> = Vec::new();
        by_length.resize_with(LONGEST_WORD + 1, Vec::new);
        let fits = |word: &&str| (SHORTEST_KEYWORD..=LONGEST_WORD).contains(&word.len());
        for (rank, word) in keywords.iter().flat_map(words).filter(fits).enumerate() {
            if keyword_set.insert(word) {
                let keyword = Keyword { word, rank, letters: letters(word.as_bytes()) };
                by_length[word.len()].push(keyword);
            }
        }
        Self {
            replacements: ordered.iter().copied().collect(),
            ordered,
            keywords: by_length,
            keyword_set,
            known,
        }
    }

    /// The words meant, with spaces between them.
    pub(crate) fn correct(&self, word: &str) -> String {
        if let Some(meant) = self.replacements.get(word) {
            return (*meant).to_owned();
        }
        let is_word = (3..=LONGEST_WORD).contains(&word.len())
            && word.bytes().all(|b| b.is_ascii_lowercase());
        if !is_word || self.is_known(word) {
            return word.to_owned();
        }
        let parted = self.parted(word);
        parted.or_else(|| self.nearest(word).map(str::to_owned)).unwrap_or_else(|| word.to_owned())
    }

    /// Whether a word is listed, perhaps without an ending.
    fn is_known(&self, word: &str) -> bool {
        let has_stem = |ending: &&str| {
            word.strip_suffix(*ending)
                .is_some_and(|stem| stem.len() >= SHORTEST_KEYWORD && self.known.contains(stem))
        };
        self.known.contains(word) || ENDINGS.iter().any(has_stem)
    }

    /// The keyword that a word differs least from.
    fn nearest(&self, word: &str) -> Option<&'static str> {
        let word = word.as_bytes();
        let of_word = letters(word);
        let lengths = word.len().saturating_sub(MOST_SLIPS)..=word.len() + MOST_SLIPS;
        let candidates = lengths.filter_map(|n| self.keywords.get(n)).flatten();
        let near = candidates.filter_map(|keyword| {
            let target = keyword.word.as_bytes();
            let most = if target.len() < LONG_KEYWORD { 1 } else { MOST_SLIPS };
            // A slip brings in one letter at most, and loses one.
            let is_like = |other: u32| other.count_ones() as usize <= most;
            let may_be = word.len().abs_diff(target.len()) <= most
                && is_like(of_word & !keyword.letters)
                && is_like(keyword.letters & !of_word)
                && starts_alike(word, target)
                && !is_other_short_word(word, target);
            let n_slips = if may_be { n_slips(word, target) } else { usize::MAX };
            (n_slips <= most).then_some((n_slips, keyword.rank, keyword.word))
        });
        near.min().map(|(_, _, keyword)| keyword)
    }

    /// Words written as one: little words and keywords, four at most.
    fn parted(&self, word: &str) -> Option<String> {
        self.parted_in(word, MOST_PARTS)
    }

    fn parted_in(&self, word: &str, most: usize) -> Option<String> {
        let is_part = |part: &str| JOINING.contains(&part) || self.keyword_set.contains(part);
        (1..word.len()).rev().find_map(|at| {
            let (first, rest) = word.split_at(at);
            if !is_part(first) {
                return None;
            }
            let rest = if is_part(rest) {
                Some(rest.to_owned())
            } else if most > 2 {
                self.parted_in(rest, most - 1)
            } else {
                None
            };
            rest.map(|rest| format!("{first} {rest}"))
        })
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

/// The letters of a word, a bit each.
fn letters(word: &[u8]) -> u32 {
    word.iter().fold(0, |letters, letter| letters | 1 << (letter.wrapping_sub(b'a') & 31))
}

/// The first letter is seldom wrong, unless it changed places with the second, is missing, stands
/// behind a stray one, or is the only one that is wrong.
fn starts_alike(word: &[u8], keyword: &[u8]) -> bool {
    word.first() == keyword.first()
        || word.first() == keyword.get(1)
        || (word.get(1) == keyword.first() && word.get(2) == keyword.get(1))
        || (keyword.len() > SHORTEST_KEYWORD && word.get(1..) == keyword.get(1..))
}

/// Four letters with one of them changed are mostly another word, unless the letter lies beside the
/// right one on the keyboard.
fn is_other_short_word(word: &[u8], keyword: &[u8]) -> bool {
    if keyword.len() > SHORTEST_KEYWORD || word.len() != keyword.len() {
        return keyword.len() == SHORTEST_KEYWORD
            && word.len() < keyword.len()
            && word.first() != keyword.first();
    }
    let sorted = |letters: &[u8]| {
        let mut letters = letters.to_vec();
        letters.sort_unstable();
        letters
    };
    let mut changed = word.iter().zip(keyword).filter(|(a, b)| a != b);
    sorted(word) != sorted(keyword) && !changed.all(|(a, b)| are_neighbours(*a, *b))
}

/// Whether two letters lie side by side on the usual keyboard.
fn are_neighbours(a: u8, b: u8) -> bool {
    const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let place = |letter: u8| {
        let rows = ROWS.iter().enumerate();
        rows.filter_map(|(row, keys)| Some((row, keys.find(char::from(letter))?))).next()
    };
    match (place(a), place(b)) {
        (Some((row_a, at_a)), Some((row_b, at_b))) => {
            row_a.abs_diff(row_b) <= 1 && at_a.abs_diff(at_b) <= 1
        }
        _ => false,
    }
}

/// Letters added, left out, changed, or swapped with their neighbour.
fn n_slips(a: &[u8], b: &[u8]) -> usize {
    type Row = [usize; LONGEST_WORD + 1];
    let mut before_last: Row = [0; LONGEST_WORD + 1];
    let mut last: Row = std::array::from_fn(|j| j);
    for i in 1..=a.len() {
        let mut row: Row = [i; LONGEST_WORD + 1];
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
            &[
                "agent human talk transfer complaint",
                "{boss} somebody | speak [assistant] represent*",
            ],
            &["compliant humane task", "{boss} urgent | tell*"],
        );
        for (word, meant) in [
            ("agnet", "agent"),
            ("gaent", "agent"),
            ("huamn", "human"),
            ("tlak", "talk"),
            ("talkk", "talk"),
            ("tallk", "talk"),
            ("speka", "speak"),
            ("asisstant", "assistant"),
            ("trasnfer", "transfer"),
            ("reprsent", "represent"),
            ("zomebody", "somebody"),
            ("gimme", "give me"),
            ("tosomebody", "to somebody"),
            ("talkto", "talk to"),
            ("witha", "with a"),
            ("talktoahuman", "talk to a human"),
            ("ahuman", "a human"),
            ("uman", "human"),
            ("tslk", "talk"),
            ("tlk", "talk"),
            ("anassistant", "an assistant"),
            ("tank", "tank"),
            ("task", "task"),
            ("tell", "tell"),
            ("tale", "tale"),
            ("compliant", "compliant"),
            ("urgent", "urgent"),
            ("humane", "humane"),
            ("tomorrow", "tomorrow"),
            ("together", "together"),
        ] {
            assert_eq!(speller.correct(word), meant, "{word}");
        }
    }
}
