//! Whether what was found with earlier turns answers the question, or what was found without.
//!
//! Both are searched for, because words alone do not tell a new topic from a follow-up: "What about
//! student loans?" is either, depending on the pages there are.

use kefu_core::DocumentId;

use crate::follow_up::{Dependence, Leaning};
use crate::rank::{Ranked, RankedPassage};
use crate::term_weights::WeightedTerms;
use crate::understand::InContext;

/// What the choice looks at; the numbers lie in 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ChoiceSignals {
    /// How far the document found in context stays behind the best one found alone, in the lexical
    /// score of the question alone; 1 when the question alone finds no word of it anywhere.
    pub(crate) lexical_gap: f32,
    /// The same in the cosine; 0 without a dense leg.
    pub(crate) cosine_gap: f32,
    /// Weighted share of the question's terms that were said before.
    pub(crate) repeated: f32,
    /// 1 when it points back, goes on, or says next to nothing itself.
    pub(crate) points_back: f32,
    /// Content of the question without the words that only say what is asked of a thing; 1 for six
    /// words and more.
    pub(crate) topic: f32,
    /// 1 when next to nothing is left without them.
    pub(crate) no_topic: f32,
    /// Score of the best passage found alone.
    pub(crate) score_alone: f32,
    /// Lead of the best document found alone.
    pub(crate) lead_alone: f32,
    /// Lead of the best document found in context.
    pub(crate) lead_in_context: f32,
    /// Whether the question names a topic that the passage found in context has no word of: then
    /// only what was said before was found again.
    pub(crate) is_echo: bool,
}

struct ChoiceWeights {
    bias: f32,
    lexical_gap: f32,
    cosine_gap: f32,
    repeated: f32,
    points_back: f32,
    topic: f32,
    no_topic: f32,
    score_alone: f32,
    lead_alone: f32,
    lead_in_context: f32,
}

/// Rounded logistic fits on real follow-ups and on questions put behind another conversation;
/// follow-ups, which are far more common, count more.
const WITH_DENSE: ChoiceWeights = ChoiceWeights {
    bias: 6.5,
    lexical_gap: -2.6,
    cosine_gap: -6.5,
    repeated: 5.0,
    points_back: 1.3,
    topic: -4.7,
    no_topic: 0.9,
    score_alone: -3.8,
    lead_alone: -1.7,
    lead_in_context: 1.6,
};
const LEXICAL_ONLY: ChoiceWeights = ChoiceWeights {
    bias: 7.7,
    lexical_gap: -3.1,
    cosine_gap: 0.0,
    repeated: 1.4,
    points_back: 2.5,
    topic: -4.5,
    no_topic: 2.5,
    score_alone: -6.1,
    lead_alone: -3.6,
    lead_in_context: 2.3,
};
const FULL_TOPIC: f32 = 6.0;
/// A lead of this much in the score is a clear one.
const CLEAR_LEAD: f32 = 0.15;

impl ChoiceSignals {
    /// Collects them.
    pub(crate) fn of(alone: &Ranked, ranked: &Ranked, in_context: &InContext) -> Self {
        let Leaning { dependence, topic_mass, .. } = in_context.leaning;
        let speaks_of_it = ranked.passages.first().is_some_and(|passage| {
            let terms = passage.analysis.all_terms();
            in_context.leaning.topic.iter().any(|term| terms.contains(term.as_str()))
        });
        let found = ranked.passages.first().map(|passage| &passage.trace.document_id);
        let lexical = |passage: &RankedPassage| passage.trace.lexical_score;
        let cosine = |passage: &RankedPassage| passage.signals.cosine;
        let (best, own) = best_scores(&alone.passages, found, lexical);
        let (best_cosine, own_cosine) = best_scores(&alone.passages, found, cosine);
        let worst = alone.passages.iter().filter_map(cosine).reduce(f32::min).unwrap_or(0.0);
        Self {
            lexical_gap: if best > 0.0 { 1.0 - own.unwrap_or(0.0) / best } else { 1.0 },
            cosine_gap: (best_cosine - own_cosine.unwrap_or(worst)).clamp(0.0, 1.0),
            repeated: repeated(&alone.own, in_context),
            points_back: if dependence == Dependence::Strong { 1.0 } else { 0.0 },
            topic: (topic_mass / FULL_TOPIC).min(1.0),
            no_topic: if topic_mass < 1.0 { 1.0 } else { 0.0 },
            score_alone: alone.passages.first().map_or(0.0, |passage| passage.trace.score),
            lead_alone: lead(&alone.passages),
            lead_in_context: lead(&ranked.passages),
            is_echo: in_context.leaning.names_a_topic() && !speaks_of_it,
        }
    }

