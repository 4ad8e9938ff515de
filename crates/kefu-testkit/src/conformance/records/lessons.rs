use kefu_core::ErrorKind::{Forbidden, NotFound};
use kefu_core::ports::{PageRequest, Records, TicketTransition};
use kefu_core::{
    ConversationState, DocumentId, Language, Lesson, LessonId, Priority, Scope, Ticket, TicketId,
    TicketStatus,
};

use super::fixtures::{conversation, escalate, refused};
use super::{Fresh, Subject};
use crate::scopes::{agent, customer};

/// What the desk has learned.
pub async fn lessons(fresh: Fresh<'_>) {
    resolved_tickets_carry_their_note(fresh()).await;
    lessons_are_kept_with_their_origin(fresh()).await;
}

async fn resolve(records: &dyn Records, scope: &Scope, at_ms: i64, note: Option<&str>) -> Ticket {
    let before = escalate(records, scope, &conversation(at_ms), Priority::Normal).await;
    let mut after = before.clone();
    after.status = TicketStatus::Resolved;
    after.updated_at_ms += 5;
    let step = TicketTransition {
        before,
        after: after.clone(),
        conversation_state: ConversationState::Closed,
        turn: None,
        key: None,
        action: "resolve",
        actor: None,
        note: note.map(str::to_owned),
    };
    records.transition(scope, &step).await.unwrap();
    after
}

async fn resolved_tickets_carry_their_note(Subject { records, .. }: Subject) {
    let scope = agent("acme");
    let first = resolve(&*records, &scope, 1_000, Some("refunded in full")).await;
    let second = resolve(&*records, &scope, 2_000, None).await;
    escalate(&*records, &scope, &conversation(3_000), Priority::High).await;
    let found = records.resolved_tickets(&scope, 10).await.unwrap();
    let tickets: Vec<&Ticket> = found.iter().map(|resolved| &resolved.ticket).collect();
    assert_eq!(tickets, [&second, &first]);
    assert_eq!(found[0].note, None);
    assert_eq!(found[1].note.as_deref(), Some("refunded in full"));
    assert_eq!(records.resolved_tickets(&scope, 1).await.unwrap(), found[..1]);
    assert_eq!(records.resolved_tickets(&agent("globex"), 10).await.unwrap(), []);
    refused(records.resolved_tickets(&customer("acme"), 10).await, Forbidden);
}

async fn lessons_are_kept_with_their_origin(Subject { records, .. }: Subject) {
    let scope = agent("acme");
    let ticket = resolve(&*records, &scope, 1_000, None).await;
    let lesson = |document: &str, answer: &str| Lesson {
        id: LessonId::generate(),
        ticket_id: ticket.id.clone(),
        agent: "mei".to_owned(),
        question: "多久能退款？".to_owned(),
        answer: answer.to_owned(),
        language: Language::CHINESE,
        document_id: DocumentId::new(document).unwrap(),
        at_ms: 7_000,
    };
    let made = [lesson("pairs/a", "3 天"), lesson("pairs/b", "5 天"), lesson("pairs/c", "7 天")];
    for one in &made {
        records.add_lesson(&scope, one).await.unwrap();
    }
    let mut page = PageRequest { limit: 2, cursor: None };
    let first = records.lessons(&scope, &page).await.unwrap();
    assert_eq!(first.items, [made[2].clone(), made[1].clone()]);
    page.cursor = first.next_cursor;
    let rest = records.lessons(&scope, &page).await.unwrap();
    assert_eq!((rest.items, rest.next_cursor), (vec![made[0].clone()], None));

    let better = lesson("pairs/a", "3 个工作日");
    records.add_lesson(&scope, &better).await.unwrap();
    let page = PageRequest { limit: 10, cursor: None };
    let now = records.lessons(&scope, &page).await.unwrap().items;
    assert_eq!(now, [better.clone(), made[2].clone(), made[1].clone()]);
    let stray = Lesson { ticket_id: TicketId::generate(), ..better.clone() };
    refused(records.add_lesson(&scope, &stray).await, NotFound);
    refused(records.add_lesson(&customer("acme"), &better).await, Forbidden);
    refused(records.lessons(&customer("acme"), &page).await, Forbidden);
    assert_eq!(records.lessons(&agent("globex"), &page).await.unwrap().items, []);
}
