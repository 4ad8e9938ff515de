//! Tells attempts to turn the assistant against its task from questions.
//!
//! Each section of `rules/*/attack.txt` is one sign with a weight. A text whose signs weigh
//! [`ATTACK`] is an attack; which signs they were is part of the finding. The same rules read what
//! a text hides: payloads in base64 and the like are decoded first.

mod hidden;

use super::pattern::Script;
use super::signs::{self, Signs};
use super::wording;

/// Weight of signs that make an attack.
const ATTACK: f32 = 1.0;
/// Texts from this length on in which the assistant is told what to be, rather than asked …
const LONG_CHARS: usize = 700;
/// … this often per hundred words …
const MANY_ORDERS: f32 = 2.5;
/// … carry this sign.
const ORDERS_WEIGHT: f32 = 0.5;
/// Customers' long messages speak of themselves; one in which `I` and `my` are rarer than this per
/// hundred words is a text of another kind.
const FEW_SELVES: f32 = 1.0;
const NO_SELF_WEIGHT: f32 = 0.4;
/// A text that hides words says so by its form.
const HIDDEN_WEIGHT: f32 = 0.5;

/// The compiled rules of both languages.
pub(super) struct Guard {
    english: Signs,
    chinese: Signs,
}

/// Why a text is an attack.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attack {
    /// The heaviest sign.
    pub(super) rule: &'static str,
}

impl Guard {
    pub(super) fn new() -> Self {
        Self {
            english: Signs::compile(include_str!("../../rules/en/attack.txt"), Script::Spaced),
            chinese: Signs::compile(include_str!("../../rules/zh/attack.txt"), Script::Unspaced),
        }
    }

    /// The attack in a text, if it is one.
    pub(super) fn judge(&self, text: &str) -> Option<Attack> {
        let found = hidden::found_in(text);
        let mut signs = self.signs(text);
        for payload in &found.payloads {
            merge(&mut signs, self.signs(payload));
        }
        if found.is_mostly_hidden {
            merge(&mut signs, vec![("payload.form", ATTACK)]);
        } else if found.is_encoded {
            merge(&mut signs, vec![("payload.words", HIDDEN_WEIGHT)]);
        }
        if text.chars().count() >= LONG_CHARS {
            merge(&mut signs, of_a_long_text(text));
        }
        let weight: f32 = signs.iter().map(|(_, weight)| weight).sum();
        let heaviest = signs.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a })?;
        // Weights have one decimal; a sum of them may fall short by rounding.
        (weight >= ATTACK - 0.01).then_some(Attack { rule: heaviest.0 })
    }

    fn signs(&self, text: &str) -> Vec<(&'static str, f32)> {
        let shadow = wording::bounded_shadow(text);
        let mut signs = self.english.find(&signs::spaced(&shadow));
        merge(&mut signs, self.chinese.find(&signs::unspaced(&shadow)));
        signs
    }
}

/// Adds signs; one that both languages or layers show counts once.
fn merge(signs: &mut Vec<(&'static str, f32)>, more: Vec<(&'static str, f32)>) {
    for sign in more {
        if !signs.iter().any(|known| known.0 == sign.0) {
            signs.push(sign);
        }
    }
}

/// Signs of a long text: it mostly says what somebody must, will or can never do, and nobody in it
/// is the customer.
fn of_a_long_text(text: &str) -> Vec<(&'static str, f32)> {
    const WHO: &[&str] = &["you", "it", "he", "she", "they", "ai", "gpt", "chatgpt", "bot", "dan"];
    const WHAT: &[&str] = &[
        "will", "must", "should", "shall", "can", "cannot", "never", "always", "are", "is", "do",
        "does", "has", "have", "may", "would", "no", "also", "only",
    ];
    const SELF: &[&str] = &["i", "my", "me", "we", "our", "us", "im", "ive", "mine"];
    let shadow = wording::bounded_shadow(text);
    let words: Vec<String> = wording::words(&shadow).into_iter().flatten().collect();
    let latin = words.iter().filter(|word| word.is_ascii()).count();
    if latin * 2 < words.len() {
        return Vec::new();
    }
    let is_in = |word: &String, list: &[&str]| list.contains(&word.as_str());
    let orders = words.windows(2).filter(|pair| is_in(&pair[0], WHO) && is_in(&pair[1], WHAT));
    let selves = words.iter().filter(|word| is_in(word, SELF));
    let per_hundred = |n: usize| {
        #[expect(clippy::cast_precision_loss, reason = "some thousand words at most")]
        let share = n as f32 * 100.0 / words.len().max(1) as f32;
        share
    };
    let mut signs = Vec::new();
    if per_hundred(orders.count()) >= MANY_ORDERS {
        signs.push(("orders.many", ORDERS_WEIGHT));
    }
    if per_hundred(selves.count()) < FEW_SELVES {
        signs.push(("self.none", NO_SELF_WEIGHT));
    }
    signs
}

#[cfg(test)]
mod tests;
