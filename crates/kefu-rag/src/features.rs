//! What retrieval and reranking saw, for the answer record.

use crate::choose_reading::ChoiceSignals;
use crate::find::Found;
use crate::rank::RankSignals;

/// Raw inputs of a decision, of the best passage where not said otherwise. They are recorded under
/// the names of [`Features::named`], so that a calibration can learn from any of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Features {
    /// Raw lexical score; `None` when the leg did not find it.
    pub(crate) lexical_score: Option<f32>,
    /// Place in the lexical leg, from 1.
    pub(crate) lexical_rank: Option<u32>,
    /// Raw cosine; `None` when the leg did not find it or was not searched.
    pub(crate) dense_score: Option<f32>,
    /// Place in the dense leg, from 1.
    pub(crate) dense_rank: Option<u32>,
    /// What the reranker looked at.
    pub(crate) signals: Option<RankSignals>,
    /// Final scores of the best passages of the three best documents.
    pub(crate) scores: [f32; 3],
    /// Passages that were reranked.
    pub(crate) n_candidates: usize,
    /// Whether only what was said before was found again.
    pub(crate) is_echo: bool,
    /// Why the question was read alone or in context, when it has earlier turns.
    pub(crate) choice: Option<ChoiceSignals>,
}

impl Features {
    /// Collects them.
    pub(crate) fn of(found: &Found) -> Self {
        let passages = &found.ranked.passages;
        let trace = passages.first().map(|passage| &passage.trace);
        let mut seen = Vec::new();
        let mut scores = [0.0; 3];
        for passage in passages {
            if seen.len() == scores.len() {
                break;
            }
            if !seen.contains(&&passage.trace.document_id) {
                scores[seen.len()] = passage.trace.score;
                seen.push(&passage.trace.document_id);
            }
        }
        Self {
            lexical_score: trace.and_then(|trace| trace.lexical_score),
            lexical_rank: trace.and_then(|trace| trace.lexical_rank),
            dense_score: trace.and_then(|trace| trace.dense_score),
            dense_rank: trace.and_then(|trace| trace.dense_rank),
            signals: passages.first().map(|passage| passage.signals),
            scores,
            n_candidates: passages.len(),
            is_echo: found.is_echo(),
            choice: found.choice,
        }
    }

    /// Names and values for the record; what is not known has no name there.
    pub(crate) fn named(&self) -> Vec<(String, f32)> {
        let rank =
            |rank: Option<u32>| rank.map(|rank| f32::from(u16::try_from(rank).unwrap_or(u16::MAX)));
        let mut named = vec![
            ("retrieved_lexical_score", self.lexical_score),
            ("retrieved_lexical_rank", rank(self.lexical_rank)),
            ("retrieved_dense_score", self.dense_score),
            ("retrieved_dense_rank", rank(self.dense_rank)),
            ("retrieved_score_1", Some(self.scores[0])),
            ("retrieved_score_2", Some(self.scores[1])),
            ("retrieved_score_3", Some(self.scores[2])),
            ("retrieved_candidates", Some(crate::term_weights::count(self.n_candidates))),
        ];
        if let Some(signals) = &self.signals {
            named.extend([
                ("rank_own_coverage", Some(signals.own_coverage)),
                ("rank_document_coverage", Some(signals.document_coverage)),
                ("rank_title", Some(signals.title)),
                ("rank_said", Some(signals.said)),
                ("rank_lexical", Some(signals.lexical)),
                ("rank_fused", Some(signals.fused)),
                ("rank_searched_cosine", signals.searched_cosine),
                ("rank_document_cosine", signals.document_cosine),
            ]);
        }
        named.push(("context_echo", self.is_echo.then_some(1.0)));
        if let Some(choice) = &self.choice {
            named.extend([
                ("context_lexical_gap", Some(choice.lexical_gap)),
                ("context_cosine_gap", Some(choice.cosine_gap)),
                ("context_repeated", Some(choice.repeated)),
                ("context_points_back", Some(choice.points_back)),
                ("context_topic", Some(choice.topic)),
                ("context_no_topic", Some(choice.no_topic)),
                ("context_score_alone", Some(choice.score_alone)),
                ("context_lead_alone", Some(choice.lead_alone)),
                ("context_lead", Some(choice.lead_in_context)),
            ]);
        }
        let known = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
        known.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
