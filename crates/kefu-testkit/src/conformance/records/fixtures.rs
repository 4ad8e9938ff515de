use std::collections::{BTreeMap, BTreeSet};

use kefu_core::content::digest;
use kefu_core::ports::{DocumentChange, Exchange, Records};
use kefu_core::{
    AnswerId, AnswerRecord, Audience, Build, Chunk, ChunkDraft, ChunkId, Citation, ClarifyOption,
    Cleaning, Confidence, Conversation, ConversationId, ConversationState, Customer, Document,
    DocumentId, DocumentKind, DocumentMeta, Drift, EscalationReason, Lane, Language, Outcome,
    PassageTrace, PointChange, Priority, Reason, Release, ReleaseNo, Removal, Revision, Scope,
    Sentiment, SlaTarget, SourceText, Span, SparseVector, Speaker, StageTimings, Ticket, TicketId,
    TicketNumber, TicketSignals, TicketSla, TicketStatus, Trend, Turn, TurnId,
};

/// A public article.
#[must_use]
pub fn document(id: &str, text: &str) -> Document {
    Document {
        id: DocumentId::new(id).unwrap(),
        kind: DocumentKind::Article,
        text: text.to_owned(),
        meta: DocumentMeta {
            title: format!("About {id}"),
            language: Language::ENGLISH,
            url: Some(format!("https://shop.example/{id}")),
            audiences: BTreeSet::from([Audience::public()]),
            valid_from: Some("2026-01-01".to_owned()),
            valid_to: None,
            sections: Vec::new(),
            state: kefu_core::DocumentState::Approved,
        },
    }
}

/// An article for staff only.
#[must_use]
pub fn staff_document(id: &str, text: &str) -> Document {
    let mut document = document(id, text);
    document.meta.audiences = BTreeSet::from([Audience::new("staff").unwrap()]);
    document
}

/// One chunk per line of the document, as new at `since`, with its key.
#[must_use]
pub fn chunks(document: &Document, since: ReleaseNo) -> Vec<(Chunk, [u8; 32])> {
    let mut start = 0;
    let lines = document.text.split_inclusive('\n').enumerate().map(|(n, line)| {
        let span = Span { start, end: start + line.len() };
        start = span.end;
        let key = digest(&[line.as_bytes()]);
        let since_bytes = since.0.to_le_bytes();
        let n = u32::try_from(n).unwrap();
        let chunk = Chunk {
            id: ChunkId::derive(&[document.id.as_str().as_bytes(), &key, &since_bytes]),
            document_id: document.id.clone(),
            draft: ChunkDraft {
                ordinal: n,
                span,
                heading: "Guide > Basics".to_owned(),
                index_text: format!("{}\n{line}", document.meta.title),
                language: document.meta.language,
                validity: document.meta.validity(),
                n_tokens: 12,
            },
            audiences: document.meta.audiences.clone(),
            since,
            until: None,
            dense: None,
            sparse: SparseVector::from_weights([(7, 1.25), (u32::MAX, 0.5), (n + 100, 2.0)]),
        };
        (chunk, key)
    });
    lines.collect()
}

/// The change that puts a document with [`chunks`] of its own.
pub(super) fn put(document: &Document, since: ReleaseNo) -> DocumentChange {
    DocumentChange::Put {
        document: document.clone(),
        source: format!("handbook/{}.md", document.id),
        cleaning: cleaning(),
        source_text: SourceText::default(),
        chunks: chunks(document, since),
    }
}

/// Puts a document and keeps the open chunks whose line is unchanged, as an ingest does.
pub(super) async fn put_kept(
    records: &dyn Records,
    scope: &Scope,
    build: &Build,
    document: &Document,
) -> DocumentChange {
    let open = records.open_chunks(scope, build, &document.id).await.unwrap();
    let mut chunks = chunks(document, build.release);
    for (chunk, key) in &mut chunks {
        if let Some(kept) = open.iter().find(|c| &c.key == key) {
            chunk.id = kept.id;
        }
    }
    let (document, source) = (document.clone(), "edited".to_owned());
    let (cleaning, source_text) = (Cleaning::default(), SourceText::default());
    DocumentChange::Put { document, source, cleaning, source_text, chunks }
}

