//! Questions that compare two things, taken apart: one question for each.

mod patterns;

use std::collections::HashSet;

use kefu_text::Analyser;

use crate::aspects::Aspect;
use crate::facts::Facts;
use crate::rank::{Ranked, RankedPassage};
use crate::read::Sentence;
use crate::term_weights::count;
use patterns::Parts;

/// A question that compares.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    pub(crate) sides: [Side; 2],
    aspect: Compared,
}

/// One of the things compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Side {
    /// The customer's words for it.
    pub(crate) name: String,
    /// What to search for.
    pub(crate) question: String,
    /// Terms of its name that the other's lacks; never empty.
    own_terms: HashSet<String>,
}

/// What things are compared by.
#[derive(Clone, Debug)]
enum Compared {
    /// All that is said of them.
    Everything,
    /// Something measurable.
    Measure(&'static Aspect),
    /// Something else, by its terms.
    Words(HashSet<String>),
}

/// Longest name of a thing, in characters.
const MAX_NAME_CHARS: usize = 60;
/// Share of a name's own terms that a sentence or the title above it must have.
const MIN_NAMED: f32 = 0.6;

/// Takes a question apart; `None` when it compares no two things that it names.
pub(crate) fn split(text: &str, analyser: &Analyser) -> Option<Comparison> {
    let Parts { names, aspect } = patterns::parts(text)?;
    let is_chinese = text.chars().any(kefu_text::is_han);
    let terms = |text: &str| -> HashSet<String> {
        analyser.content_terms(text).into_iter().map(|term| term.text).collect()
    };
    let known = aspect.as_deref().and_then(Aspect::compared);
    let (aspect, words) = match (known, aspect) {
        (Some(known), _) => (Compared::Measure(known), known.words(is_chinese)),
        (None, Some(words)) => {
            let terms = terms(&words);
            let is_empty = terms.is_empty();
            (if is_empty { Compared::Everything } else { Compared::Words(terms) }, words)
        }
        (None, None) => (Compared::Everything, String::new()),
    };
    let all = names.each_ref().map(|name| terms(name));
    let side = |own: usize, other: usize| {
        let name = names[own].trim().to_owned();
        let own_terms: HashSet<String> = all[own].difference(&all[other]).cloned().collect();
        let is_name = !own_terms.is_empty() && name.chars().count() <= MAX_NAME_CHARS;
        let question = format!("{name} {words}").trim().to_owned();
        is_name.then_some(Side { name, question, own_terms })
    };
    Some(Comparison { sides: [side(0, 1)?, side(1, 0)?], aspect })
}

impl Comparison {
    /// Whether one sentence speaks of both things: it then compares them better than two would.
    pub(crate) fn is_in_one_sentence(&self, sentences: &[Sentence]) -> bool {
        let has = |sentence: &Sentence, side: &Side| {
            side.named_by(|term| sentence.found.contains(term)) >= MIN_NAMED
        };
        sentences.iter().any(|one| self.sides.iter().all(|side| has(one, side)))
    }

    /// Whether each thing has a page of its own, by the titles: what a third page says of both in
    /// passing is then not the answer.
    pub(crate) fn have_own_pages(&self, ranked: &Ranked) -> bool {
        let has_page = |own: usize| ranked.passages.iter().any(|page| self.is_page_of(own, page));
        has_page(0) && has_page(1)
    }

    /// Whether a passage is of a page about one thing and not the other, by its title.
    fn is_page_of(&self, own: usize, page: &RankedPassage) -> bool {
        let title = &page.analysis.title_terms;
        let is_named = |side: &Side| side.named_by(|term| title.contains(term)) >= MIN_NAMED;
        is_named(&self.sides[own]) && !is_named(&self.sides[1 - own])
    }

    /// Leaves the sentences that speak of one side, and of what is compared; those that measure it
    /// where there are any, and of these those of its own page.
    pub(crate) fn keep_evidence(&self, own: usize, ranked: &Ranked, sentences: &mut Vec<Sentence>) {
        let (side, other) = (&self.sides[own], &self.sides[1 - own]);
        sentences.retain(|sentence| {
            let passage = &ranked.passages[sentence.passage_idx];
            let title = &passage.analysis.title_terms;
            let named = side.named_by(|term| title.contains(term) || sentence.found.contains(term));
            let is_of_other = other.named_by(|term| title.contains(term)) >= MIN_NAMED
                && side.named_by(|term| sentence.found.contains(term)) < MIN_NAMED;
            let text = sentence.text(&passage.passage);
            named >= MIN_NAMED && !is_of_other && sentence.is_statement(text)
        });
        let rank = |sentence: &Sentence| self.fit(sentence, &ranked.passages[sentence.passage_idx]);
        let best = sentences.iter().map(rank).max().unwrap_or(0);
        sentences.retain(|sentence| best > 0 && rank(sentence) == best);
        let is_at_home =
            |sentence: &Sentence| self.is_page_of(own, &ranked.passages[sentence.passage_idx]);
        if sentences.iter().any(is_at_home) {
            sentences.retain(is_at_home);
        }
    }

