//! Confidence as it was measured, and where it was not.

use std::sync::Arc;

use kefu_core::{Confidence, Language, Outcome};
use kefu_rag::{Calibration, Fit, binding};

use crate::shop::{QUOTING, Shop, question};

const ASKED: &str = "How much does standard shipping cost?";

fn calibration(bound_to: &str, threshold: f32) -> Arc<Calibration> {
    let fit = Fit {
        language: Language::ENGLISH,
        with_dense: true,
        bias: 0.0,
        weights: vec![("passage_coverage".to_owned(), 1.0)],
        steps: vec![(0.0, 0.25), (1.0, 0.75)],
        threshold,
    };
    Arc::new(Calibration { bound_to: bound_to.to_owned(), fits: vec![fit] })
}

async fn ask(calibration: Arc<Calibration>, own: Option<f32>) -> (Outcome, Confidence) {
    let change = |parts: &mut kefu_rag::AnswererParts| {
        parts.calibration = Some(calibration);
        parts.settings.answer_threshold = own;
    };
    let shop = Shop::with(QUOTING, change).await;
    let record = shop.ask(&question(ASKED)).await.record;
    let coverage = record.features.iter().find(|(name, _)| name == "passage_coverage").unwrap().1;
    if record.confidence.calibrated {
        // What is on record is enough to calculate it again.
        assert!((record.confidence.value - (0.25 + 0.5 * coverage)).abs() < 1e-6);
    }
    (record.outcome, record.confidence)
}

/// What the shop's models are bound as.
async fn ours() -> String {
    let shop = Shop::open(QUOTING).await;
    let embedder = kefu_core::ports::Embedder::info(shop.embedder.as_ref()).id.clone();
    let generator = kefu_core::ports::Generator::info(shop.generator.as_ref()).id.clone();
    binding(Some(&embedder), Some(&generator), None)
}

#[tokio::test]
async fn a_calibration_of_these_models_gives_probabilities_and_the_threshold() {
    let ours = ours().await;
    let (outcome, confidence) = ask(calibration(&ours, 0.3), None).await;
    assert_eq!(outcome, Outcome::Answered);
    assert!(confidence.calibrated && (confidence.threshold - 0.3).abs() < 1e-6);
    let (outcome, _) = ask(calibration(&ours, 0.99), None).await;
    assert_eq!(outcome, Outcome::Abstained);
    let (outcome, confidence) = ask(calibration(&ours, 0.99), Some(0.3)).await;
    assert_eq!((outcome, confidence.calibrated), (Outcome::Answered, true));
}

#[tokio::test]
async fn one_of_other_models_is_not_used_and_answers_need_more() {
    let (_, confidence) = ask(calibration("0123456789abcdef", 0.1), None).await;
    assert!(!confidence.calibrated && (confidence.threshold - 0.5).abs() < 1e-6);
}
