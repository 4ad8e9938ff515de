use kefu_core::{Chunk, ReleaseNo};

use super::fixtures::{begin, chunks, delete, document, publish, put, put_kept};
use super::{Fresh, Subject};
use crate::scopes::{editor, operator};

pub(super) async fn run(fresh: Fresh<'_>) {
    vectors_are_kept_by_embedder_and_text(fresh()).await;
    every_chunk_can_be_read_again(fresh()).await;
    rebuilding_sees_the_present_build(fresh()).await;
}

async fn vectors_are_kept_by_embedder_and_text(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let (one, two, three) = ([1_u8; 32], [2_u8; 32], [3_u8; 32]);
    let vectors = [(one, vec![0.25_f32, -1.0]), (two, vec![f32::MIN_POSITIVE, 1.0])];
    records.cache_vectors(&scope, "minilm@a", &vectors).await.unwrap();
    records.cache_vectors(&scope, "minilm@a", &[(one, vec![0.5, 0.5])]).await.unwrap();
    let found = records.cached_vectors(&scope, "minilm@a", &[one, two, three]).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!((&found[&one], &found[&two]), (&vec![0.5, 0.5], &vectors[1].1));
    assert!(records.cached_vectors(&scope, "minilm@b", &[one]).await.unwrap().is_empty());
}

async fn every_chunk_can_be_read_again(Subject { records, .. }: Subject) {
    let (scope, operator) = (editor("acme"), operator("acme"));
    let documents = [document("a", "1\n2\n3\n"), document("b", "4\n5\n")];
    publish(&*records, &scope, &documents).await;
    let mut expected: Vec<Chunk> =
        documents.iter().flat_map(|d| chunks(d, ReleaseNo(1))).map(|(chunk, _)| chunk).collect();
    expected.sort_by_key(|chunk| chunk.id);
    let embedded = expected[3].draft.text_hash();
    records.cache_vectors(&scope, "minilm@a", &[(embedded, vec![1.0])]).await.unwrap();

    let mut read = Vec::new();
    let mut after = None;
    loop {
        let some = records.chunks_after(&operator, None, after, 2).await.unwrap();
        assert!(some.len() <= 2);
        let Some(last) = some.last() else { break };
        after = Some(last.id);
        read.extend(some);
    }
    assert_eq!(read, expected);
    expected[3].dense = Some(vec![1.0]);
    let read = records.chunks_after(&operator, Some("minilm@a"), None, 100).await.unwrap();
    assert_eq!(read, expected);
}

async fn rebuilding_sees_the_present_build(Subject { records, .. }: Subject) {
    let (scope, operator) = (editor("acme"), operator("acme"));
    let old = document("a", "first\nkept\n");
    publish(&*records, &scope, &[old, document("b", "gone\n")]).await;
    let build = begin(&*records, &scope).await;
    let edited = document("a", "first, edited\nkept\n");
    let change = put_kept(&*records, &scope, &build, &edited).await;
    let fresh = put(&document("c", "new\n"), build.release);
    records.stage(&scope, &build, &[change, delete("b"), fresh]).await.unwrap();
    let read = records.chunks_after(&operator, None, None, 100).await.unwrap();
    let mut seen: Vec<_> = read
        .iter()
        .map(|c| {
            let text = c.draft.index_text.lines().last().unwrap_or_default();
            (text, c.since.0, c.until.map(|until| until.0), c.draft.span.start)
        })
        .collect();
    seen.sort_unstable();
    let expected = [
        ("first", 1, Some(2), 0),
        ("first, edited", 2, None, 0),
        ("gone", 1, Some(2), 0),
        ("kept", 1, None, 14),
        ("new", 2, None, 0),
    ];
    assert_eq!(seen, expected);
}
