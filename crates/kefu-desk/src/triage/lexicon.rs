//! The rules of one language, read from their files and compiled.

use std::borrow::Cow;
use std::collections::HashMap;

use super::pattern::{Script, TAKEN_OUT};
use super::rule_file::{Rule, SignalRules, classes};
use super::spelling::Speller;
use super::wording::{Wording, compact, words};

/// What a rule file is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Signal {
    /// Wants a person.
    Human,
    /// Self-harm, threats.
    Harm,
    /// Money or account safety.
    Money,
    /// Complains.
    Complaint,
    /// Abuses the assistant.
    Insult,
}

/// The compiled rules of one language.
pub(crate) struct Lexicon {
    script: Script,
    rules: HashMap<Signal, SignalRules>,
    speller: Speller,
    /// Longest first.
    fillers: Vec<&'static str>,
}

struct Files {
    script: Script,
    classes: &'static str,
    signals: [(Signal, &'static str); 5],
    speller: Speller,
    fillers: &'static str,
}

/// Words by which requests and complaints are told.
const ENGLISH_KEYWORDS: [&str; 4] = [
    include_str!("../../rules/en/keywords.txt"),
    include_str!("../../rules/en/classes.txt"),
    include_str!("../../rules/en/human.txt"),
    include_str!("../../rules/en/complaint.txt"),
];
/// Every word that some list holds is a word.
const REAL_ENGLISH: [&str; 9] = [
    include_str!("../../rules/en/lookalikes.txt"),
    include_str!("../../rules/en/fillers.txt"),
    include_str!("../../rules/en/grievance.txt"),
    include_str!("../../rules/en/money.txt"),
    include_str!("../../rules/en/urgency.txt"),
    include_str!("../../rules/en/attack.txt"),
    include_str!("../../rules/en/mood/negative.txt"),
    include_str!("../../rules/en/mood/positive.txt"),
    include_str!("../../rules/en/mood/turns.txt"),
];

macro_rules! signals {
    ($language:literal) => {
        [
            (Signal::Human, include_str!(concat!("../../rules/", $language, "/human.txt"))),
            (Signal::Harm, include_str!(concat!("../../rules/", $language, "/harm.txt"))),
            (Signal::Money, include_str!(concat!("../../rules/", $language, "/money.txt"))),
            (Signal::Complaint, include_str!(concat!("../../rules/", $language, "/complaint.txt"))),
            (Signal::Insult, include_str!(concat!("../../rules/", $language, "/insults.txt"))),
        ]
    };
}

impl Files {
    fn english() -> Self {
        Self {
            script: Script::Spaced,
            classes: include_str!("../../rules/en/classes.txt"),
            signals: signals!("en"),
            speller: Speller::new(
                include_str!("../../rules/en/spelling.txt"),
                &ENGLISH_KEYWORDS,
                &REAL_ENGLISH,
            ),
            fillers: include_str!("../../rules/en/fillers.txt"),
        }
    }

    fn chinese() -> Self {
        Self {
            script: Script::Unspaced,
            classes: include_str!("../../rules/zh/classes.txt"),
            signals: signals!("zh"),
            speller: Speller::new(include_str!("../../rules/zh/spelling.txt"), &[], &[]),
            fillers: include_str!("../../rules/zh/fillers.txt"),
        }
    }
}

impl Lexicon {
    pub(crate) fn english() -> Self {
        Self::reported(Files::english())
    }

    pub(crate) fn chinese() -> Self {
        Self::reported(Files::chinese())
    }

    fn reported(files: Files) -> Self {
        let (lexicon, problems) = Self::compile(files);
        for problem in problems {
            tracing::error!(problem, "a triage rule was left out");
        }
        lexicon
    }

    /// The rules, and the lines with a mistake, which are left out. A test sees to it that there
    /// are none.
    fn compile(files: Files) -> (Self, Vec<String>) {
        let mut problems = Vec::new();
        let classes = classes(files.classes, files.script, &mut problems);
        let rules = files.signals.into_iter().map(|(signal, file)| {
            (signal, SignalRules::compile(file, files.script, &classes, &mut problems))
        });
        let rules = rules.collect();
        let mut fillers: Vec<&str> = files.fillers.split_whitespace().collect();
        fillers.sort_by_key(|filler| std::cmp::Reverse(filler.len()));
        (Self { script: files.script, rules, speller: files.speller, fillers }, problems)
    }

    /// Brings a shadow into the form that this language's patterns expect.
    pub(crate) fn wording(&self, shadow: &str) -> Wording {
        match self.script {
            Script::Spaced => self.spaced(shadow),
            Script::Unspaced => self.unspaced(shadow),
        }
    }

    /// The name of the first rule that finds a signal.
    pub(crate) fn find(&self, signal: Signal, wording: &Wording) -> Option<&'static str> {
        let rules = self.rules.get(&signal)?;
        let sure = first_match(&rules.sure, &wording.clauses);
        let left = || -> Cow<'_, str> {
            match &rules.unless {
                Some(unless) => unless.replace_all(&wording.clauses, TAKEN_OUT),
                None => Cow::Borrowed(&wording.clauses),
            }
        };
        sure.or_else(|| first_match(&rules.likely, &left()))
            .or_else(|| first_match(&rules.bare, &wording.bare))
    }

