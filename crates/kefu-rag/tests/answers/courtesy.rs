use std::sync::Arc;

use kefu_core::{Courtesy, Escalation, Lane, Outcome, Triage, TriageInput, TriageOutcome};

use kefu_testkit::scopes;

use crate::shop::{QUOTING, Shop, TENANT, next, question};

/// Takes short messages for courtesies.
struct Polite;

impl Triage for Polite {
    fn assess(&self, _input: &TriageInput<'_>) -> TriageOutcome {
        TriageOutcome::Proceed
    }

    fn courtesy(&self, text: &str) -> Option<Courtesy> {
        match text {
            "Hi" | "你好" => Some(Courtesy::Greeting),
            "Thanks" => Some(Courtesy::Thanks),
            _ => None,
        }
    }

    fn after_failures(&self, _n_failures: u32) -> Option<Escalation> {
        None
    }

    fn engine_failure(&self) -> Escalation {
        unreachable!("nothing fails here")
    }
}

#[tokio::test]
async fn a_courtesy_is_answered_in_kind_and_forgotten_by_the_next_question() {
    let shop = Shop::with(QUOTING, |parts| parts.triage = Arc::new(Polite)).await;
    let hello = shop.ask(&question("你好")).await;
    assert!(hello.text.contains("您好"), "{}", hello.text);

    let hello = shop.ask(&question("Hi")).await;
    assert_eq!((hello.record.outcome, hello.record.lane), (Outcome::Clarify, Lane::None));
    assert_eq!(hello.text, "Hello! What can I help you with?");
    assert!(!hello.offer_human && hello.record.passages.is_empty());

    let asked = shop.ask(&next(&hello, "How much does standard shipping cost?")).await;
    assert_eq!(asked.record.outcome, Outcome::Answered);
    let thanks = shop.ask(&next(&asked, "Thanks")).await;
    assert!(thanks.text.starts_with("You're welcome"), "{}", thanks.text);
    assert_eq!(thanks.conversation.n_failures, 0);

    // The follow-up goes on from the question before the thanks.
    let follow_up = shop.ask(&next(&thanks, "And how long does it take?")).await;
    let rewritten = &follow_up.record.rewritten;
    assert!(rewritten.contains("shipping") && !rewritten.contains("Thanks"), "{rewritten}");
}

#[tokio::test]
async fn a_code_goes_on_in_the_language_that_was_spoken() {
    let shop = Shop::with(QUOTING, |_| ()).await;
    let asked = shop.ask(&question("我的订单到哪里了？")).await;
    for code in ["QH12345678", "OK", "order 123"] {
        let next = shop.ask(&next(&asked, code)).await;
        assert_eq!(next.record.language, kefu_core::Language::CHINESE, "{code}");
    }
    let asked = shop.ask(&next(&asked, "How much does standard shipping cost?")).await;
    assert_eq!(asked.record.language, kefu_core::Language::ENGLISH);
}

#[tokio::test]
async fn signs_and_pictures_alone_are_answered_in_kind() {
    let shop = Shop::with(QUOTING, |parts| parts.triage = Arc::new(Polite)).await;
    let asked = shop.ask(&question("How much does standard shipping cost?")).await;
    for (text, start) in [
        ("👍", "All right."),
        ("❤️", "All right."),
        ("!!!", "All right."),
        ("…", "All right."),
        ("？", "Hello!"),
        ("?!…", "Hello!"),
    ] {
        for asked in [question(text), next(&asked, text)] {
            let answered = shop.ask(&asked).await;
            assert_eq!(answered.record.outcome, Outcome::Clarify, "{text}");
            assert!(answered.text.starts_with(start), "{text}: {}", answered.text);
            assert_eq!(answered.record.question, text);
        }
        // There is nothing in it to search for.
        let scope = scopes::customer(TENANT);
        assert!(shop.answerer.retrieve(&scope, &question(text), 5).await.is_err());
        assert!(shop.answerer.suggest(&scope, &question(text)).await.is_err());
    }
}
