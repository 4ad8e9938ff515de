//! Reads and compiles the rule files.

use super::matcher::Matcher;
use super::pattern::{Classes, Script, compile, translate};

/// The rules of one signal, by what their section is for.
#[derive(Default)]
pub(crate) struct SignalRules {
    pub(crate) sure: Vec<Rule>,
    pub(crate) unless: Option<Matcher>,
    pub(crate) likely: Vec<Rule>,
    pub(crate) bare: Vec<Rule>,
    pub(crate) offer: Option<Matcher>,
    pub(crate) assent: Option<Rule>,
}

/// A section with its name.
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) regex: Matcher,
}

/// The word classes of a language; lines with a mistake are left out and named.
pub(crate) fn classes(file: &'static str, script: Script, problems: &mut Vec<String>) -> Classes {
    let mut classes = Classes::new();
    for line in lines(file) {
        let parsed = line.split_once(" = ").ok_or_else(|| format!("no class: {line}"));
        match parsed.and_then(|(name, body)| Ok((name, translate(body, script, &classes)?))) {
            Ok((name, regex)) => {
                classes.insert(name.trim().to_owned(), regex);
            }
            Err(problem) => problems.push(problem),
        }
    }
    classes
}

/// Sections of a file that defines its own classes (`name = a | b`, for the lines below), each with its
/// patterns translated; lines with a mistake are left out and named.
pub(super) fn translated(
    file: &'static str,
    script: Script,
    problems: &mut Vec<String>,
) -> Vec<(&'static str, Vec<String>)> {
    let mut classes = Classes::new();
    let mut sections: Vec<(&'static str, Vec<String>)> = Vec::new();
    for line in lines(file) {
        if let Some(head) = line.strip_prefix("== ") {
            sections.push((head, Vec::new()));
            continue;
        }
        let class = line.split_once(" = ");
        match translate(class.map_or(line, |(_, body)| body), script, &classes) {
            Ok(regex) => match (class, sections.last_mut()) {
                (Some((name, _)), _) => {
                    classes.insert(name.to_owned(), regex);
                }
                (None, Some((_, patterns))) => patterns.push(regex),
                (None, None) => problems.push(format!("no section: {line}")),
            },
            Err(problem) => problems.push(problem),
        }
    }
    sections
}

/// The lines of a file that say something.
pub(super) fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("# "))
}

impl SignalRules {
    /// The rules of a file; lines with a mistake are left out and named.
    pub(crate) fn compile(
        file: &'static str,
        script: Script,
        classes: &Classes,
        problems: &mut Vec<String>,
    ) -> Self {
        let mut rules = Self::default();
        for (name, patterns) in sections(file) {
            let mut bodies = Vec::new();
            for pattern in patterns {
                match translate(pattern, script, classes) {
                    Ok(body) => bodies.push(body),
                    Err(problem) => problems.push(problem),
                }
            }
            let regex = section(name, &bodies).or_else(|_| {
                // Compiling is slow, so single patterns are tried only to find the broken ones.
                bodies.retain(|body| match compile(body) {
                    Ok(_) => true,
                    Err(error) => {
                        problems.push(error);
                        false
                    }
                });
                section(name, &bodies)
            });
            match regex {
                Ok(regex) => rules.add(Rule { name, regex }),
                Err(error) => problems.push(error),
            }
        }
        rules
    }

    fn add(&mut self, rule: Rule) {
        match rule.name {
            "unless" => self.unless = Some(rule.regex),
            "offer" => self.offer = Some(rule.regex),
            "assent" => self.assent = Some(rule),
            name if name.starts_with("sure") => self.sure.push(rule),
            name if name.starts_with("bare") => self.bare.push(rule),
            _ => self.likely.push(rule),
        }
    }
}

/// One expression for all patterns of a section.
fn section(name: &str, bodies: &[String]) -> Result<Matcher, String> {
    let body = bodies.join("|");
    let is_whole = name.starts_with("bare") || name == "assent";
    compile(&if is_whole { format!(r"^\|(?:{body})\|$") } else { body })
}

/// Sections with their patterns, in the order of the file.
fn sections(file: &'static str) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in lines(file) {
        if let Some(name) = line.strip_prefix("== ") {
            sections.push((name, Vec::new()));
        } else if let Some((_, patterns)) = sections.last_mut() {
            patterns.push(line);
        }
    }
    sections
}
