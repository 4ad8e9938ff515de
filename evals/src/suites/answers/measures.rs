use kefu_core::{Lane, Language, Outcome};

use crate::dataset::GoldQuestion;
use crate::metrics::{numbers, real, share, text};
use crate::subject::Reply;

const LANES: [(&str, Lane); 4] = [
    ("lane_curated", Lane::Curated),
    ("lane_extractive", Lane::Extractive),
    ("lane_generated", Lane::Generated),
    ("lane_none", Lane::None),
];

/// Measures of a reply; `None` means that asking failed. A reply that does not answer scores zero
/// against reference answers. Measures of the answer itself (length, numbers) apply only where
/// there is one.
pub(super) fn of(question: &GoldQuestion, reply: Option<&Reply>) -> Vec<(&'static str, f64)> {
    let answer = reply.filter(|reply| reply.outcome == Outcome::Answered);
    let mut values = vec![
        ("failed", share(reply.is_none())),
        ("escalated", share(reply.is_some_and(|r| r.outcome == Outcome::Escalated))),
    ];
    for (name, lane) in LANES {
        values.push((name, share(reply.is_some_and(|reply| reply.lane == lane))));
    }
    if question.answerable {
        values.push(("false_refusal", share(answer.is_none())));
        values.extend(against_references(question, answer));
    } else {
        values.push(("refused_unanswerable", share(reply.is_some() && answer.is_none())));
    }
    if let Some(answer) = answer {
        values.push(length(question.language, &answer.text));
        let sources = answer.citations.iter().map(|citation| citation.quote.as_str());
        let sources = sources.chain([question.text.as_str()]);
        let unsupported = numbers::unsupported(&answer.text, sources);
        values.push(("unsupported_numbers", share(!unsupported.is_empty())));
    }
    values
}

fn against_references(question: &GoldQuestion, answer: Option<&Reply>) -> Vec<(&'static str, f64)> {
    let mut values = Vec::new();
    if !question.answers.is_empty() {
        let given = answer.map(|answer| answer.text.as_str());
        let best = |measure: &dyn Fn(&str, &str) -> f64| {
            let each = question.answers.iter().filter_map(|gold| Some(measure(given?, gold)));
            each.fold(0.0, f64::max)
        };
        values.push(("contains_gold", best(&|text, gold| share(text::contains(text, gold)))));
        values.push(("token_f1", best(&text::token_f1)));
        values.push(("exact_match", best(&|text, gold| share(text::exact_match(text, gold)))));
    }
    let gold = question.gold_documents();
    if !gold.is_empty() {
        let cites = |answer: &Reply| {
            answer.citations.iter().any(|citation| gold.contains(citation.document_id.as_str()))
        };
        values.push(("cites_gold_document", share(answer.is_some_and(cites))));
    }
    values
}

/// Words, or characters where words are not written apart.
fn length(language: Language, answer: &str) -> (&'static str, f64) {
    if language == Language::CHINESE {
        ("characters_per_answer", real(text::count_characters(answer)))
    } else {
        ("words_per_answer", real(text::count_words(answer)))
    }
}
