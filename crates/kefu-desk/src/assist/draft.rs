use kefu_core::Span;
use kefu_text::shadow;

use super::personal;
use crate::patterns::Pattern;

const RULES: &str = include_str!("../../rules/desk/draft.txt");
/// Warnings about one draft at most; a draft with more is to be written anew anyway.
const MAX_WARNINGS: usize = 50;

/// Something that a draft had better not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What kind of thing, such as `money_promise`.
    pub kind: &'static str,
    /// Where in the draft, in bytes, on character borders.
    pub span: Span,
    /// The words, verbatim.
    pub text: String,
    /// What to do about it, in the draft's language.
    pub advice: &'static str,
}

/// What drafts are checked for: the rules of `rules/desk/draft.txt`, personal data of others, and
/// phrases of the installation's own. Share one; building it compiles all rules.
pub struct DraftRules {
    sections: Vec<Section>,
    own: Pattern,
}

struct Section {
    kind: &'static str,
    advice: [&'static str; 2],
    pattern: Pattern,
}

const OWN_ADVICE: [&str; 2] = [
    "Your house rules forbid this wording; say it differently.",
    "公司规定不使用这种说法，请换一种表达。",
];
const PERSONAL_ADVICE: [&str; 2] = [
    "This looks like personal data that the customer did not give here; take it out.",
    "这像是该客户并未在此提供的个人信息，请删除。",
];

impl DraftRules {
    /// Compiles the rules. `own` are phrases to be warned of as well, in any case and width.
    #[must_use]
    pub fn new(own: &[String]) -> Self {
        let phrases: Vec<String> = own
            .iter()
            .map(|phrase| shadow(phrase.trim()).text)
            .filter(|phrase| !phrase.is_empty())
            .map(|phrase| regex::escape(&phrase))
            .collect();
        Self { sections: sections(), own: Pattern::any_of(phrases.iter().map(String::as_str)) }
    }

    /// What is wrong with a draft, in the order of places; overlapping warnings are of different
    /// kinds. `known` are texts whose personal data the customer may be told: their own words, and
    /// public documents.
    #[must_use]
    pub fn check(&self, draft: &str, known: &[&str]) -> Vec<Warning> {
        let shadow = shadow(draft);
        let language = usize::from(draft.chars().any(kefu_text::is_han));
        let mut warnings = Vec::new();
        let mut warn = |kind, advice: [&'static str; 2], span: Span| {
            let span = shadow.source_span(span);
            let text = span.of(draft).unwrap_or_default().to_owned();
            if !text.is_empty() && warnings.len() < MAX_WARNINGS {
                warnings.push(Warning { kind, span, text, advice: advice[language] });
            }
        };
        for section in &self.sections {
            for span in section.pattern.find_iter(&shadow.text) {
                warn(section.kind, section.advice, span);
            }
        }
        for span in self.own.find_iter(&shadow.text) {
            warn("house_rule", OWN_ADVICE, span);
        }
        for span in personal::unknown(&shadow.text, known) {
            warn("personal_data", PERSONAL_ADVICE, span);
        }
        warnings.sort_by_key(|warning| (warning.span.start, warning.span.end, warning.kind));
        warnings
    }
}

fn sections() -> Vec<Section> {
    struct Raw {
        kind: &'static str,
        advice: [&'static str; 2],
        expressions: Vec<&'static str>,
    }
    let mut raw: Vec<Raw> = Vec::new();
    for line in RULES.lines().map(str::trim) {
        if line.is_empty() || line == "#" || line.starts_with("# ") {
            continue;
        }
        if let Some(kind) = line.strip_prefix("== ") {
            raw.push(Raw { kind, advice: ["", ""], expressions: Vec::new() });
            continue;
        }
        let Some(section) = raw.last_mut() else { continue };
        if let Some(advice) = line.strip_prefix("> en ") {
            section.advice[0] = advice;
        } else if let Some(advice) = line.strip_prefix("> zh ") {
            section.advice[1] = advice;
        } else {
            section.expressions.push(line);
        }
    }
    raw.into_iter()
        .map(|Raw { kind, advice, expressions }| Section {
            kind,
            advice,
            pattern: Pattern::any_of(expressions),
        })
        .collect()
}

#[cfg(test)]
mod tests;