/// What [`put`] says of cleaning.
pub(super) fn cleaning() -> Cleaning {
    let span = Span { start: 0, end: 1 };
    let removals = vec![Removal { span, rule: "spam".to_owned() }];
    Cleaning { fingerprint: "1:".to_owned(), removals, corrections: Vec::new() }
}

pub(super) fn delete(id: &str) -> DocumentChange {
    DocumentChange::Delete { document_id: DocumentId::new(id).unwrap() }
}

pub(super) async fn begin(records: &dyn Records, scope: &Scope) -> Build {
    records.begin_build(scope, "builder", "points-a").await.unwrap()
}

/// Publishes a release with these documents added.
pub async fn publish(records: &dyn Records, scope: &Scope, documents: &[Document]) -> Release {
    let build = begin(records, scope).await;
    let changes: Vec<_> = documents.iter().map(|d| put(d, build.release)).collect();
    records.stage(scope, &build, &changes).await.unwrap();
    finish(records, scope, &build).await
}

/// Publishes a build as if the index had been told of everything, and gives the lease back.
pub async fn finish(records: &dyn Records, scope: &Scope, build: &Build) -> Release {
    settle(records, scope, build).await;
    let release = records.publish(scope, build).await.unwrap();
    records.end_build(scope, build).await.unwrap();
    release
}

/// Notes all drift as told; what it was.
pub async fn settle(records: &dyn Records, scope: &Scope, build: &Build) -> Vec<Drift> {
    let mut told = Vec::new();
    loop {
        let some = records.drift(scope, build, 3).await.unwrap();
        if some.is_empty() {
            return told;
        }
        records.settled(scope, build, &some).await.unwrap();
        told.extend(some);
    }
}

/// Ids of the chunks whose visibility drift ends at the build.
pub(super) async fn closings(records: &dyn Records, scope: &Scope, build: &Build) -> Vec<ChunkId> {
    let drift = records.drift(scope, build, 1_000).await.unwrap();
    let ends = |drift: &Drift| drift.change == PointChange::Until(Some(build.release));
    let mut ids: Vec<ChunkId> =
        drift.into_iter().filter(ends).map(|drift| drift.chunk_id).collect();
    ids.sort();
    ids
}

/// A conversation that has just begun.
#[must_use]
pub fn conversation(at_ms: i64) -> Conversation {
    Conversation {
        id: ConversationId::generate(),
        customer: Customer {
            id: Some("customer-7".to_owned()),
            tier: Some("gold".to_owned()),
            attributes: BTreeMap::from([("城市".to_owned(), "杭州".to_owned())]),
            is_verified: true,
        },
        channel: "web".to_owned(),
        language: Language::CHINESE,
        state: ConversationState::Bot,
        ticket_id: None,
        n_failures: 0,
        created_at_ms: at_ms,
    }
}

pub(super) fn turn(speaker: Speaker, text: &str, at_ms: i64) -> Turn {
    let agent = (speaker == Speaker::Agent).then(|| "mei".to_owned());
    let text = text.to_owned();
    Turn { id: TurnId::generate(), speaker, agent, text, at_ms, answer_id: None }
}

