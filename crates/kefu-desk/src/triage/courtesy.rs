//! Turns that only greet, thank, acknowledge or take leave.

use kefu_core::Courtesy;
use regex::Regex;

use super::pattern::{Classes, Script, compile, translate};
use super::wording::Wording;

/// Longer turns say something.
const MAX_CLAUSES: usize = 5;

/// The clauses of one language that are courtesies.
pub(super) struct Courtesies(Vec<(Courtesy, Regex)>);

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
        let (mut sections, mut problems) = (Vec::<(Courtesy, Vec<String>)>::new(), Vec::new());
        let lines = file.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("# "));
        for line in lines {
            if let Some(name) = line.strip_prefix("== ") {
                match Courtesy::ALL.into_iter().find(|courtesy| courtesy.as_str() == name) {
                    Some(courtesy) => sections.push((courtesy, Vec::new())),
                    None => problems.push(format!("no such courtesy: {name}")),
                }
                continue;
            }
            match (translate(line, script, &Classes::new()), sections.last_mut()) {
                (Ok(pattern), Some((_, patterns))) => patterns.push(pattern),
                (Ok(_), None) => problems.push(format!("no section: {line}")),
                (Err(problem), _) => problems.push(problem),
            }
        }
        let mut compiled = Vec::with_capacity(sections.len());
        for (courtesy, patterns) in sections {
            match compile(&format!("^(?:{})$", patterns.join("|"))) {
                Ok(regex) => compiled.push((courtesy, regex)),
                Err(error) => problems.push(error.to_string()),
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
