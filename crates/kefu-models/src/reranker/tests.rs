#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use super::*;
use crate::processor::Processor;
use crate::tiny::{Scratch, encoder as tiny};

#[tokio::test]
async fn passages_are_scored_in_order_whatever_stands_beside_them() {
    let scratch = Scratch::new();
    let manifest = tiny::manifest("reranker", "xlm-roberta");
    tiny::build(&scratch.folder(&manifest), "xlm-roberta");
    let model = scratch.verified(&manifest);
    let reranker = load_reranker(
        &model,
        &RuntimeSettings {
            max_waiting: 4,
            threads: 0,
            n_parallel: 4,
            cache_mib: 256,
            drafts: true,
            device: Processor::Cpu,
        },
    )
    .unwrap();
    let passages: Vec<String> =
        ["shoes", "kettle", "a much longer passage about refunds", "a ", "b"]
            .map(String::from)
            .to_vec();
    let together = reranker.rerank("where is it", &passages).await.unwrap();
    assert_eq!(together.len(), passages.len());
    for (passage, score) in passages.iter().zip(&together) {
        let alone = reranker.rerank("where is it", std::slice::from_ref(passage)).await.unwrap();
        assert!((alone[0] - score).abs() < 1e-4, "{passage:?}: {} or {score}", alone[0]);
    }
    let other = reranker.rerank("another question", &passages).await.unwrap();
    assert!(other.iter().zip(&together).any(|(a, b)| (a - b).abs() > 1e-3));
    assert!(together.windows(2).any(|pair| (pair[0] - pair[1]).abs() > 1e-4));
}
