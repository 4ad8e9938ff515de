use std::time::Duration;

use kefu_core::{ConversationId, Deadline, ErrorKind, Speaker};
use kefu_rag::{HistoryTurn, Question};

use crate::shop::{QUOTING, Shop, question};

/// Asks and expects an error of `kind` that names `field`.
async fn check(asked: Question, kind: ErrorKind, field: &str) {
    let shop = Shop::open(QUOTING).await;
    let error = shop.try_ask(&asked).await.unwrap_err();
    assert_eq!((error.kind(), error.field()), (kind, Some(field)), "{error}");
}

#[tokio::test]
async fn questions_out_of_bounds_name_their_field() {
    for empty in ["", "  \n", "\u{200b}", "\u{fe0f}\u{feff}\u{3000}"] {
        check(question(empty), ErrorKind::Invalid, "question").await;
    }
    check(question(&"x".repeat(401)), ErrorKind::TooLarge, "question").await;
    check(question(&"a b ".repeat(50)), ErrorKind::TooLarge, "question").await;
    let turn = |text: &str| HistoryTurn { speaker: Speaker::Customer, text: text.to_owned() };
    let both = Question {
        history: vec![turn("hello")],
        conversation_id: Some(ConversationId::generate()),
        ..question("hello there")
    };
    check(both, ErrorKind::Invalid, "history").await;
    let many = Question { history: vec![turn("hello"); 201], ..question("hello there") };
    check(many, ErrorKind::TooLarge, "history").await;
    let long = Question { history: vec![turn(&"x".repeat(5000))], ..question("hello there") };
    check(long, ErrorKind::TooLarge, "history").await;
}

#[tokio::test]
async fn an_unknown_conversation_is_not_found() {
    let shop = Shop::open(QUOTING).await;
    let unknown =
        Question { conversation_id: Some(ConversationId::generate()), ..question("hello there") };
    assert_eq!(shop.try_ask(&unknown).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_slow_store_meets_the_deadline() {
    let shop = Shop::open(QUOTING).await;
    shop.store.delay(Duration::from_secs(30));
    let deadline = Deadline::after(Duration::from_millis(50));
    let asked = Question { deadline, ..question("How much does standard shipping cost?") };
    assert_eq!(shop.try_ask(&asked).await.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
}
