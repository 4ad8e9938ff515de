use kefu_core::ErrorKind::{Conflict, Invalid, NotFound};
use kefu_core::ports::{AskedBefore, Feedback, KEEP_KEYS_MS};
use kefu_core::{
    AnswerId, ConversationId, ConversationState, Customer, FeedbackId, Priority, Speaker,
};

use super::fixtures::{answer, conversation, escalate, exchange, refused, ticket, turn};
use super::{Fresh, Subject};
use crate::scopes::{agent, customer};

/// Conversations, turns and answer records.
pub async fn conversations(fresh: Fresh<'_>) {
    exchanges_come_back_whole(fresh()).await;
    refused_exchanges_leave_nothing(fresh()).await;
    the_desk_decides_once_a_ticket_exists(fresh()).await;
    unrecorded_words_stay_unrecorded(fresh()).await;
    a_question_is_known_by_its_key_for_a_day(fresh()).await;
}

async fn exchanges_come_back_whole(Subject { records, .. }: Subject) {
    let scope = customer("acme");
    let mut begun = conversation(1_000);
    let first = exchange(&begun);
    records.commit_exchange(&scope, &first).await.unwrap();
    assert_eq!(records.conversation(&scope, &begun.id).await.unwrap(), begun);
    let written = first.answer.clone().unwrap();
    assert_eq!(records.answer(&scope, &written.id).await.unwrap(), written);

    begun.n_failures = 1;
    begun.customer = Customer::default();
    let mut second = exchange(&begun);
    second.answer = None;
    second.turns.truncate(1);
    records.commit_exchange(&scope, &second).await.unwrap();
    assert_eq!(records.conversation(&scope, &begun.id).await.unwrap(), begun);
    let all = [first.turns.clone(), second.turns.clone()].concat();
    assert_eq!(records.turns(&scope, &begun.id, 100).await.unwrap(), all);
    assert_eq!(records.turns(&scope, &begun.id, 2).await.unwrap(), all[1..]);
    assert_eq!(records.turns(&scope, &begun.id, 0).await.unwrap(), []);

    let unknown = ConversationId::generate();
    refused(records.conversation(&scope, &unknown).await, NotFound);
    refused(records.turns(&scope, &unknown, 5).await, NotFound);
    refused(records.answer(&scope, &AnswerId::generate()).await, NotFound);
}

async fn a_question_is_known_by_its_key_for_a_day(Subject { records, clock, .. }: Subject) {
    let scope = customer("acme");
    let begun = conversation(1_000);
    let mut first = exchange(&begun);
    first.key = Some("k-1".to_owned());
    let before = async |key: &str| records.asked_before(&scope, key).await.unwrap();
    assert_eq!(before("k-1").await, None);
    records.commit_exchange(&scope, &first).await.unwrap();
    let known = AskedBefore {
        conversation_id: begun.id.clone(),
        answer_id: first.answer.as_ref().map(|answer| answer.id.clone()),
    };
    assert_eq!(before("k-1").await, Some(known.clone()));
    let elsewhere = records.asked_before(&customer("globex"), "k-1").await.unwrap();
    assert_eq!((before("k-2").await, elsewhere), (None, None));
    // The first stands, whatever comes later under its key.
    let mut late = exchange(&conversation(2_000));
    late.key = Some("k-1".to_owned());
    records.commit_exchange(&scope, &late).await.unwrap();
    assert_eq!(before("k-1").await, Some(known));
    let mut silent = exchange(&begun);
    (silent.key, silent.answer) = (Some("k-3".to_owned()), None);
    silent.turns.truncate(1);
    records.commit_exchange(&scope, &silent).await.unwrap();
    assert_eq!(before("k-3").await.unwrap().answer_id, None);

    let operator = crate::scopes::operator("acme");
    records.erase_customer(&operator, "customer-7").await.unwrap();
    assert_eq!((before("k-1").await, before("k-3").await), (None, None));
    let mut other = exchange(&conversation(3_000));
    other.key = Some("k-4".to_owned());
    records.commit_exchange(&scope, &other).await.unwrap();
    clock.advance_ms(KEEP_KEYS_MS - 1);
    assert!(before("k-4").await.is_some());
    clock.advance_ms(1);
    assert_eq!(before("k-4").await, None);
}

