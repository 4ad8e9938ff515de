//! The cross-encoder of a profile that names one: it reads question and passage together.

use kefu_core::ports::Reranker;

use crate::rank::{Ranked, RankedPassage};

/// Lets a cross-encoder order the best `depth` passages; the others stay behind them. Scores become
/// probabilities by the logistic function. Without its word the order stays as it is.
pub(crate) async fn judge(
    reranker: &dyn Reranker,
    question: &str,
    mut ranked: Ranked,
    depth: usize,
) -> Ranked {
    let n = ranked.passages.len().min(depth);
    let texts: Vec<String> = ranked.passages.iter().take(n).map(text).collect();
    if texts.is_empty() {
        return ranked;
    }
    match reranker.rerank(question, &texts).await {
        Ok(scores) if scores.len() == n && scores.iter().all(|score| score.is_finite()) => {
            for (passage, score) in ranked.passages.iter_mut().zip(scores) {
                passage.trace.score = 1.0 / (1.0 + (-score).exp());
            }
            let best = ranked.passages.get_mut(..n).unwrap_or_default();
            best.sort_by(|a, b| {
                let by_score = b.trace.score.total_cmp(&a.trace.score);
                by_score.then(a.trace.chunk_id.cmp(&b.trace.chunk_id))
            });
        }
        Ok(_) => tracing::warn!("the reranker gave no score for some passages and is not heard"),
        Err(error) => tracing::warn!(%error, "the reranker failed and is not heard"),
    }
    ranked
}

/// A passage as the cross-encoder reads it: what it is about, then what it says.
fn text(ranked: &RankedPassage) -> String {
    let passage = &ranked.passage;
    let lines = [passage.title.as_str(), passage.heading.as_str(), passage.text.as_str()];
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
