//! What a cross-encoder says of the passages.

use std::sync::Arc;

use async_trait::async_trait;
use kefu_core::ports::{Reranker, RerankerInfo};
use kefu_core::{Language, ModelError};
use kefu_testkit::scopes;

use crate::shop::{QUOTING, Shop, TENANT, question};

/// Likes passages with one word, or fails.
struct Fond {
    info: RerankerInfo,
    word: Option<&'static str>,
}

impl Fond {
    fn of(word: Option<&'static str>) -> Arc<Self> {
        let languages = vec![Language::ENGLISH];
        Arc::new(Self { info: RerankerInfo { id: "fond@1".to_owned(), languages }, word })
    }
}

#[async_trait]
impl Reranker for Fond {
    fn info(&self) -> &RerankerInfo {
        &self.info
    }

    async fn rerank(&self, _: &str, passages: &[String]) -> Result<Vec<f32>, ModelError> {
        let Some(word) = self.word else {
            let detail = "out of order".to_owned();
            return Err(ModelError::Failed { model: self.info.id.clone(), detail });
        };
        Ok(passages.iter().map(|text| if text.contains(word) { 3.0 } else { -3.0 }).collect())
    }
}

async fn first(reranker: Option<Arc<Fond>>, text: &str) -> (String, f32) {
    let reranker = reranker.map(|model| model as Arc<dyn Reranker>);
    let shop = Shop::with(QUOTING, |parts| parts.reranker = reranker).await;
    let asked = question(text);
    let found = shop.answerer.retrieve(&scopes::customer(TENANT), &asked, 5).await.unwrap();
    let best = &found.passages[0];
    (best.passage.document_id.as_str().to_owned(), best.trace.score)
}

#[tokio::test]
async fn the_cross_encoder_orders_the_best_passages_in_its_languages() {
    let asked = "How much does standard shipping cost for a kettle?";
    let (before, _) = first(None, asked).await;
    assert_eq!(before, "shipping");
    let (after, score) = first(Some(Fond::of(Some("Brook"))), asked).await;
    assert_eq!(after, "kettle");
    assert!((score - 1.0 / (1.0 + (-3.0_f32).exp())).abs() < 1e-6);
    let chinese = "退款要多久？";
    let own = first(None, chinese).await;
    assert_eq!(first(Some(Fond::of(Some("濾芯"))), chinese).await, own);
}

#[tokio::test]
async fn a_broken_cross_encoder_is_not_heard() {
    let asked = "How much does standard shipping cost for a kettle?";
    assert_eq!(first(Some(Fond::of(None)), asked).await, first(None, asked).await);
}
