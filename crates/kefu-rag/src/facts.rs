//! Numbers, prices, dates, times, phone numbers, addresses and codes of a text, in one spelling.
//!
//! A wrong figure is the most expensive error an answer can make, so every figure of generated
//! text has to be found in a passage. Both sides are read by the same rules.

mod dates;
mod numerals;
mod units;

use std::sync::LazyLock;

use regex::{Captures, Regex};

pub(crate) use units::Unit;

/// What a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FactKind {
    Number,
    Date,
    Time,
    Phone,
    Address,
    Code,
}

/// One fact in its normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) kind: FactKind,
    /// Normal form: `1000`, `2024-5-1` (`*` for a part not said), minutes of the day, digits.
    pub(crate) key: String,
    /// Unit or currency of a number, where one is named.
    pub(crate) unit: Option<Unit>,
    /// Whether it is certainly a figure; the `one` of "one of them" is not.
    pub(crate) firm: bool,
}

impl Fact {
    fn new(kind: FactKind, key: String) -> Self {
        Self { kind, key, unit: None, firm: true }
    }

    fn is_backed_by(&self, other: &Self) -> bool {
        match (self.kind, other.kind) {
            (FactKind::Number, FactKind::Number) => {
                let units_agree = match (self.unit, other.unit) {
                    (Some(mine), Some(theirs)) => mine == theirs,
                    // The unit may stand elsewhere, as in the head of a table; a bare word such
                    // as the 一 of 一般 has none.
                    (Some(_), None) => other.firm,
                    (None, _) => true,
                };
                self.key == other.key && units_agree
            }
            (FactKind::Date, FactKind::Date) => dates::agrees(&self.key, &other.key),
            (FactKind::Phone, FactKind::Phone | FactKind::Number) => {
                other.key == self.key || (self.key.len() >= 7 && other.key.ends_with(&self.key))
            }
            (FactKind::Number, FactKind::Phone) => self.key == other.key,
            (mine, theirs) => mine == theirs && self.key == other.key,
        }
    }
}

/// The facts of one text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts(Vec<Fact>);

impl Facts {
    /// Reads them.
    pub(crate) fn of(text: &str) -> Self {
        let mut reader = Reader { text: kefu_text::shadow(text).text, facts: Vec::new() };
        reader.read();
        Self(reader.facts)
    }

    /// Whether there are none that are certain.
    pub(crate) fn is_empty(&self) -> bool {
        !self.0.iter().any(|fact| fact.firm)
    }

    /// The certain ones.
    pub(crate) fn firm(&self) -> impl Iterator<Item = &Fact> {
        self.0.iter().filter(|fact| fact.firm)
    }

    /// Whether `fact` is among them in the same or a more exact form.
    pub(crate) fn back(&self, fact: &Fact) -> bool {
        self.0.iter().any(|mine| fact.is_backed_by(mine))
    }

    /// Whether all certain facts of `claim` are among them.
    pub(crate) fn back_all(&self, claim: &Self) -> bool {
        claim.firm().all(|fact| self.back(fact))
    }

    /// Share of their certain facts that `evidence` has; 1 when there are none.
    pub(crate) fn share_in(&self, evidence: &Self) -> f32 {
        let (mut n_all, mut n_found) = (0.0_f32, 0.0_f32);
        for fact in self.firm() {
            n_all += 1.0;
            n_found += if evidence.back(fact) { 1.0 } else { 0.0 };
        }
        if n_all > 0.0 { n_found / n_all } else { 1.0 }
    }

    /// Whether both have the same certain facts.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        self.back_all(other) && other.back_all(self)
    }

    /// Whether one of them is of `kind`, or a number whose unit passes `wanted`.
    pub(crate) fn any(&self, wanted: impl Fn(&Fact) -> bool) -> bool {
        self.0.iter().any(wanted)
    }
}

/// Compiles a literal pattern.
#[expect(clippy::expect_used, reason = "the patterns are literals and a test compiles them all")]
pub(crate) fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("a valid pattern")
}

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+|(?:https?://|www\.)[a-z0-9./_?=&%#:~+@!-]+|(?-u:\b)[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|cn|io|shop|example|gov|edu)(?:/[a-z0-9./_?=&%#~+-]*)?",
    )
});
static PHONE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\+?\(?\d{1,4}\)?(?:[ -]\(?\d{2,4}\)?){1,4}"));
static CODE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:\d+(?:[.,]\d+)+)?[a-z0-9]+(?:[-_][a-z0-9]+)*"));
static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"));
static RANGE_TAIL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^ ?(?:-|–|—|~|to|至|到|or|或) ?(\d+(?:\.\d+)?)"));

