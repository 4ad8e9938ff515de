use kefu_core::ports::{AnswerRecords, ContentRecords, CurrentContent};
use kefu_core::{Lane, Language, Outcome, Reason, ReleaseNo};
use kefu_rag::{AnswerEvent, Question};
use kefu_testkit::scopes;

use crate::shop::{PAIR_ANSWER, QUOTING, Shop, TENANT, question};

/// Asks and expects a quoted answer from `document` that holds `words`.
async fn check(text: &str, document: &str, words: &str) {
    let shop = Shop::open(QUOTING).await;
    let answered = shop.ask(&question(text)).await;
    let record = &answered.record;
    assert_eq!(record.outcome, Outcome::Answered, "{text}: {:?}", record.features);
    assert_eq!(record.lane, Lane::Extractive);
    assert!(answered.text.contains(words), "{text}: {}", answered.text);
    assert_eq!(record.citations[0].document_id.as_str(), document, "{text}");
    assert!(answered.text.split_whitespace().count() <= 60);
    for citation in &record.citations {
        assert!(answered.text.contains(&citation.quote));
    }
    assert!(record.confidence.value >= record.confidence.threshold);
    assert!(!record.confidence.calibrated);
}

#[tokio::test]
async fn questions_are_answered_in_the_documents_own_words() {
    check("How many days do I have to return an item?", "returns", "within 30 days of delivery")
        .await;
    check("How much does standard shipping cost?", "shipping", "costs $4.99").await;
    check("How long is the warranty of the Brook kettle?", "kettle", "three years").await;
    check("Can gift cards be returned?", "returns", "Gift cards cannot be returned.").await;
    check("退款需要几个工作日到账？", "refund-zh", "7个工作日内").await;
    check("客服热线是多少？", "refund-zh", "400-123-4567").await;
}

#[tokio::test]
async fn readings_inside_words_are_read_over_and_quoted_as_they_stand() {
    check("滤芯的更换周期是多久？", "filter-zh", "優(yōu)化更換(huàn)週期是六個月").await;
}

#[tokio::test]
async fn a_table_row_is_quoted_below_its_head() {
    let shop = Shop::open(QUOTING).await;
    let answered = shop.ask(&question("What is the price of express courier?")).await;
    assert!(answered.text.contains("Way | Time | Price"), "{}", answered.text);
    assert!(answered.text.contains("Express courier | 1 day | $14.99"), "{}", answered.text);
    assert!(!answered.text.contains("Sea freight"), "{}", answered.text);
}

#[tokio::test]
async fn chinese_questions_never_meet_an_english_embedder() {
    let shop = Shop::open(QUOTING).await;
    let answered = shop.ask(&question("定制商品支持退货吗？")).await;
    assert_eq!(answered.record.outcome, Outcome::Answered);
    assert_eq!(answered.record.language, Language::CHINESE);
    assert_eq!(shop.embedder.n_embedded(), 0);
    assert_eq!(answered.record.embedder, None);
    assert!(answered.record.passages.iter().all(|passage| passage.dense_rank.is_none()));
}

#[tokio::test]
async fn unrelated_questions_get_an_honest_no_in_their_language() {
    let shop = Shop::open(QUOTING).await;
    for (text, offer) in [
        ("Who won the chess olympiad in Budapest?", "colleague"),
        ("北京今天的天气怎么样？", "人工客服"),
    ] {
        let answered = shop.ask(&question(text)).await;
        assert_eq!(answered.record.outcome, Outcome::Abstained, "{text}: {}", answered.text);
        assert!(matches!(answered.record.reason, Some(Reason::WeakEvidence | Reason::NoDocument)));
        assert!(answered.text.contains(offer), "{}", answered.text);
        assert!(answered.offer_human && answered.record.citations.is_empty());
        assert_eq!(answered.conversation.n_failures, 1);
    }
}

#[tokio::test]
async fn words_that_no_document_has_find_no_document() {
    let shop = Shop::open(QUOTING).await;
    let answered = shop.ask(&question("量子色动力学")).await;
    assert_eq!(answered.record.reason, Some(Reason::NoDocument));
}

#[tokio::test]
async fn a_reviewed_answer_is_given_as_it_stands() {
    let shop = Shop::open(QUOTING).await;
    let answered = shop.ask(&question("do you ship to Canada")).await;
    assert_eq!(answered.record.lane, Lane::Curated);
    assert_eq!(answered.text, PAIR_ANSWER);
    assert_eq!(answered.record.citations.len(), 1);

    let near_miss = shop.ask(&question("Do you ship to Mexico?")).await;
    assert_ne!(near_miss.record.lane, Lane::Curated);
}

#[tokio::test]
async fn events_come_in_the_order_of_the_stages() {
    let shop = Shop::open(QUOTING).await;
    let (outcome, events) = shop.watch(&question("How much does standard shipping cost?")).await;
    let names: Vec<&str> = events
        .iter()
        .map(|event| match event {
            AnswerEvent::Status(status) => status,
            AnswerEvent::Sources(_) => "sources",
            AnswerEvent::Delta(_) => "delta",
            AnswerEvent::Citation(_) => "citation",
        })
        .collect();
    assert_eq!(names[..6], ["triage", "retrieving", "sources", "reading", "delta", "citation"]);
    assert_eq!(outcome.unwrap().record.pipeline, kefu_rag::PIPELINE_VERSION);
}

#[tokio::test]
async fn a_rehearsal_answers_from_the_release_it_names_and_records_nothing() {
    let shop = Shop::open(QUOTING).await;
    let asked = question("How much does standard shipping cost?");
    let published = shop.records.current(&scopes::customer(TENANT)).await.unwrap();
    let rehearse = |release| {
        let content = CurrentContent { release, ..published.clone() };
        Question { rehearsal: Some(content), ..asked.clone() }
    };
    let same = shop.ask(&rehearse(published.release)).await;
    assert!(same.text.contains("$4.99"), "{}", same.text);
    let before = shop.ask(&rehearse(ReleaseNo(0))).await;
    assert_eq!(before.record.outcome, Outcome::Abstained);
    let recorded = shop.records.answer(&scopes::agent(TENANT), &same.record.id).await;
    assert!(recorded.is_err(), "a rehearsal is on record");
    let real = shop.ask(&asked).await;
    assert_eq!(real.text, same.text);
    assert!(shop.records.answer(&scopes::agent(TENANT), &real.record.id).await.is_ok());
}
