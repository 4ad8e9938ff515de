use std::collections::BTreeSet;

use kefu_core::{DocumentId, ErrorKind, Speaker};
use kefu_rag::{HistoryTurn, Question, Retrieved};
use kefu_testkit::scopes;

use crate::shop::{QUOTING, Shop, TENANT, question};

async fn retrieve(asked: &Question) -> Retrieved {
    let shop = Shop::open(QUOTING).await;
    shop.answerer.retrieve(&scopes::customer(TENANT), asked, 5).await.unwrap()
}

fn after(history: &[(Speaker, &str)], text: &str) -> Question {
    let turn = |(speaker, text): &(Speaker, &str)| HistoryTurn {
        speaker: *speaker,
        text: (*text).to_owned(),
    };
    Question { history: history.iter().map(turn).collect(), ..question(text) }
}

#[tokio::test]
async fn passages_come_best_first_with_their_scores() {
    let found = retrieve(&question("express courier price")).await;
    assert_eq!(found.passages[0].passage.document_id.as_str(), "shipping");
    assert!(found.passages.windows(2).all(|pair| pair[0].trace.score >= pair[1].trace.score));
    assert!(found.passages[0].trace.lexical_rank.is_some());
    assert!(found.passages[0].trace.dense_score.is_some());
    assert_eq!(found.query, "express courier price");
}

#[tokio::test]
async fn a_follow_up_leans_on_what_was_said() {
    for (earlier, document) in [
        ("Tell me about the Aurora desk lamp", "lamp"),
        ("Tell me about the Brook kettle", "kettle"),
    ] {
        let asked = after(&[(Speaker::Customer, earlier)], "How long is its warranty?");
        let found = retrieve(&asked).await;
        assert_eq!(found.passages[0].passage.document_id.as_str(), document);
        assert!(found.query.contains(earlier));
    }
}

#[tokio::test]
async fn a_question_that_names_its_thing_is_not_drowned() {
    let history = [
        (Speaker::Customer, "Tell me about the Aurora desk lamp"),
        (Speaker::Assistant, "The Aurora desk lamp has a warranty of two years."),
        (Speaker::Customer, "And what does the Aurora desk lamp cost?"),
    ];
    let asked = after(&history, "How long is the warranty of the Brook kettle?");
    let found = retrieve(&asked).await;
    assert_eq!(found.passages[0].passage.document_id.as_str(), "kettle");
    assert_eq!(found.query, asked.text);
}

#[tokio::test]
async fn only_the_documents_asked_for_are_searched() {
    let only = BTreeSet::from([DocumentId::new("returns").unwrap()]);
    let asked = Question { documents: Some(only), ..question("standard shipping cost") };
    let found = retrieve(&asked).await;
    assert!(!found.passages.is_empty());
    assert!(found.passages.iter().all(|p| p.passage.document_id.as_str() == "returns"));
}

#[tokio::test]
async fn documents_count_only_on_the_days_they_hold() {
    let asked = question("When does the showroom close?");
    for (day, document) in
        [(None, "hours-new"), (Some("2023-06-30"), "hours-old"), (Some("2023-07-01"), "hours-new")]
    {
        let found = retrieve(&Question { as_of: day.map(str::to_owned), ..asked.clone() }).await;
        let ids: Vec<_> = found.passages.iter().map(|p| p.passage.document_id.as_str()).collect();
        assert_eq!(ids[0], document, "{day:?}");
        assert_eq!(ids.iter().filter(|id| id.starts_with("hours")).count(), 1, "{ids:?}");
    }
    let shop = Shop::open(QUOTING).await;
    let wrong = Question { as_of: Some("2023-02-30".to_owned()), ..asked };
    assert_eq!(shop.try_ask(&wrong).await.unwrap_err().field(), Some("as_of"));
}

#[tokio::test]
async fn the_number_of_passages_has_bounds() {
    let shop = Shop::open(QUOTING).await;
    for top_k in [0, 201, usize::MAX] {
        let outcome =
            shop.answerer.retrieve(&scopes::customer(TENANT), &question("shipping"), top_k).await;
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.field()), (ErrorKind::Invalid, Some("top_k")));
    }
}

#[tokio::test]
async fn a_new_topic_is_not_answered_from_the_old_one() {
    let history = [
        (Speaker::Customer, "How much does standard shipping cost?"),
        (Speaker::Assistant, "Standard shipping costs 5 dollars."),
    ];
    let shop = Shop::open(QUOTING).await;
    let asked = shop.ask(&after(&history, "Do you sell bicycles?")).await;
    assert_eq!(asked.record.outcome, kefu_core::Outcome::Abstained, "{:?}", asked.record);
    // Who goes on in another language says all anew.
    let found = retrieve(&after(&history, "退款要多久到账？")).await;
    assert_eq!(found.query, "退款要多久到账？");
    assert_eq!(found.passages[0].passage.document_id.as_str(), "refund-zh");
    // Who points back goes on.
    let found = retrieve(&after(&history, "那它多少钱？")).await;
    assert_ne!(found.query, "那它多少钱？");
}
