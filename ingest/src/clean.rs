//! What in a document's text is not its content, found by rules and listed with evidence.
//!
//! Nothing is rewritten: a removal is a range of the source text and the rule that found it, and
//! ranges that rules found are left out of chunks. Rules go by structure and place (head and foot
//! of a text, density of short lines and links, what repeats) before they go by words, and leave
//! alone what they are not sure of. Markup and readings inside a sentence are no removals: the
//! shadow text reads over them.

mod boilerplate;
mod contents;
mod cookies;
mod damage;
mod debris;
mod duplicates;
mod lines;
mod navigation;
mod neighbours;
mod page_ends;
mod rule;
mod site_notice;
mod spam;
mod tail;

use std::collections::BTreeSet;

use kefu_core::{Removal, Span};

use crate::parser::Block;
use lines::Page;
pub use neighbours::Neighbours;
pub use rule::Rule;

/// Names how removals are found; raised with any change that makes a text lose other parts.
const VERSION: &str = "1";

/// What the report names as the rule where a person hid a passage.
const HIDDEN: &str = "hidden";

/// Shorter texts, in characters that are not white space, are never quarantined.
const MIN_QUARANTINE_CHARS: usize = 200;

/// Rules that must not remove anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeepRules(BTreeSet<Rule>);

impl KeepRules {
    /// Reads names of rules; `all` names every rule. `Err` is the first unknown name.
    ///
    /// # Errors
    /// The name that no rule has.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut kept = BTreeSet::new();
        for name in names {
            match (name, Rule::parse(name)) {
                ("all", _) => kept.extend(Rule::ALL),
                (_, Some(rule)) => drop(kept.insert(rule)),
                (_, None) => return Err(name.to_owned()),
            }
        }
        Ok(Self(kept))
    }

    /// Both together.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).copied().collect())
    }

    fn contains(&self, rule: Rule) -> bool {
        self.0.contains(&rule)
    }

    /// Equal for equal rules and versions of cleaning: decides whether a stored document was
    /// cleaned as it would be now.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let kept: Vec<&str> = self.0.iter().map(|rule| rule.as_str()).collect();
        format!("{VERSION}:{}", kept.join(","))
    }

    /// The rules that a stored document was cleaned by; what follows a `;` is not theirs.
    pub(crate) fn of_fingerprint(fingerprint: &str) -> Self {
        let own = fingerprint.split(';').next().unwrap_or_default();
        let names = own.split_once(':').map_or("", |(_, names)| names);
        Self(names.split(',').filter_map(Rule::parse).collect())
    }
}

/// What cleaning found in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Ordered ranges that do not overlap.
    pub removals: Vec<Removal>,
    /// Characters of the text that are not white space.
    pub n_chars: usize,
    /// How many of those were removed.
    pub n_removed: usize,
}

impl Cleaned {
    /// The same with what people hid, which counts as theirs where a rule found it too.
    #[must_use]
    pub(crate) fn hiding(mut self, text: &str, hidden: &[Span]) -> Self {
        if !hidden.is_empty() {
            let by_rules = self.removals.into_iter().map(|removal| (removal.span, removal.rule));
            let by_people = hidden.iter().map(|span| (*span, HIDDEN.to_owned()));
            self.removals = apart(text, by_people.chain(by_rules).collect());
        }
        self
    }

    /// Whether so much was removed that a person should look before this is published.
    #[must_use]
    pub fn is_doubtful(&self, max_share: f64) -> bool {
        self.n_chars >= MIN_QUARANTINE_CHARS
            && self.n_removed as f64 > max_share * self.n_chars as f64
    }
}

/// Finds what does not belong to a document. Linear in the length of the text.
#[must_use]
pub fn clean(text: &str, blocks: &[Block], others: &Neighbours, keep: &KeepRules) -> Cleaned {
    let page = Page::new(text, blocks);
    let mut found: Vec<(Span, String)> = Vec::new();
    for (rule, find) in RULES {
        if !keep.contains(rule) {
            found.extend(find(&page).into_iter().map(|span| (span, rule.as_str().to_owned())));
        }
    }
    if !keep.contains(Rule::RepeatedLines) {
        let rule = Rule::RepeatedLines.as_str();
        found.extend(others.find(&page).into_iter().map(|span| (span, rule.to_owned())));
    }
    let removals = apart(text, found);
    let n_removed = removals.iter().filter_map(|r| r.span.of(text)).map(lines::n_chars).sum();
    Cleaned { removals, n_chars: page.n_chars, n_removed }
}

type Find = fn(&Page<'_>) -> Vec<Span>;

/// Where two rules find the same, the first one is named.
const RULES: [(Rule, Find); 11] = [
    (Rule::Spam, spam::find),
    (Rule::Contents, contents::find),
    (Rule::CookieBanner, cookies::find),
    (Rule::Boilerplate, site_notice::find),
    (Rule::Boilerplate, tail::find),
    (Rule::Boilerplate, boilerplate::find),
    (Rule::Navigation, navigation::find),
    (Rule::RepeatedLines, page_ends::find),
    (Rule::Duplicate, duplicates::find),
    (Rule::Mojibake, damage::find),
    (Rule::Markup, debris::find),
];

/// Orders ranges, and gives bytes that several rules found to the first of them.
fn apart(text: &str, found: Vec<(Span, String)>) -> Vec<Removal> {
    let mut removals: Vec<Removal> = Vec::with_capacity(found.len());
    let mut ordered: Vec<(usize, Span, String)> =
        found.into_iter().enumerate().map(|(rank, (span, rule))| (rank, span, rule)).collect();
    ordered.sort_by_key(|(rank, span, _)| (span.start, *rank));
    let mut at = 0;
    for (_, span, rule) in ordered {
        let start = span.start.max(at);
        let slice = text.get(start..span.end.max(start)).unwrap_or_default();
        let start = start + (slice.len() - slice.trim_start().len());
        let span = Span { start, end: start + slice.trim().len() };
        if !span.is_empty() {
            at = span.end;
            removals.push(Removal { span, rule });
        }
    }
    removals
}

#[cfg(test)]
mod tests;
