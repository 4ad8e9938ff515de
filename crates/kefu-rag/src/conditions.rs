//! Conditions and exceptions that limit what a sentence states.
//!
//! "Shipping is free" is wrong where the source says "free above $50 only". A rule may only be
//! given with the condition that its source puts on it, and a quote is given with the next
//! sentence when that one limits it.

use std::collections::HashSet;

use kefu_text::Analyser;

/// Words that begin an exception, the longer of two first.
const EXCEPTIONS: &[&str] = &[
    "unless",
    "except for",
    "except",
    "excluding",
    "with the exception",
    "apart from",
    "other than",
    "not including",
    "除非",
    "除外",
    "除了",
    "例外",
    "不包括",
    "不包含",
    "不含",
    "不适用",
];
/// Words that begin what a rule is limited to.
const LIMITS: &[&str] = &[
    "only if",
    "only when",
    "only for",
    "only on",
    "only in",
    "only with",
    "only after",
    "only before",
    "as long as",
    "so long as",
    "provided that",
    "provided",
    "on condition",
    "subject to",
    "limited to",
    "if",
    "仅限",
    "仅在",
    "仅当",
    "仅对",
    "仅适用",
    "只限",
    "只有",
    "只能",
    "限于",
    "前提",
    "如果",
];
/// Signs that stand behind the words they are about: 定制商品除外.
const BEHIND: &[&str] = &["除外", "例外", "前提"];
/// How the next sentence begins when it limits the one before it.
const LIMITING_STARTS: &[&str] = &[
    "this does not apply",
    "this doesn't apply",
    "these do not apply",
    "this excludes",
    "this offer excludes",
    "this rule does not",
    "this only applies",
    "this applies only",
    "it does not apply",
    "it doesn't apply",
    "they do not apply",
    "not applicable to",
    "exceptions",
    "exception:",
    "the exception",
    "the only exception",
    "excluded are",
    "excluded:",
    "except ",
    "excluding ",
    "however,",
    "however ",
    "unless ",
    "only exception",
    "but not ",
    "this is not possible for",
    "this is only",
    "this does not include",
    "does not apply",
];
const LIMITING_ANYWHERE: &[&str] = &[
    "is excluded from this",
    "are excluded from this",
    "are exempt from this",
    "do not qualify for this",
];
const LIMITING_STARTS_ZH: &[&str] = &[
    "但",
    "不过",
    "例外",
    "除外",
    "以上不",
    "以上规定不",
    "此规定不",
    "该规定不",
    "此政策不",
    "该政策不",
    "本规定不",
    "本政策不",
    "此优惠不",
    "该优惠不",
    "上述规定不",
    "上述不",
    "不适用于",
    "不包括",
    "仅限",
    "以下情况除外",
    "下列情况除外",
    "以下商品除外",
    "下列商品除外",
    "特殊情况除外",
];
const LIMITING_ENDS_ZH: &[&str] = &["除外", "不在此列", "不在此限", "不享受此优惠"];

/// A condition of a source sentence: the words behind its sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    terms: HashSet<String>,
    is_exception: bool,
}

/// What a claim says, as far as conditions go.
pub(crate) struct Stated<'a> {
    pub(crate) sentence: &'a str,
    pub(crate) terms: &'a HashSet<String>,
    /// Whether it denies something.
    pub(crate) denies: bool,
    /// Terms of the question, which need not be repeated.
    pub(crate) asked: &'a HashSet<String>,
}

/// The conditions of a sentence.
pub(crate) fn of(sentence: &str, analyser: &Analyser) -> Vec<Condition> {
    let shadow = kefu_text::shadow(sentence).text;
    let mut found: Vec<Condition> = Vec::new();
    for (signs, is_exception) in [(EXCEPTIONS, true), (LIMITS, false)] {
        for sign in signs {
            let Some(at) = find_sign(&shadow, sign) else { continue };
            let clause = if BEHIND.contains(sign) {
                shadow[..at].rsplit(is_border).next()
            } else {
                shadow[at + sign.len()..].split(is_border).next()
            };
            let terms = analyser.content_terms(clause.unwrap_or_default());
            let terms: HashSet<String> = terms.into_iter().map(|term| term.text).collect();
            if !terms.is_empty() && !found.iter().any(|known| known.terms.is_superset(&terms)) {
                found.push(Condition { terms, is_exception });
            }
        }
    }
    found
}