/// An answer record with every field set.
#[must_use]
pub fn answer(conversation: &Conversation) -> AnswerRecord {
    let document_id = DocumentId::new("returns").unwrap();
    AnswerRecord {
        id: AnswerId::generate(),
        conversation_id: conversation.id.clone(),
        question: "多少天可以退货？".to_owned(),
        rewritten: "退货 天数".to_owned(),
        language: Language::CHINESE,
        release: ReleaseNo(7),
        outcome: Outcome::Answered,
        lane: Lane::Extractive,
        reason: Some(Reason::WeakEvidence),
        answer: "7 天内可以退货。[1]".to_owned(),
        citations: vec![Citation {
            label: 1,
            document_id: document_id.clone(),
            title: "退货政策".to_owned(),
            revision: Revision::parse("00112233445566ff").unwrap(),
            quote: "7 天内可以退货。".to_owned(),
            span: Span { start: 3, end: 26 },
            url: None,
        }],
        options: vec![ClarifyOption {
            label: "退货政策".to_owned(),
            document_id: document_id.clone(),
        }],
        conflicting: vec![1],
        confidence: Confidence { value: 0.1 + 0.2, calibrated: true, threshold: 0.35 },
        features: vec![("margin".to_owned(), -0.7), ("coverage".to_owned(), 1.0 / 3.0)],
        passages: vec![PassageTrace {
            chunk_id: ChunkId::derive(&[b"traced"]),
            document_id,
            score: 1.5e-7,
            dense_rank: None,
            lexical_rank: Some(1),
            dense_score: None,
            lexical_score: Some(11.062_5),
        }],
        escalation: Some((TicketId::generate(), EscalationReason::LowConfidence)),
        embedder: Some("minilm@ab".to_owned()),
        generator: None,
        pipeline: "1".to_owned(),
        timings: StageTimings { triage_ms: 1, total_ms: 31, ..StageTimings::default() },
        at_ms: conversation.created_at_ms + 40,
        consent: true,
    }
}

/// A customer turn and an answered turn.
#[must_use]
pub fn exchange(conversation: &Conversation) -> Exchange {
    let at_ms = conversation.created_at_ms;
    let record = answer(conversation);
    let mut reply = turn(Speaker::Assistant, &record.answer, at_ms + 40);
    reply.answer_id = Some(record.id.clone());
    Exchange {
        conversation: conversation.clone(),
        turns: vec![turn(Speaker::Customer, &record.question, at_ms), reply],
        answer: Some(record),
        ticket: None,
        urgency: None,
        key: None,
    }
}

/// An open ticket.
#[must_use]
pub fn ticket(conversation: &Conversation, priority: Priority) -> Ticket {
    Ticket {
        id: TicketId::generate(),
        number: TicketNumber::NONE,
        conversation_id: conversation.id.clone(),
        customer: conversation.customer.clone(),
        channel: conversation.channel.clone(),
        reason: EscalationReason::Complaint,
        queue: "complaints".to_owned(),
        priority,
        status: TicketStatus::Open,
        language: conversation.language,
        subject: "东西坏了".to_owned(),
        assignee: None,
        signals: TicketSignals {
            problem: Some("product".to_owned()),
            intent: Some("broken_item".to_owned()),
            sentiment: Some(Sentiment { now_percent: -60, trend: Trend::Worse }),
        },
        waiting_since_ms: Some(conversation.created_at_ms),
        sla: TicketSla {
            first_response: Some(SlaTarget { warn_ms: 8_000, due_ms: 10_000 }),
            resolution: Some(SlaTarget { warn_ms: 80_000, due_ms: 100_000 }),
            alarm_at_ms: Some(8_000),
            ..TicketSla::default()
        },
        created_at_ms: conversation.created_at_ms,
        updated_at_ms: conversation.created_at_ms,
    }
}

/// Commits an exchange that opens a ticket, and returns it.
pub(super) async fn escalate(
    records: &dyn Records,
    scope: &Scope,
    conversation: &Conversation,
    priority: Priority,
) -> Ticket {
    let mut ticket = ticket(conversation, priority);
    let mut exchange = exchange(conversation);
    exchange.conversation.state = ConversationState::Queued;
    exchange.conversation.ticket_id = Some(ticket.id.clone());
    exchange.ticket = Some(ticket.clone());
    let committed = records.commit_exchange(scope, &exchange).await.unwrap();
    ticket.number = committed.number.unwrap();
    ticket
}

/// Fails unless the result is an error of this kind.
#[track_caller]
pub(super) fn refused<T: std::fmt::Debug>(
    result: Result<T, kefu_core::RecordsError>,
    kind: kefu_core::ErrorKind,
) {
    assert_eq!(result.expect_err("a refusal").kind(), kind);
}