/// Reads fact after fact and blanks what was read, so that no digit counts twice.
struct Reader {
    text: String,
    facts: Vec<Fact>,
}

impl Reader {
    fn read(&mut self) {
        self.take(&ADDRESS, |m, _| Some(Fact::new(FactKind::Address, plain_address(&m[0]))));
        for (regex, read) in dates::READERS.iter() {
            self.take(regex, |m, _| read(m));
        }
        self.take(&PHONE, |m, _| phone(&m[0]));
        self.take(&CODE, |m, _| code(&m[0]));
        self.numbers();
        numerals::read_words(&self.text, &mut self.facts);
    }

    fn take(&mut self, regex: &Regex, read: impl Fn(&Captures<'_>, &str) -> Option<Fact>) {
        let text = std::mem::take(&mut self.text);
        let mut rest = String::with_capacity(text.len());
        let mut at = 0;
        for found in regex.captures_iter(&text) {
            let Some(whole) = found.get(0) else { continue };
            if let Some(fact) = read(&found, &text) {
                self.facts.push(fact);
                rest.push_str(&text[at..whole.start()]);
                rest.push_str(" \u{1} ");
                at = whole.end();
            }
        }
        rest.push_str(&text[at..]);
        self.text = rest;
    }

    fn numbers(&mut self) {
        for found in NUMBER.find_iter(&self.text) {
            let (before, after) = (&self.text[..found.start()], &self.text[found.end()..]);
            let mut fact = Fact::new(FactKind::Number, canonical(found.as_str()));
            fact.unit = units::around(before, after, &fact.key);
            if fact.unit.is_none()
                && let Some(tail) = RANGE_TAIL.captures(after)
            {
                // "3-5 days": the unit stands after the second number and holds for both.
                let end = tail.get(0).map_or(0, |m| m.end());
                fact.unit = units::around("", &after[end..], &tail[1]);
            }
            self.facts.push(fact);
        }
    }
}

/// `1,000` and `1000.00` are `1000`; `007` is `7`.
fn canonical(number: &str) -> String {
    let plain: String = number.chars().filter(|c| *c != ',').collect();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}

fn plain_address(found: &str) -> String {
    let bare = found.trim_end_matches(['.', ',', '!', '?', ':', '/', '-', '_']);
    let bare = bare.split_once("://").map_or(bare, |(_, rest)| rest);
    bare.strip_prefix("www.").unwrap_or(bare).to_owned()
}

/// Digits of a phone number; `None` for what only looks like one, such as `2019-2020`.
fn phone(found: &str) -> Option<Fact> {
    let groups: Vec<&str> =
        found.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let n_digits: usize = groups.iter().map(|group| group.len()).sum();
    let marked = found.contains(['-', '(', '+']);
    let years = groups.len() == 2 && groups.iter().all(|g| g.len() == 4 && !g.starts_with('0'));
    let fits = (7..=15).contains(&n_digits) && marked && !years;
    fits.then(|| Fact::new(FactKind::Phone, groups.concat()))
}

/// A token of letters and digits: a code such as `SKU-1234`, or a number glued to its unit.
fn code(token: &str) -> Option<Fact> {
    let has_digit = token.bytes().any(|b| b.is_ascii_digit());
    let has_letter = token.bytes().any(|b| b.is_ascii_alphabetic());
    if !has_digit || !has_letter || token.ends_with('\u{1}') {
        return None;
    }
    let n_lead =
        token.bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b'.' | b',')).count();
    let (number, tail) = token.split_at(n_lead);
    let word = tail.trim_start_matches('-');
    if n_lead > 0 && matches!(word, "st" | "nd" | "rd" | "th") {
        return Some(Fact::new(FactKind::Number, canonical(number)));
    }
    let glued = n_lead > 0 && (units::is_unit(word) || tail.starts_with('-'));
    if glued && word.bytes().all(|b| b.is_ascii_alphabetic()) {
        let unit = units::around("", word, number);
        return Some(Fact { unit, ..Fact::new(FactKind::Number, canonical(number)) });
    }
    let n_letters = token.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (currency, amount) = token.split_at(n_letters);
    if units::is_currency(currency) && amount.bytes().all(|b| b.is_ascii_digit()) {
        let unit = units::around(currency, "", amount);
        return Some(Fact { unit, ..Fact::new(FactKind::Number, canonical(amount)) });
    }
    let key: String = token.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    Some(Fact::new(FactKind::Code, key))
}

#[cfg(test)]
mod tests;
