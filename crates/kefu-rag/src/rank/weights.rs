//! What each signal counts.
//!
//! Rounded results of a listwise logistic fit on question sets of several kinds (encyclopedia
//! passages, government pages, help pages, tables, conversations) taken together, each set left out
//! in turn to see that its figures do not depend on being in. Signals whose weight came out as
//! nothing were dropped.

use kefu_core::Language;

use super::signals::RankSignals;

/// Weights of [`RankSignals`]; only their proportions matter.
struct RankWeights {
    lexical: f32,
    searched_cosine: f32,
    cosine: f32,
    document_cosine: f32,
    own_coverage: f32,
    document_coverage: f32,
    title: f32,
    named: f32,
    proximity: f32,
    said: f32,
}

/// With both legs, whatever the language: embedders were measured on English only.
const WITH_DENSE: RankWeights = RankWeights {
    lexical: 3.5,
    searched_cosine: 4.0,
    cosine: 5.0,
    document_cosine: 5.0,
    own_coverage: 1.0,
    document_coverage: 2.0,
    title: 0.0,
    named: 1.5,
    proximity: 5.0,
    said: 4.0,
};
const LEXICAL_ONLY: RankWeights = RankWeights {
    lexical: 6.5,
    searched_cosine: 0.0,
    cosine: 0.0,
    document_cosine: 0.0,
    own_coverage: 0.5,
    document_coverage: 2.0,
    title: 0.5,
    named: 1.0,
    proximity: 5.5,
    said: 4.5,
};
/// Pairs of characters hold proximity already.
const CHINESE_LEXICAL_ONLY: RankWeights = RankWeights {
    lexical: 7.0,
    searched_cosine: 0.0,
    cosine: 0.0,
    document_cosine: 0.0,
    own_coverage: 2.0,
    document_coverage: 3.0,
    title: 2.0,
    named: 5.0,
    proximity: 0.0,
    said: 3.5,
};

/// The weighted mean of the signals, in 0..=1.
pub(super) fn score(signals: &RankSignals, language: Language) -> f32 {
    let weights = if signals.cosine.is_some() {
        WITH_DENSE
    } else if language == Language::CHINESE {
        CHINESE_LEXICAL_ONLY
    } else {
        LEXICAL_ONLY
    };
    let pairs = [
        (weights.lexical, signals.lexical),
        (weights.searched_cosine, signals.searched_cosine.unwrap_or(0.0)),
        (weights.cosine, signals.cosine.unwrap_or(0.0)),
        (weights.document_cosine, signals.document_cosine.unwrap_or(0.0)),
        (weights.own_coverage, signals.own_coverage),
        (weights.document_coverage, signals.document_coverage),
        (weights.title, signals.title),
        (weights.named, signals.named),
        (weights.proximity, signals.proximity),
        (weights.said, signals.said),
    ];
    let total: f32 = pairs.iter().map(|(weight, _)| weight).sum();
    pairs.iter().map(|(weight, value)| weight * value).sum::<f32>() / total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signals(level: f32, cosine: Option<f32>) -> RankSignals {
        RankSignals {
            coverage: level,
            own_coverage: level,
            document_coverage: level,
            title: level,
            named: level,
            numbers: level,
            proximity: level,
            said: level,
            lexical: level,
            fused: level,
            cosine,
            searched_cosine: cosine,
            document_cosine: cosine,
        }
    }

    #[test]
    fn scores_are_shares() {
        for language in [Language::ENGLISH, Language::CHINESE] {
            for cosine in [None, Some(1.0)] {
                assert!((score(&signals(1.0, cosine), language) - 1.0).abs() < 1e-6);
            }
            assert!(score(&signals(0.0, Some(0.0)), language).abs() < 1e-6);
        }
    }

    #[test]
    fn a_like_passage_scores_more() {
        let score = |cosine| score(&signals(0.5, Some(cosine)), Language::ENGLISH);
        assert!(score(0.8) > score(0.4));
    }
}
