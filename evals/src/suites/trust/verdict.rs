use kefu_core::Outcome;

use crate::dataset::GoldQuestion;
use crate::metrics::text;
use crate::subject::Reply;

/// Longer references are seldom quoted whole: half of their words will do.
const LONG_REFERENCE_TOKENS: usize = 15;
const ENOUGH_OF_A_LONG_REFERENCE: f64 = 0.5;

/// References that a quotation does not hold: the reader sees from it whether they hold.
const JUDGEMENTS: [&str; 6] = ["yes", "no", "是", "否", "可以", "不可以"];

/// Whether an answer is right: it holds a reference answer, or at least half of the words of a long
/// one; where the set has no reference answers but yes and no, it cites a gold document. No answer is right for an
/// unanswerable question, and a reply that does not answer is never right.
pub(super) fn is_right(question: &GoldQuestion, reply: &Reply) -> bool {
    if !question.answerable || reply.outcome != Outcome::Answered {
        return false;
    }
    let is_judgement = |answer: &String| {
        let word = answer.trim().trim_end_matches(['.', '。']).to_lowercase();
        JUDGEMENTS.contains(&word.as_str())
    };
    if question.answers.iter().all(is_judgement) {
        let gold = question.gold_documents();
        return reply.citations.iter().any(|c| gold.contains(c.document_id.as_str()));
    }
    question.answers.iter().any(|gold| {
        let is_long = text::count_tokens(gold) >= LONG_REFERENCE_TOKENS;
        text::contains(&reply.text, gold)
            || (is_long && text::token_recall(&reply.text, gold) >= ENOUGH_OF_A_LONG_REFERENCE)
    })
}
