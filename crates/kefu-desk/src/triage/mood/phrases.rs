//! Patterns of praise and blame: classes of things with classes of judgements about them.
//!
//! The lists know words; `rules/*/mood/patterns.txt` knows how they are put together (没 with
//! something that broke, "would" with "again"). A section is `== weight name`; what a pattern matches
//! counts as one word of that weight and hides the listed words in it.

use super::scan::Clause;
use super::words::{Found, Meaning};
use crate::triage::matcher::Matcher;
use crate::triage::pattern::{Script, compile};
use crate::triage::rule_file::translated;

/// The compiled patterns of one language.
pub(super) struct Phrases {
    script: Script,
    sections: Vec<(f32, Matcher)>,
}

impl Phrases {
    /// Lines with a mistake are left out and logged. A test sees to it that there are none.
    pub(super) fn compile(file: &'static str, script: Script) -> Self {
        let (phrases, problems) = Self::read(file, script);
        for problem in problems {
            tracing::error!(problem, "a pattern of moods was left out");
        }
        phrases
    }

    pub(super) fn read(file: &'static str, script: Script) -> (Self, Vec<String>) {
        let mut problems = Vec::new();
        let mut sections = Vec::new();
        for (head, patterns) in translated(file, script, &mut problems) {
            let weight = head.split_once(' ').and_then(|(weight, _)| weight.parse().ok());
            match (weight, compile(&patterns.join("|"))) {
                (Some(weight), Ok(regex)) => sections.push((weight, regex)),
                (None, _) => problems.push(format!("no weight: {head}")),
                (_, Err(error)) => problems.push(error),
            }
        }
        (Self { script, sections }, problems)
    }

    /// What is found in each of the clauses; the first section that matches a place has it.
    pub(super) fn find(&self, clauses: &[Clause]) -> Vec<Vec<Found>> {
        let line = Line::of(clauses, self.script);
        let mut found = vec![Vec::new(); clauses.len()];
        if line.starts.is_empty() {
            return found;
        }
        for (weight, regex) in &self.sections {
            for hit in regex.find_all(&line.text) {
                if let Some((clause_idx, start, end)) = line.place(hit.start, hit.end) {
                    let of_clause: &mut Vec<Found> = &mut found[clause_idx];
                    if of_clause.iter().all(|other| end <= other.start || other.end <= start) {
                        let meaning = Meaning { weight: Some(*weight), turn: None };
                        of_clause.push(Found { start, end, meaning });
                    }
                }
            }
        }
        for of_clause in &mut found {
            of_clause.sort_by_key(|one| one.start);
        }
        found
    }
}

/// Listed words with what patterns found put in their place.
pub(super) fn merged(listed: Vec<Found>, phrases: &[Found]) -> Vec<Found> {
    if phrases.is_empty() {
        return listed;
    }
    let is_free = |word: &Found| {
        phrases.iter().all(|phrase| word.end <= phrase.start || phrase.end <= word.start)
    };
    let mut all: Vec<Found> = listed.into_iter().filter(is_free).collect();
    all.extend_from_slice(phrases);
    all.sort_by_key(|one| one.start);
    all
}

/// All clauses in one line, each between two bars.
struct Line {
    text: String,
    /// Where each part of a clause starts: byte, clause, position in the clause. In order.
    starts: Vec<(usize, usize, usize)>,
}

impl Line {
    fn of(clauses: &[Clause], script: Script) -> Self {
        let mut line = Self { text: String::new(), starts: Vec::new() };
        for (clause_idx, clause) in clauses.iter().enumerate() {
            let parts: &[String] = match script {
                Script::Spaced => &clause.words,
                Script::Unspaced if clause.has_han => &clause.characters,
                Script::Unspaced => continue,
            };
            line.text.push('|');
            for (position, part) in parts.iter().enumerate() {
                line.starts.push((line.text.len(), clause_idx, position));
                match script {
                    Script::Spaced if part.is_ascii() => {
                        line.text.push('<');
                        line.text.push_str(part);
                        line.text.push('>');
                    }
                    Script::Spaced => line.text.push_str("<_>"),
                    Script::Unspaced => line.text.push_str(part),
                }
            }
            line.text.push('|');
        }
        line
    }

    /// The clause of a stretch of bytes, and its parts.
    fn place(&self, start: usize, end: usize) -> Option<(usize, usize, usize)> {
        let first = self.starts.partition_point(|(at, _, _)| *at < start);
        let last = self.starts.partition_point(|(at, _, _)| *at < end).checked_sub(1)?;
        let ((_, clause_idx, from), (_, _, to)) = (self.starts.get(first)?, self.starts.get(last)?);
        (first <= last).then_some((*clause_idx, *from, to + 1))
    }
}