    /// Whether the question is better read as a part of its conversation.
    pub(crate) fn is_in_context(&self, has_dense: bool) -> bool {
        let weights = if has_dense { WITH_DENSE } else { LEXICAL_ONLY };
        let z = weights.bias
            + weights.lexical_gap * self.lexical_gap
            + weights.cosine_gap * self.cosine_gap
            + weights.repeated * self.repeated
            + weights.points_back * self.points_back
            + weights.topic * self.topic
            + weights.no_topic * self.no_topic
            + weights.score_alone * self.score_alone
            + weights.lead_alone * self.lead_alone
            + weights.lead_in_context * self.lead_in_context;
        z > 0.0
    }
}

/// The best value of all passages, and of those of one document.
fn best_scores(
    passages: &[RankedPassage],
    document: Option<&DocumentId>,
    value: impl Fn(&RankedPassage) -> Option<f32>,
) -> (f32, Option<f32>) {
    let best = passages.iter().filter_map(&value).fold(0.0, f32::max);
    let own = passages.iter().filter(|passage| Some(&passage.trace.document_id) == document);
    (best, own.filter_map(&value).reduce(f32::max))
}

fn repeated(own: &WeightedTerms, in_context: &InContext) -> f32 {
    own.share(|term| in_context.earlier_terms.contains(term))
}

/// Lead of the first document over the next; 1 when it is clear.
fn lead(passages: &[RankedPassage]) -> f32 {
    let Some(first) = passages.first() else { return 0.0 };
    let other = passages.iter().find(|p| p.trace.document_id != first.trace.document_id);
    let next = other.map_or(0.0, |passage| passage.trace.score);
    ((first.trace.score - next) / CLEAR_LEAD).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLLOW_UP: ChoiceSignals = ChoiceSignals {
        lexical_gap: 0.3,
        cosine_gap: 0.05,
        repeated: 0.4,
        points_back: 1.0,
        topic: 0.0,
        no_topic: 1.0,
        score_alone: 0.4,
        lead_alone: 0.1,
        lead_in_context: 0.5,
        is_echo: false,
    };
    const NEW_TOPIC: ChoiceSignals = ChoiceSignals {
        lexical_gap: 0.9,
        cosine_gap: 0.4,
        repeated: 0.0,
        points_back: 0.0,
        topic: 0.6,
        no_topic: 0.0,
        score_alone: 0.6,
        lead_alone: 1.0,
        lead_in_context: 0.3,
        is_echo: false,
    };

    #[test]
    fn a_follow_up_is_read_in_context_and_a_new_topic_alone() {
        for has_dense in [true, false] {
            assert!(FOLLOW_UP.is_in_context(has_dense));
            assert!(!NEW_TOPIC.is_in_context(has_dense));
        }
    }

    #[test]
    fn a_clear_find_alone_speaks_against_the_context() {
        let unsure = ChoiceSignals { topic: 0.5, no_topic: 0.0, points_back: 0.0, ..FOLLOW_UP };
        let clear = ChoiceSignals { lead_alone: 1.0, repeated: 0.0, ..unsure };
        assert!(unsure.is_in_context(false) && !clear.is_in_context(false));
    }
}