    /// How well a sentence speaks of what is compared; 0 when it does not.
    fn fit(&self, sentence: &Sentence, passage: &RankedPassage) -> u8 {
        let text = sentence.text(&passage.passage);
        match &self.aspect {
            Compared::Everything => 1,
            Compared::Words(terms) => {
                u8::from(terms.iter().any(|term| sentence.found.contains(term)))
            }
            Compared::Measure(aspect) => {
                let is_measured = aspect.is_measured_in(&Facts::of(text));
                match (aspect.is_stated_in(text), is_measured) {
                    (true, true) => 3,
                    (false, true) if aspect.is_plain_by_unit() => 2,
                    (true, false) => 1,
                    (false, _) => 0,
                }
            }
        }
    }
}

impl Side {
    /// Whether a text names it.
    pub(crate) fn is_named_in(&self, text: &str, analyser: &Analyser) -> bool {
        let terms: HashSet<String> =
            analyser.content_terms(text).into_iter().map(|term| term.text).collect();
        self.named_by(|term| terms.contains(term)) >= MIN_NAMED
    }

    /// Share of its own terms for which `has` holds.
    fn named_by(&self, has: impl Fn(&str) -> bool) -> f32 {
        let n_found = self.own_terms.iter().filter(|term| has(term)).count();
        count(n_found) / count(self.own_terms.len())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static ANALYSER: LazyLock<Analyser> = LazyLock::new(Analyser::new);

    fn names(text: &str) -> Option<(String, String)> {
        let [a, b] = split(text, &ANALYSER)?.sides;
        Some((a.name, b.name))
    }

    fn is_by_measure(text: &str) -> bool {
        split(text, &ANALYSER).is_some_and(|split| matches!(split.aspect, Compared::Measure(_)))
    }

    #[test]
    fn comparisons_are_taken_apart_in_both_languages() {
        let measured = [
            "What is the difference between the Aurora lamp and the Cedar chair's warranty?",
            "What's the difference in price between the Aurora lamp and the Cedar chair?",
            "Which is heavier, the Aurora lamp or the Cedar chair?",
            "Is the Aurora lamp heavier than the Cedar chair?",
            "Does the Aurora lamp cost more than the Cedar chair?",
            "Compare the warranty of the Aurora lamp and the Cedar chair.",
            "Which has the longer warranty: the Aurora lamp or the Cedar chair",
            "Aurora lamp vs Cedar chair price",
            "The Aurora lamp or the Cedar chair, which is cheaper?",
        ];
        for text in measured {
            let expected = ("Aurora lamp".to_owned(), "Cedar chair".to_owned());
            assert_eq!(names(text), Some(expected), "{text}");
            assert!(is_by_measure(text), "{text}");
        }
        let all = ["compare Aurora lamp with Cedar chair", "Aurora lamp vs. Cedar chair?"];
        for text in all {
            let expected = ("Aurora lamp".to_owned(), "Cedar chair".to_owned());
            assert_eq!(names(text), Some(expected), "{text}");
        }
        let chinese = [
            "极光台灯和颐和餐椅哪个更重？",
            "极光台灯和颐和餐椅的保修有什么区别？",
            "极光台灯跟颐和餐椅在价格上有什么不同",
            "请问极光台灯还是颐和餐椅更便宜？",
            "极光台灯比颐和餐椅重吗？",
            "比较一下极光台灯和颐和餐椅的价格",
            "极光台灯和颐和餐椅保修哪个更长",
        ];
        for text in chinese {
            let expected = ("极光台灯".to_owned(), "颐和餐椅".to_owned());
            assert_eq!(names(text), Some(expected), "{text}");
            assert!(is_by_measure(text), "{text}");
        }
        for text in ["极光台灯和颐和餐椅有什么区别", "极光台灯vs颐和餐椅", "极光台灯还是颐和餐椅"]
        {
            let expected = ("极光台灯".to_owned(), "颐和餐椅".to_owned());
            assert_eq!(names(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_questions_are_left_whole() {
        let others = [
            "How long is the warranty of the Aurora lamp?",
            "Can I return the lamp and the chair together?",
            "Do I need a receipt or an invoice?",
            "How does it compare to that one?",
            "Is it safer than before?",
            "What is the difference?",
            "退货和换货需要几天？",
            "这个和那个哪个好",
            "可以用微信还是只能用现金付款，怎么操作？",
            "保修多久",
        ];
        for text in others {
            let names = names(text);
            assert!(names.is_none() || text.contains("还是"), "{text}: {names:?}");
        }
    }
}
