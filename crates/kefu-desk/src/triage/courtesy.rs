//! Turns that only greet, thank, acknowledge or take leave.

use super::matcher::Matcher;
use super::pattern::{Script, compile};
use super::rule_file::translated;
use super::wording::Wording;
use kefu_core::Courtesy;

/// Longer turns say something.
const MAX_CLAUSES: usize = 5;

/// The clauses of one language that are courtesies.
pub(super) struct Courtesies(Vec<(Courtesy, Matcher)>);

impl Courtesies {
    /// Compiles a file; lines with a mistake are left out and logged. A test sees to it that there
    /// are none.
    pub(super) fn compile(file: &'static str, script: Script) -> Self {
        let (courtesies, problems) = Self::read(file, script);
        for problem in problems {
            tracing::error!(problem, "a courtesy was left out");
        }
        courtesies
    }

    fn read(file: &'static str, script: Script) -> (Self, Vec<String>) {
        let (mut compiled, mut problems) = (Vec::new(), Vec::new());
        for (name, patterns) in translated(file, script, &mut problems) {
            let courtesy = Courtesy::ALL.into_iter().find(|courtesy| courtesy.as_str() == name);
            match (courtesy, compile(&format!("^(?:{})$", patterns.join("|")))) {
                (Some(courtesy), Ok(regex)) => compiled.push((courtesy, regex)),
                (None, _) => problems.push(format!("no such courtesy: {name}")),
                (_, Err(error)) => problems.push(error),
            }
        }
        (Self(compiled), problems)
    }

    /// The last courtesy in rank among a turn's clauses (who thanks and takes leave takes leave);
    /// `None` where a clause is something else.
    pub(super) fn of(&self, wording: &Wording) -> Option<Courtesy> {
        let clauses: Vec<&str> =
            wording.clauses.split('|').filter(|clause| !clause.is_empty()).collect();
        if clauses.len() > MAX_CLAUSES {
            return None;
        }
        let of_clause = |clause: &&str| {
            let found = self.0.iter().find(|(_, regex)| regex.is_match(clause));
            found.map(|(courtesy, _)| *courtesy)
        };
        let all: Option<Vec<Courtesy>> = clauses.iter().map(of_clause).collect();
        all?.into_iter().max()
    }
}

/// Clauses of a name below a farewell.
const NAME_CLAUSES: usize = 2;
const NAME_BYTES: usize = 30;
/// Courtesies that a text begins or ends with, at most.
const MOST_AROUND: usize = 4;

/// A text without the courtesies around its matter; all of it where it has no other.
pub(super) fn matter(text: &str, courtesy: impl Fn(&str) -> Option<Courtesy>) -> &str {
    let mut clauses: Vec<&str> = text.split_inclusive(is_end).collect();
    let opens = |clause: &&str| courtesy(clause).is_some() || clause.trim().is_empty();
    let n_opening = clauses.iter().take(MOST_AROUND).take_while(|clause| opens(clause)).count();
    let start: usize = clauses[..n_opening].iter().map(|clause| clause.len()).sum();
    clauses.drain(..n_opening);
    let closes = |clause: &str| matches!(courtesy(clause), Some(c) if c >= Courtesy::Thanks);
    let mut end = text.len();
    let mut n_left = clauses.len();
    for _ in 0..MOST_AROUND {
        let below = clauses[..n_left].iter().rev().take(NAME_CLAUSES + 1);
        let at = below.clone().position(|clause| closes(clause));
        let is_name = |n: usize| below.clone().take(n).all(|clause| clause.len() <= NAME_BYTES);
        let Some(at) = at.filter(|at| is_name(*at)) else { break };
        let n_kept = n_left - at - 1;
        end -= clauses[n_kept..n_left].iter().map(|clause| clause.len()).sum::<usize>();
        n_left = n_kept;
    }
    let matter = text.get(start..end).unwrap_or_default().trim();
    if matter.chars().any(char::is_alphanumeric) { matter } else { text }
}

fn is_end(c: char) -> bool {
    matches!(c, ',' | '.' | '!' | '?' | ';' | '~' | '\n' | '，' | '。' | '！' | '？' | '；' | '～')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_compiles() {
        let files = [
            (include_str!("../../rules/en/courtesy.txt"), Script::Spaced),
            (include_str!("../../rules/zh/courtesy.txt"), Script::Unspaced),
        ];
        for (file, script) in files {
            let (courtesies, problems) = Courtesies::read(file, script);
            assert!(problems.is_empty(), "{problems:#?}");
            assert_eq!(courtesies.0.len(), Courtesy::ALL.len());
        }
    }
}
