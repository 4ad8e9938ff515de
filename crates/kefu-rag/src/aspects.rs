//! Measurable sides of things: the words that ask for one and state one, and its units.
//!
//! "Heavier" asks for what "weighs 2 kg" states, although no word is shared.

use std::collections::HashSet;

use kefu_text::Analyser;

use crate::facts::{Facts, Unit};

/// One measurable side of things.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Aspect {
    /// Words of statements about it, which ask for it too.
    stated: &'static [&'static str],
    /// Words that ask for it alone.
    asked: &'static [&'static str],
    /// Adjectives of Chinese comparisons; too short to be looked for inside a text.
    compared: &'static [&'static str],
    units: &'static [Unit],
}

const ALL: &[Aspect] = &[
    Aspect {
        stated: &["warranty", "guarantee", "guaranteed", "保修", "质保", "保修期"],
        asked: &[],
        compared: &[],
        units: &["year", "month", "week", "day"],
    },
    Aspect {
        stated: &["weigh", "weighs", "weight", "重量", "净重", "整机重"],
        asked: &["heavy", "heavier", "lighter", "多重", "更重", "更轻"],
        compared: &["重", "轻", "沉"],
        units: &["kg", "g"],
    },
    Aspect {
        stated: &["price", "cost", "costs", "sells", "售价", "价格", "价钱", "费用"],
        asked: &["cheap", "cheaper", "expensive", "多少钱", "更贵", "便宜", "更便宜"],
        compared: &["贵", "便宜", "划算", "实惠"],
        units: &["usd", "cny", "hkd", "twd", "eur", "gbp"],
    },
    Aspect {
        stated: &["capacity", "holds", "hold", "容量", "容积"],
        asked: &[],
        compared: &[],
        units: &["l", "ml", "gb", "tb", "mb", "mah"],
    },
    Aspect {
        stated: &["power", "watts", "wattage", "功率", "耗电"],
        asked: &["powerful"],
        compared: &["省电", "费电"],
        units: &["w"],
    },
    Aspect {
        stated: &["takes", "take", "delivery", "送达", "到货", "时效"],
        asked: &["fast", "faster", "quick", "quicker", "slow", "slower", "更快", "更慢", "多久"],
        compared: &["快", "慢"],
        units: &["workday", "day", "hour", "minute", "week"],
    },
    Aspect {
        stated: &["size", "dimensions", "height", "width", "length", "measures", "尺寸", "大小"],
        asked: &["bigger", "larger", "smaller", "taller", "longer", "shorter", "wider", "big"],
        compared: &["大", "小", "高", "矮", "长", "短", "宽", "窄"],
        units: &["cm", "mm", "m", "inch"],
    },
];

impl Aspect {
    /// The side that a text asks for; `None` when it names none.
    pub(crate) fn asked(text: &str) -> Option<&'static Self> {
        let text = spaced(text);
        let by = |words: fn(&Self) -> &'static [&'static str]| {
            ALL.iter().find(|aspect| words(aspect).iter().any(|word| has(&text, word)))
        };
        by(|aspect| aspect.stated).or_else(|| by(|aspect| aspect.asked))
    }

    /// The side that the end of a comparison asks for, as the "更重" of "A和B哪个更重".
    pub(crate) fn compared(end: &str) -> Option<&'static Self> {
        const AROUND: &[&str] =
            &["更", "比较", "最", "一些", "一点", "点", "些", "多少", "吗", "呢", "要", "会", "的"];
        let mut bare = end.trim().to_owned();
        for word in AROUND {
            bare = bare.replace(word, "");
        }
        let adjective = ALL.iter().find(|aspect| aspect.compared.contains(&bare.as_str()));
        adjective.or_else(|| Self::asked(end))
    }

    /// Whether a text has a figure in one of its units.
    pub(crate) fn is_measured_in(&self, facts: &Facts) -> bool {
        facts.any(|fact| fact.firm && fact.unit.is_some_and(|unit| self.units.contains(&unit)))
    }

    /// Whether its units measure nothing else of things: an amount of money is a price, but a
    /// number of days may be a warranty, a delivery or anything.
    pub(crate) fn is_plain_by_unit(&self) -> bool {
        const PLAIN: &[Unit] = &["usd", "kg", "w"];
        self.units.iter().any(|unit| PLAIN.contains(unit))
    }

    /// Whether a text states it in words.
    pub(crate) fn is_stated_in(&self, text: &str) -> bool {
        let text = spaced(text);
        self.stated.iter().any(|word| has(&text, word))
            || self.compared.iter().any(|word| text.contains(word))
    }

    /// Search terms of all its words.
    pub(crate) fn terms(&self, analyser: &Analyser) -> HashSet<String> {
        let words = self.stated.iter().chain(self.asked);
        words.flat_map(|word| analyser.content_terms(word)).map(|term| term.text).collect()
    }

    /// Words to search for it with, in Chinese or in English.
    pub(crate) fn words(&self, is_chinese: bool) -> String {
        let words = self.stated.iter().filter(|word| word.is_ascii() != is_chinese);
        words.take(3).copied().collect::<Vec<_>>().join(" ")
    }
}

/// Lower case, with words apart.
fn spaced(text: &str) -> String {
    let shadow = kefu_text::shadow(text).text;
    let words = shadow.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    format!(" {} ", words.collect::<Vec<_>>().join(" "))
}

fn has(spaced: &str, word: &str) -> bool {
    if word.is_ascii() { spaced.contains(&format!(" {word} ")) } else { spaced.contains(word) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_is_known_by_the_words_that_ask_for_it() {
        let asked = |text: &str| Aspect::asked(text).map(|aspect| aspect.units[0]);
        assert_eq!(asked("Which is heavier?"), Some("kg"));
        assert_eq!(asked("Which has the longer warranty?"), Some("year"));
        assert_eq!(asked("Which is cheaper?"), Some("usd"));
        assert_eq!(asked("多少钱"), Some("usd"));
        assert_eq!(asked("重新下单"), None);
        assert_eq!(asked("What colours are there?"), None);
        let compared = |text: &str| Aspect::compared(text).map(|aspect| aspect.units[0]);
        assert_eq!(compared("更重"), Some("kg"));
        assert_eq!(compared("贵多少"), Some("usd"));
        assert_eq!(compared("保修更长"), Some("year"));
        assert_eq!(compared("好看"), None);
    }

    #[test]
    fn a_statement_has_the_word_and_the_unit() {
        let weight = Aspect::asked("weight").unwrap_or_else(|| unreachable!());
        assert!(weight.is_stated_in("It weighs 2 kg."));
        assert!(weight.is_measured_in(&Facts::of("It weighs 2 kg.")));
        assert!(!weight.is_measured_in(&Facts::of("It costs $2.")));
    }
}