    /// Whether there is something that only looks like the signal.
    pub(crate) fn excuses(&self, signal: Signal, wording: &Wording) -> bool {
        let unless = self.rules.get(&signal).and_then(|rules| rules.unless.as_ref());
        unless.is_some_and(|unless| unless.is_match(&wording.clauses))
    }

    /// Whether the assistant's words offer a person.
    pub(crate) fn offers_person(&self, wording: &Wording) -> bool {
        let offer = self.rules.get(&Signal::Human).and_then(|rules| rules.offer.as_ref());
        offer.is_some_and(|offer| offer.is_match(&wording.clauses))
    }

    /// Whether the whole message says yes.
    pub(crate) fn assents(&self, wording: &Wording) -> Option<&'static str> {
        let assent = self.rules.get(&Signal::Human)?.assent.as_ref()?;
        let clauses = wording.clauses.split('|').filter(|clause| !clause.is_empty());
        let mut n_clauses = 0;
        for clause in clauses {
            n_clauses += 1;
            let polite = clause == "<please>" || clause == "<thanks>" || clause == "谢谢";
            if !polite && !assent.regex.is_match(&format!("|{clause}|")) {
                return None;
            }
        }
        (n_clauses > 0).then_some(assent.name)
    }

    fn spaced(&self, shadow: &str) -> Wording {
        let mut clauses = String::from("|");
        let mut bare = String::from("|");
        // Long texts say the same words again and again, and looking for slips is slow.
        let mut corrected: HashMap<String, String> = HashMap::new();
        for word in words(shadow) {
            let Some(word) = word else {
                clauses.push('|');
                continue;
            };
            let word = if word.is_ascii() { squeezed(&word) } else { "_".to_owned() };
            let meant = corrected.entry(word).or_insert_with_key(|word| self.speller.correct(word));
            for word in meant.split(' ') {
                bracketed(&mut clauses, word);
                if !self.fillers.contains(&word) {
                    bracketed(&mut bare, word);
                }
            }
        }
        clauses.push('|');
        bare.push('|');
        Wording { clauses, bare }
    }

    fn unspaced(&self, shadow: &str) -> Wording {
        let compact = compact(shadow);
        let compact = self.speller.replace_all(&compact);
        // Latin words are run together here, so without Chinese around them they mean nothing.
        let is_chinese = compact.contains(kefu_text::is_han);
        let clauses = if is_chinese { format!("|{compact}|") } else { "|".to_owned() };
        let mut bare = compact.replace('|', "");
        // Wrapping stands at the ends only: taking words out of the middle would make new ones.
        while let Some(rest) = self.fillers.iter().find_map(|f| stripped(&bare, f)) {
            bare = rest;
        }
        Wording { clauses, bare: format!("|{bare}|") }
    }
}

fn bracketed(text: &mut String, word: &str) {
    text.push('<');
    text.push_str(word);
    text.push('>');
}

/// Letters drawn out for emphasis, written once: `plsss` is `pls`.
fn squeezed(word: &str) -> String {
    if word.as_bytes().windows(3).all(|three| three[0] != three[1] || three[1] != three[2]) {
        return word.to_owned();
    }
    let letters: Vec<char> = word.chars().collect();
    let mut squeezed = String::with_capacity(word.len());
    for run in letters.chunk_by(|a, b| a == b) {
        let n_kept = if run.len() > 2 && run[0].is_ascii_alphabetic() { 1 } else { run.len() };
        squeezed.extend(&run[..n_kept]);
    }
    squeezed
}

fn stripped(text: &str, filler: &str) -> Option<String> {
    text.strip_prefix(filler).or_else(|| text.strip_suffix(filler)).map(str::to_owned)
}

fn first_match(rules: &[Rule], text: &str) -> Option<&'static str> {
    rules.iter().find(|rule| rule.regex.is_match(text)).map(|rule| rule.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_compiles_and_every_file_has_rules() {
        for files in [Files::english(), Files::chinese()] {
            let (lexicon, problems) = Lexicon::compile(files);
            assert!(problems.is_empty(), "{problems:#?}");
            assert_eq!(lexicon.rules.len(), 5);
            assert!(lexicon.rules.values().all(|rules| !rules.likely.is_empty()));
        }
    }
}
