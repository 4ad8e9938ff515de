//! Uploads.

use kefu_core::ports::{ContentRecords, JobFileState, JobRecords, JobState};
use kefu_core::{Audience, DocumentId, ErrorKind, ReleaseNo};
use kefu_ingest::{DocumentInput, Upload};

use crate::world::{COLLECTION, World};

fn id(text: &str) -> DocumentId {
    DocumentId::new(text).unwrap()
}

fn put(name: &str, text: &str) -> DocumentInput {
    DocumentInput {
        id: id(name),
        title: None,
        text: text.to_owned(),
        language: None,
        url: Some("https://shop.example/returns".to_owned()),
        audiences: vec![Audience::new("staff").unwrap()],
        valid_from: None,
        valid_to: Some("2027-01-31".to_owned()),
        sections: Vec::new(),
        state: None,
    }
}

fn file(name: &str, bytes: &[u8]) -> Upload {
    Upload::File { name: name.to_owned(), bytes: bytes.to_vec() }
}

#[tokio::test]
async fn a_put_document_is_published_byte_for_byte_and_can_be_deleted() {
    let world = World::new().await;
    let text = "---\r\n# Returns\n\nWithin 30 days. \n";
    let document = put("shop/returns", text);
    let job = world.ingestor.accept(&world.scope, vec![Upload::Put { document }]).await.unwrap();
    assert_eq!(job.state, JobState::Queued);
    assert_eq!(world.release().await, 0);
    let done = world.ingestor.run_next_job(&world.scope).await.unwrap().unwrap();
    assert_eq!(
        (done.id, done.state, done.release),
        (job.id, JobState::Succeeded, Some(ReleaseNo(1)))
    );
    assert_eq!(done.files[0].state, JobFileState::Done);
    let stored = world.records.document(&world.scope, &id("shop/returns"), None).await.unwrap();
    assert_eq!(stored.document.text, text);
    assert_eq!(stored.document.meta.title, "Returns");
    assert_eq!(stored.document.meta.valid_to.as_deref(), Some("2027-01-31"));
    assert!(stored.document.meta.audiences.contains(&Audience::new("staff").unwrap()));

    let delete = |name: &str| Upload::Delete { document_id: id(name) };
    let uploads = vec![delete("shop/returns"), delete("unknown")];
    world.ingestor.accept(&world.scope, uploads).await.unwrap();
    let done = world.ingestor.run_next_job(&world.scope).await.unwrap().unwrap();
    assert_eq!(done.files[0].state, JobFileState::Done);
    assert_eq!(done.files[1].code.as_deref(), Some("not_found"));
    assert_eq!((done.release, world.n_visible(2).await), (Some(ReleaseNo(2)), 0));
    assert_eq!(world.ingestor.run_next_job(&world.scope).await.unwrap(), None);
}

#[tokio::test]
async fn a_bad_upload_fails_alone() {
    let world = World::new().await;
    let mut wrong_day = put("day", "Text");
    wrong_day.valid_to = Some("2027-02-31".to_owned());
    let uploads = vec![
        file("a.exe", b"MZ"),
        file("faq.csv", b"question,answer\nOpen?,Yes.\n"),
        Upload::Put { document: wrong_day },
    ];
    world.ingestor.accept(&world.scope, uploads).await.unwrap();
    let done = world.ingestor.run_next_job(&world.scope).await.unwrap().unwrap();
    let states: Vec<_> = done.files.iter().map(|f| (f.state, f.code.as_deref())).collect();
    assert_eq!(
        states,
        [
            (JobFileState::Skipped, Some("unsupported_format")),
            (JobFileState::Done, None),
            (JobFileState::Failed, Some("bad_metadata")),
        ]
    );
    assert_eq!((done.state, done.release), (JobState::Succeeded, Some(ReleaseNo(1))));
}

#[tokio::test]
async fn limits_are_checked_before_anything_is_kept() {
    let world = World::new().await;
    let too_many = (0..4).map(|n| file(&format!("{n}.md"), b"x")).collect();
    let no_text = Upload::Put { document: put("a", " ") };
    let bad_url = DocumentInput { url: Some("javascript:x".to_owned()), ..put("a", "x") };
    let cases = [
        (vec![], ErrorKind::Invalid, "uploads"),
        (too_many, ErrorKind::TooLarge, "number of uploads"),
        (vec![file("a.md", &[b'x'; 5_001])], ErrorKind::TooLarge, "5000"),
        (vec![file("a.md", &[b'x'; 20_001])], ErrorKind::TooLarge, "20000"),
        (
            vec![Upload::Put { document: put("a", &"x".repeat(10_001)) }],
            ErrorKind::TooLarge,
            "text",
        ),
        (vec![file("", b"x")], ErrorKind::Invalid, "name"),
        (vec![file("a.md", b"x"), file("a.md", b"y")], ErrorKind::Invalid, "twice"),
        (vec![no_text], ErrorKind::Invalid, "text"),
        (vec![Upload::Put { document: bad_url }], ErrorKind::Invalid, "url"),
    ];
    for (uploads, kind, word) in cases {
        let error = world.ingestor.accept(&world.scope, uploads).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(word), "{error}");
    }
    for _ in 0..2 {
        world.ingestor.accept(&world.scope, vec![file("a.md", b"x")]).await.unwrap();
    }
    let error = world.ingestor.accept(&world.scope, vec![file("a.md", b"x")]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Overloaded);
}

#[tokio::test]
async fn a_job_waits_again_while_another_builder_works_and_fails_on_a_broken_model() {
    let world = World::new().await;
    let job = world.ingestor.accept(&world.scope, vec![file("a.md", b"Some text.")]).await.unwrap();
    let other = world.records.begin_build(&world.scope, "other", COLLECTION).await.unwrap();
    let error = world.ingestor.run_next_job(&world.scope).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let waiting = world.records.job(&world.scope, &job.id).await.unwrap();
    assert_eq!(waiting.state, JobState::Queued);
    assert!(waiting.error.unwrap().contains("another process"));

    world.records.end_build(&world.scope, &other).await.unwrap();
    world.embedder.fail_after(0);
    world.ingestor.run_next_job(&world.scope).await.unwrap_err();
    let failed = world.records.job(&world.scope, &job.id).await.unwrap();
    assert_eq!(failed.state, JobState::Failed);
    assert!(failed.error.unwrap().contains("scripted"));
    assert_eq!(world.release().await, 0);

    world.embedder.fail_after(u64::MAX);
    world.ingestor.retry(&world.scope, &job.id).await.unwrap();
    let done = world.ingestor.run_next_job(&world.scope).await.unwrap().unwrap();
    assert_eq!((&done.id, done.state), (&job.id, JobState::Succeeded));
    assert_eq!((done.progress.n_chunks_done, done.progress.n_chunks), (1, 1));
    assert_eq!(world.release().await, 1);
    assert!(world.ingestor.retry(&world.scope, &done.id).await.is_err(), "nothing is left to do");
}
