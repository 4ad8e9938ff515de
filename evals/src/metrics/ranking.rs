//! Measures of a ranking of documents against the documents that answer the question.
//!
//! Definitions follow trec_eval with binary relevance and linear gain. Ties cannot arise: the
//! engine's order is taken as it is. A document that is not found within the cut counts zero.

use std::collections::{BTreeSet, HashSet};

use super::{real, share};

/// Documents in the order of their best passage, each once.
pub(crate) fn documents<'a>(passages: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = HashSet::new();
    passages.into_iter().filter(|id| seen.insert(*id)).collect()
}

/// Whether any gold document is among the first `k`. The gold documents of a question answer it
/// equally well, so one of them is enough: with one gold document this is recall at k, with
/// several it is trec_eval's success at k.
pub(crate) fn recall_at(ranking: &[&str], gold: &BTreeSet<&str>, k: usize) -> f64 {
    share(first_rank(ranking, gold).is_some_and(|rank| rank <= k))
}

/// One over the rank of the first gold document, zero beyond `k`.
pub(crate) fn reciprocal_rank_at(ranking: &[&str], gold: &BTreeSet<&str>, k: usize) -> f64 {
    match first_rank(ranking, gold) {
        Some(rank) if rank <= k => 1.0 / real(rank),
        _ => 0.0,
    }
}

/// Discounted gain of all gold documents among the first `k`, over that of the best ranking there
/// could be: all gold documents first.
pub(crate) fn ndcg_at(ranking: &[&str], gold: &BTreeSet<&str>, k: usize) -> f64 {
    let ideal: f64 = (1..=gold.len().min(k)).map(discount).sum();
    let top = (1..).zip(ranking.iter().take(k));
    let gain: f64 = top.filter(|(_, id)| gold.contains(*id)).map(|(rank, _)| discount(rank)).sum();
    if ideal > 0.0 { gain / ideal } else { 0.0 }
}

/// Discounted gain of the first gold document alone, as if it were the only one; comparable with
/// tools that stop at the first hit.
pub(crate) fn ndcg_first_at(ranking: &[&str], gold: &BTreeSet<&str>, k: usize) -> f64 {
    first_rank(ranking, gold).filter(|rank| *rank <= k).map_or(0.0, discount)
}

fn first_rank(ranking: &[&str], gold: &BTreeSet<&str>) -> Option<usize> {
    ranking.iter().position(|id| gold.contains(id)).map(|index| index + 1)
}

fn discount(rank: usize) -> f64 {
    1.0 / (real(rank) + 1.0).log2()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(measured: f64, by_hand: f64) {
        assert!((measured - by_hand).abs() < 1e-12, "{measured} is not {by_hand}");
    }

    #[test]
    fn a_document_ranks_where_its_best_passage_ranks() {
        assert_eq!(documents(["b", "b", "a", "b", "c"]), ["b", "a", "c"]);
    }

    #[test]
    fn one_gold_document_at_rank_three() {
        let (ranking, gold) = (["x", "y", "g", "z"], BTreeSet::from(["g"]));
        check(recall_at(&ranking, &gold, 1), 0.0);
        check(recall_at(&ranking, &gold, 3), 1.0);
        check(reciprocal_rank_at(&ranking, &gold, 10), 1.0 / 3.0);
        check(reciprocal_rank_at(&ranking, &gold, 2), 0.0);
        // 1 / log2(4) over an ideal of 1 / log2(2).
        check(ndcg_at(&ranking, &gold, 10), 0.5);
        check(ndcg_first_at(&ranking, &gold, 10), 0.5);
    }

    #[test]
    fn two_gold_documents_at_ranks_one_and_four() {
        let (ranking, gold) = (["g", "x", "y", "h"], BTreeSet::from(["g", "h"]));
        check(recall_at(&ranking, &gold, 1), 1.0);
        check(reciprocal_rank_at(&ranking, &gold, 10), 1.0);
        // (1 + 1/log2(5)) / (1 + 1/log2(3)), worked out by hand.
        check(ndcg_at(&ranking, &gold, 10), 1.430_676_558_073_393_1 / 1.630_929_753_571_457_4);
        check(ndcg_at(&ranking, &gold, 3), 1.0 / 1.630_929_753_571_457_4);
        check(ndcg_first_at(&ranking, &gold, 10), 1.0);
    }

    #[test]
    fn more_gold_documents_than_places() {
        let gold = BTreeSet::from(["a", "b", "c"]);
        check(ndcg_at(&["a", "b"], &gold, 2), 1.0);
    }

    #[test]
    fn nothing_found_and_nothing_sought() {
        let gold = BTreeSet::from(["g"]);
        check(recall_at(&[], &gold, 10), 0.0);
        check(ndcg_at(&["x"], &gold, 10), 0.0);
        check(ndcg_at(&["x"], &BTreeSet::new(), 10), 0.0);
    }
}
