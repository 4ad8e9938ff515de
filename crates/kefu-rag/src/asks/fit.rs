//! Whether a sentence has what is asked for.

use std::collections::BTreeSet;

use super::{Ask, contains_phrase, spaced};
use crate::facts::{Fact, FactKind, Facts};

/// Words that introduce what is asked, as in `Address:` or `开放时间：`.
const LABELS: &[(Ask, &[&str])] = &[
    (Ask::Price, &["price", "fee", "cost", "costs", "门票", "价格", "费用", "票价"]),
    (Ask::Date, &["hours", "opening times", "open", "时间"]),
    (Ask::Duration, &["takes", "time", "时间", "时长"]),
    (Ask::Contact, &["phone", "telephone", "e-mail", "email", "call", "电话", "邮箱", "热线"]),
    (Ask::Place, &["address", "located", "location", "地址", "位于", "坐落"]),
];

/// How well a sentence has the kind of figure and the label that is asked for, in 0..=1; `None`
/// when the question asks for nothing of that kind.
pub(crate) fn fit(asks: &BTreeSet<Ask>, sentence: &str) -> Option<f32> {
    let figure = has_figure(asks, &Facts::of(sentence));
    let spaced = spaced(sentence);
    let labels = LABELS.iter().filter(|(ask, _)| asks.contains(ask));
    let label = labels.flat_map(|(_, labels)| *labels).any(|l| contains_phrase(&spaced, l));
    match (figure, label) {
        (Some(true), true) => Some(1.0),
        (Some(true), false) => Some(0.8),
        (Some(false), true) => Some(0.2),
        (Some(false), false) => Some(0.0),
        (None, label) => asks.contains(&Ask::Place).then_some(if label { 1.0 } else { 0.0 }),
    }
}

/// Whether the question asks for something [`fit`] can see.
pub(crate) fn asks_a_figure(asks: &BTreeSet<Ask>) -> bool {
    has_figure(asks, &Facts::default()).is_some() || asks.contains(&Ask::Place)
}

fn has_figure(asks: &BTreeSet<Ask>, facts: &Facts) -> Option<bool> {
    let is_money = |fact: &Fact| {
        matches!(fact.unit, Some("usd" | "cny" | "hkd" | "twd" | "eur" | "gbp" | "percent" | "off"))
    };
    let is_time_span = |fact: &Fact| {
        let unit = fact.unit.unwrap_or_default();
        matches!(unit, "workday" | "day" | "hour" | "minute" | "second" | "week" | "month" | "year")
    };
    let is_number = |fact: &Fact| fact.kind == FactKind::Number && fact.firm;
    let is_date = |fact: &Fact| {
        let year = is_number(fact) && fact.key.len() == 4 && fact.unit.is_none();
        matches!(fact.kind, FactKind::Date | FactKind::Time) || is_time_span(fact) || year
    };
    let is_contact = |fact: &Fact| {
        matches!(fact.kind, FactKind::Phone | FactKind::Address)
            || (is_number(fact) && (5..=13).contains(&fact.key.len()))
    };
    asks.iter().find_map(|ask| match ask {
        Ask::Price => Some(facts.any(is_money)),
        Ask::Duration => Some(facts.any(is_time_span)),
        Ask::Date => Some(facts.any(is_date)),
        Ask::Contact => Some(facts.any(is_contact)),
        Ask::Amount => Some(facts.any(is_number)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::asks;
    use super::*;

    #[test]
    fn figures_and_labels_fit_their_kind_of_question() {
        let fit = |question: &str, sentence: &str| fit(&asks(question), sentence);
        let good = |fit: Option<f32>| fit.is_some_and(|fit| fit > 0.5);
        assert!(good(fit("How long does it take?", "It takes 3 days.")));
        assert!(!good(fit("How long does it take?", "It costs $3.")));
        assert!(good(fit("多少钱？", "售价199元")));
        assert!(good(fit("在哪里？", "地址：朝阳路1号")));
        assert_eq!(fit("Why is it late?", "Because of snow."), None);
    }
}