async fn refused_exchanges_leave_nothing(Subject { records, .. }: Subject) {
    let scope = customer("acme");
    let begun = conversation(1_000);
    let first = exchange(&begun);
    records.commit_exchange(&scope, &first).await.unwrap();
    let turns = records.turns(&scope, &begun.id, 100).await.unwrap();

    let mut again = exchange(&begun);
    again.answer.clone_from(&first.answer);
    refused(records.commit_exchange(&scope, &again).await, Conflict);
    let mut repeated = exchange(&begun);
    repeated.turns.clone_from(&first.turns);
    refused(records.commit_exchange(&scope, &repeated).await, Conflict);
    let mut strayed = exchange(&begun);
    strayed.answer = Some(answer(&conversation(2_000)));
    refused(records.commit_exchange(&scope, &strayed).await, Invalid);
    assert_eq!(records.turns(&scope, &begun.id, 100).await.unwrap(), turns);

    escalate(&*records, &scope, &begun, Priority::High).await;
    let turns = records.turns(&scope, &begun.id, 100).await.unwrap();
    let mut second_ticket = exchange(&begun);
    second_ticket.ticket = Some(ticket(&begun, Priority::Low));
    refused(records.commit_exchange(&scope, &second_ticket).await, Conflict);
    assert_eq!(records.turns(&scope, &begun.id, 100).await.unwrap(), turns);
    let lost = second_ticket.answer.unwrap().id;
    refused(records.answer(&scope, &lost).await, NotFound);
}

async fn the_desk_decides_once_a_ticket_exists(Subject { records, .. }: Subject) {
    let scope = customer("acme");
    let begun = conversation(1_000);
    let opened = escalate(&*records, &scope, &begun, Priority::Normal).await;
    let queued = records.conversation(&scope, &begun.id).await.unwrap();
    assert_eq!(queued.state, ConversationState::Queued);
    assert_eq!(queued.ticket_id.as_ref(), Some(&opened.id));

    let mut overtaken = exchange(&begun);
    overtaken.conversation.n_failures = 3;
    records.commit_exchange(&scope, &overtaken).await.unwrap();
    let after = records.conversation(&scope, &begun.id).await.unwrap();
    assert_eq!((after.state, after.n_failures), (ConversationState::Queued, 3));
    assert_eq!(after.ticket_id, queued.ticket_id);
}

async fn unrecorded_words_stay_unrecorded(Subject { records, .. }: Subject) {
    let scope = customer("acme");
    let mut silent = exchange(&conversation(1_000));
    silent.turns.iter_mut().for_each(|turn| turn.text.clear());
    let mut record = silent.answer.take().unwrap();
    record.consent = false;
    record.question.clear();
    record.rewritten.clear();
    record.answer.clear();
    record.citations.clear();
    silent.answer = Some(record.clone());
    records.commit_exchange(&scope, &silent).await.unwrap();
    assert_eq!(records.answer(&scope, &record.id).await.unwrap(), record);
    let turns = records.turns(&scope, &silent.conversation.id, 10).await.unwrap();
    assert_eq!(turns, silent.turns);
}

/// Feedback.
pub async fn feedback(fresh: Fresh<'_>) {
    let Subject { records, .. } = fresh();
    let scope = customer("acme");
    let mut said = exchange(&conversation(1_000));
    said.turns.push(turn(Speaker::Agent, "hello", 2_000));
    records.commit_exchange(&scope, &said).await.unwrap();
    let answer_id = said.answer.unwrap().id;
    let base = Feedback {
        id: FeedbackId::generate(),
        answer_id: answer_id.clone(),
        rating: Some(5),
        thumbs_up: None,
        reason: Some("clear".to_owned()),
        comment: Some("谢谢".to_owned()),
        at_ms: 3_000,
    };
    let later = Feedback {
        id: FeedbackId::generate(),
        rating: None,
        thumbs_up: Some(false),
        reason: None,
        comment: None,
        at_ms: 4_000,
        ..base.clone()
    };
    for one in [&base, &later] {
        records.add_feedback(&scope, one).await.unwrap();
    }
    let kept = records.feedback(&agent("acme"), &answer_id).await.unwrap();
    assert_eq!(kept, [base.clone(), later.clone()]);
    refused(records.add_feedback(&scope, &base).await, Conflict);
    let id = FeedbackId::generate();
    let stray = Feedback { id: id.clone(), answer_id: AnswerId::generate(), ..base.clone() };
    refused(records.add_feedback(&scope, &stray).await, NotFound);
    let wild = Feedback { id: id.clone(), rating: Some(6), ..base.clone() };
    refused(records.add_feedback(&scope, &wild).await, Invalid);
    let long = Feedback { id, comment: Some("x".repeat(4_001)), ..base };
    refused(records.add_feedback(&scope, &long).await, Invalid);
    assert_eq!(records.feedback(&scope, &answer_id).await.unwrap().len(), 2);
}
