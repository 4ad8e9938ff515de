use std::sync::Arc;

use kefu_core::{
    Escalation, EscalationReason, Intent, IntentSource, IntentVerdict, Outcome, Priority, Triage,
    TriageInput, TriageOutcome,
};

use crate::shop::{QUOTING, Shop, question};

/// Tells one intent of everything, the more surely for having a vector.
struct Telling;

impl Triage for Telling {
    fn assess(&self, input: &TriageInput<'_>) -> TriageOutcome {
        if input.text.contains("human") {
            return TriageOutcome::Escalate(self.engine_failure());
        }
        TriageOutcome::Proceed
    }

    fn intent(&self, text: &str, vector: Option<&[f32]>) -> Option<IntentVerdict> {
        let name = if text.contains("weather") { "out_of_scope" } else { "shipping" };
        Some(IntentVerdict {
            intent: Some(Intent { name: name.to_owned(), queue: None, skill: None }),
            confidence: if vector.is_some() { 0.9 } else { 0.6 },
            in_scope: if name == "shipping" { 0.8 } else { 0.1 },
            source: IntentSource::Words,
        })
    }

    fn after_failures(&self, _n_failures: u32) -> Option<Escalation> {
        None
    }

    fn engine_failure(&self) -> Escalation {
        Escalation {
            reason: EscalationReason::HumanRequested,
            queue: "general".to_owned(),
            priority: Priority::Normal,
            rule: "test",
        }
    }
}

async fn shop() -> Shop {
    Shop::with(QUOTING, |parts| parts.triage = Arc::new(Telling)).await
}

fn feature(features: &[(String, f32)], name: &str) -> Option<f32> {
    features.iter().find(|(found, _)| found == name).map(|(_, value)| *value)
}

#[tokio::test]
async fn the_intent_is_told_with_the_vector_that_was_searched_with() {
    let shop = shop().await;
    let answered = shop.ask(&question("How much does standard shipping cost?")).await;
    assert_eq!(answered.record.outcome, Outcome::Answered);
    assert_eq!(feature(&answered.record.features, "intent:shipping"), Some(0.9));
    assert_eq!(feature(&answered.record.features, "intent_in_scope"), Some(0.8));
}

#[tokio::test]
async fn a_hand_over_by_the_rules_waits_for_no_vector() {
    let shop = shop().await;
    let answered = shop.ask(&question("a human please")).await;
    assert_eq!(answered.record.outcome, Outcome::Escalated);
    assert_eq!(feature(&answered.record.features, "intent:shipping"), Some(0.6));
    assert_eq!(shop.embedder.n_embedded(), 0);
}

#[tokio::test]
async fn what_looks_out_of_scope_is_answered_all_the_same() {
    let shop = shop().await;
    let text = "How much does standard shipping cost in bad weather?";
    let with = shop.ask(&question(text)).await;
    let without = Shop::open(QUOTING).await.ask(&question(text)).await;
    assert_eq!(feature(&with.record.features, "intent_in_scope"), Some(0.1));
    assert_eq!(with.record.outcome, without.record.outcome);
    assert_eq!(with.text, without.text);
}
