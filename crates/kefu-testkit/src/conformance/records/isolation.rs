use kefu_core::ErrorKind::NotFound;
use kefu_core::ports::{
    DocumentFilter, Feedback, NewJob, PageRequest, TicketFilter, TicketTransition,
};
use kefu_core::{ConversationState, FeedbackId, JobId, PointerTarget, Priority, ReleaseNo};

use super::fixtures::{begin, chunks, conversation, document, escalate, exchange};
use super::fixtures::{publish, refused};
use super::{Fresh, Subject};
use crate::scopes::operator;

/// Nothing of one tenant is readable or writable for another, whatever the role.
pub async fn isolation(fresh: Fresh<'_>) {
    content_is_kept_apart(fresh()).await;
    desks_are_kept_apart(fresh()).await;
    equal_names_do_not_collide(fresh()).await;
}

async fn content_is_kept_apart(Subject { records, .. }: Subject) {
    let (ours, theirs) = (operator("acme"), operator("globex"));
    let returns = document("returns", "a\n");
    publish(&*records, &ours, std::slice::from_ref(&returns)).await;
    let build = begin(&*records, &ours).await;
    let key = chunks(&returns, ReleaseNo(1))[0].0.draft.text_hash();
    records.cache_vectors(&ours, "minilm@a", &[(key, vec![1.0])]).await.unwrap();
    let ids = [chunks(&returns, ReleaseNo(1))[0].0.id];

    assert_eq!(records.current(&theirs).await.unwrap().release, ReleaseNo(0));
    assert_eq!(records.releases(&theirs).await.unwrap(), []);
    refused(records.document(&theirs, &returns.id, None).await, NotFound);
    let revision = returns.revision();
    refused(records.document(&theirs, &returns.id, Some(&revision)).await, NotFound);
    let all = PageRequest { limit: 500, cursor: None };
    assert_eq!(
        records.documents(&theirs, &DocumentFilter::default(), &all).await.unwrap().items,
        []
    );
    assert_eq!(records.passages(&theirs, ReleaseNo(1), &ids).await.unwrap(), []);
    assert_eq!(records.chunks_after(&theirs, None, None, 9).await.unwrap(), []);
    assert!(records.cached_vectors(&theirs, "minilm@a", &[key]).await.unwrap().is_empty());
    assert!(records.build_documents(&theirs, &build).await.unwrap().is_empty());
    assert_eq!(records.open_chunks(&theirs, &build, &returns.id).await.unwrap(), []);
    assert!(records.drift(&theirs, &build, 9).await.is_err());
    assert!(records.settled(&theirs, &build, &[]).await.is_err());
    assert!(records.announce(&theirs, &build, &[]).await.is_err());
    assert!(records.collect(&theirs, &build, 1, 9).await.is_err());
    assert_eq!(records.expected_points(&theirs, None, 9).await.unwrap(), []);
    assert_eq!(records.pointer_moves(&theirs, 9).await.unwrap(), []);
    let first = ReleaseNo(1);
    refused(records.move_pointer(&theirs, PointerTarget::Release(first), "").await, NotFound);
    refused(records.document_at(&theirs, first, &returns.id).await, NotFound);
    refused(records.delta(&theirs, (first, first), None, 9).await, NotFound);
    assert!(records.stage(&theirs, &build, &[]).await.is_err());
    assert!(records.publish(&theirs, &build).await.is_err());
}

async fn desks_are_kept_apart(Subject { records, .. }: Subject) {
    let (ours, theirs) = (operator("acme"), operator("globex"));
    let begun = conversation(1_000);
    let opened = escalate(&*records, &ours, &begun, Priority::High).await;
    let said = exchange(&conversation(2_000));
    records.commit_exchange(&ours, &said).await.unwrap();
    let answer_id = said.answer.unwrap().id;
    let judged = Feedback {
        id: FeedbackId::generate(),
        answer_id: answer_id.clone(),
        rating: Some(1),
        thumbs_up: None,
        reason: None,
        comment: None,
        at_ms: 1,
    };
    records.add_feedback(&ours, &judged).await.unwrap();
    let job = NewJob { id: JobId::generate(), payload: b"x".to_vec(), files: Vec::new() };
    let accepted = records.enqueue(&ours, &job, 9).await.unwrap();

    refused(records.conversation(&theirs, &begun.id).await, NotFound);
    refused(records.turns(&theirs, &begun.id, 9).await, NotFound);
    refused(records.answer(&theirs, &answer_id).await, NotFound);
    refused(records.ticket(&theirs, &opened.id).await, NotFound);
    let all = PageRequest { limit: 500, cursor: None };
    let listed = records.tickets(&theirs, &TicketFilter::default(), &all).await.unwrap();
    assert_eq!(listed.items, []);
    let step = TicketTransition {
        before: opened.clone(),
        after: opened,
        conversation_state: ConversationState::Human,
        turn: None,
        key: None,
        action: "claim",
        actor: None,
        note: None,
    };
    assert_eq!(records.open_hand_over(&theirs, &begun.id).await.unwrap(), None);
    assert_eq!(records.alarms(&theirs, i64::MAX, 9).await.unwrap(), []);
    assert_eq!(records.steps(&theirs, &step.before.id).await.unwrap(), []);
    refused(records.transition(&theirs, &step).await, NotFound);
    assert_eq!(records.feedback(&theirs, &answer_id).await.unwrap(), []);
    refused(records.add_feedback(&theirs, &judged).await, NotFound);
    refused(records.job(&theirs, &job.id).await, NotFound);
    refused(records.update_job(&theirs, &accepted).await, NotFound);
    assert_eq!(records.claim_job(&theirs).await.unwrap(), None);
    assert_eq!(records.requeue_running(&theirs).await.unwrap(), 0);
}

async fn equal_names_do_not_collide(Subject { records, .. }: Subject) {
    for (tenant, text) in [("acme", "ours\n"), ("globex", "theirs\n")] {
        let returns = document("returns", text);
        let release = publish(&*records, &operator(tenant), &[returns]).await;
        assert_eq!(release.number, ReleaseNo(1));
    }
    for (tenant, text) in [("acme", "ours\n"), ("globex", "theirs\n")] {
        let scope = operator(tenant);
        let returns = document("returns", text);
        let read = records.document(&scope, &returns.id, None).await.unwrap();
        assert_eq!(read.document.text, text);
        let ids = [chunks(&returns, ReleaseNo(1))[0].0.id];
        let passages = records.passages(&scope, ReleaseNo(1), &ids).await.unwrap();
        assert_eq!(passages[0].text, text);
    }
}
