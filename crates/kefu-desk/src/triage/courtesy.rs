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