/// Whether a claim keeps the condition: it carries its words, or the question does, and where they
/// are an exception it says so.
pub(crate) fn is_kept(condition: &Condition, stated: &Stated<'_>) -> bool {
    /// Enough where the claim has a sign of a condition of its own …
    const WITH_SIGN: f32 = 0.3;
    /// … and where it has none.
    const WITHOUT: f32 = 0.5;
    let shadow = kefu_text::shadow(stated.sentence).text;
    let has_sign = |signs: &[&str]| signs.iter().any(|sign| find_sign(&shadow, sign).is_some());
    let excepts = has_sign(EXCEPTIONS) || stated.denies;
    if condition.is_exception && !excepts {
        return false;
    }
    let count = |n: usize| crate::term_weights::count(n);
    let has = |term: &&String| stated.terms.contains(*term) || stated.asked.contains(*term);
    let share = count(condition.terms.iter().filter(has).count()) / count(condition.terms.len());
    share >= if excepts || has_sign(LIMITS) { WITH_SIGN } else { WITHOUT }
}

/// Whether the sentence takes back a part of what the one before it says.
pub(crate) fn limits_the_one_before(sentence: &str) -> bool {
    let shadow = kefu_text::shadow(sentence).text;
    let text = shadow.trim_start_matches(|c: char| !c.is_alphanumeric());
    let bare = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    LIMITING_STARTS.iter().any(|start| text.starts_with(start))
        || LIMITING_ANYWHERE.iter().any(|words| text.contains(words))
        || LIMITING_STARTS_ZH.iter().any(|start| text.starts_with(start))
        || LIMITING_ENDS_ZH.iter().any(|end| bare.ends_with(end))
}

fn is_border(c: char) -> bool {
    matches!(c, ',' | ';' | '.' | '(' | ')' | '。' | '、' | '?' | '!')
}

/// Where the sign stands, English ones as whole words.
fn find_sign(text: &str, sign: &str) -> Option<usize> {
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.match_indices(sign).map(|(at, _)| at).find(|at| {
        !sign.is_ascii()
            || !is_letter(text[..*at].chars().next_back())
                && !is_letter(text[*at + sign.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_found_and_missed_when_dropped() {
        let analyser = Analyser::new();
        let terms = |text: &str| -> HashSet<String> {
            analyser.content_terms(text).into_iter().map(|term| term.text).collect()
        };
        for (source, dropped, kept) in [
            (
                "You can return items unless the seal is broken.",
                "You can return items with a broken seal.",
                "Items can be returned unless the seal is broken.",
            ),
            (
                "Shipping is free, only for members of the club.",
                "Shipping is free.",
                "Shipping is free only for club members.",
            ),
            ("除定制商品外均可退货，赠品除外。", "均可退货。", "均可退货，赠品除外。"),
            ("本优惠仅限会员使用。", "本优惠全年有效。", "本优惠仅限会员。"),
            ("运费包括保险，不包括关税。", "运费包括保险。", "运费包括保险，不包括关税。"),
        ] {
            let conditions = of(source, &analyser);
            assert!(!conditions.is_empty(), "{source}");
            let keeps = |sentence: &str| {
                let (terms, asked) = (terms(sentence), HashSet::new());
                let denies = crate::negation::denies(sentence);
                let stated = Stated { sentence, terms: &terms, denies, asked: &asked };
                conditions.iter().all(|condition| is_kept(condition, &stated))
            };
            assert!(!keeps(dropped), "{dropped}");
            assert!(keeps(kept), "{kept}");
        }
    }

    #[test]
    fn limiting_sentences_are_told() {
        for text in [
            "This does not apply to gift cards.",
            "However, sale items are final.",
            "Exceptions: hygiene products.",
            "但定制商品除外。",
            "定制商品除外。",
            "以上规定不适用于赠品。",
        ] {
            assert!(limits_the_one_before(text), "{text}");
        }
        for text in ["You need the receipt.", "This takes three days.", "请联系客服。"] {
            assert!(!limits_the_one_before(text), "{text}");
        }
    }
}
