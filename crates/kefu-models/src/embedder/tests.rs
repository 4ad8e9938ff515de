#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use std::time::{Duration, Instant};

use futures_core::future::BoxFuture;
use serde_json::json;

use super::*;
use crate::manifest::Manifest;
use crate::processor::Processor;
use crate::tiny::{Scratch, encoder as tiny, write};

const SETTINGS: RuntimeSettings = RuntimeSettings {
    max_waiting: 8,
    threads: 0,
    n_parallel: 4,
    cache_mib: 256,
    drafts: true,
    device: Processor::Cpu,
};

fn scratch() -> (Scratch, Manifest) {
    let scratch = Scratch::new();
    let manifest = tiny::manifest("embedder", "bert");
    tiny::build(&scratch.folder(&manifest), "bert");
    (scratch, manifest)
}

fn embedder(settings: &RuntimeSettings) -> Arc<dyn Embedder> {
    let (scratch, manifest) = scratch();
    load_embedder(&scratch.verified(&manifest), settings).unwrap()
}

fn refusal(scratch: &Scratch, manifest: &Manifest) -> ModelsError {
    load_embedder(&scratch.verified(manifest), &SETTINGS).map(|_| ()).unwrap_err()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

fn distance(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[tokio::test]
async fn a_text_has_the_same_vector_alone_and_in_any_batch() {
    let embedder = embedder(&SETTINGS);
    let long = "shoes may be sent back within thirty days ".repeat(3);
    let many: Vec<String> = (0..60)
        .flat_map(|n| texts(&["refund", &long, "a", "", &"kettle ".repeat(n % 9)]))
        .collect();
    let together = embedder.embed(EmbedKind::Passage, &many).await.unwrap();
    assert_eq!(together.len(), many.len());
    for (text, vector) in many.iter().zip(&together).take(25) {
        let alone = embedder.embed(EmbedKind::Query, std::slice::from_ref(text)).await.unwrap();
        assert!(distance(&alone[0], vector) < 1e-5, "{text:?} differs in a batch");
        let length: f32 = vector.iter().map(|v| v * v).sum();
        assert!((length - 1.0).abs() < 1e-5);
    }
    assert!(distance(&together[0], &together[1]) > 1e-3, "different texts look the same");
}

#[tokio::test]
async fn tokens_have_their_bytes_and_unit_vectors() {
    let embedder = embedder(&SETTINGS);
    let texts = texts(&["the kettle leaks", "", &"a ".repeat(200)]);
    let whole = embedder.embed(EmbedKind::Passage, &texts).await.unwrap();
    let found = embedder.embed_tokens(EmbedKind::Passage, &texts).await.unwrap();
    assert_eq!(found.len(), texts.len());
    for ((text, tokens), whole) in texts.iter().zip(&found).zip(&whole) {
        assert!(distance(&tokens.whole, whole) < 1e-5);
        assert_eq!(tokens.vectors.len(), tokens.spans.len() * whole.len());
        for (span, vector) in tokens.tokens() {
            assert!(span.of(text).is_some_and(|word| !word.trim().is_empty()), "{span:?}");
            let length: f32 = vector.iter().map(|v| v * v).sum();
            assert!((length - 1.0).abs() < 1e-5);
        }
    }
    let first = found[0].spans.first().unwrap();
    let last = found[0].spans.last().unwrap();
    assert_eq!((first.start, last.end), (0, texts[0].len()));
    assert!(found[1].spans.is_empty());
    // Special tokens are not among them, and neither is what was cut.
    assert_eq!(found[2].spans.len(), embedder.info().max_tokens - 2);
}

#[tokio::test]
async fn long_text_is_cut_and_counted_whole() {
    let embedder = embedder(&SETTINGS);
    let short = "a ".repeat(46);
    let long = "a ".repeat(200);
    assert_eq!(embedder.count_tokens(&short), 48);
    assert_eq!(embedder.count_tokens(&long), 202);
    let both = embedder.embed(EmbedKind::Passage, &[short, long]).await.unwrap();
    assert!(distance(&both[0], &both[1]) < 1e-5, "more than the limit changed the vector");
}

#[tokio::test]
async fn a_line_of_megabytes_takes_linear_time() {
    let embedder = embedder(&SETTINGS);
    let line = "退货and refunds".repeat(100_000);
    let started = Instant::now();
    assert!(embedder.count_tokens(&line) > 500_000);
    let vectors = embedder.embed(EmbedKind::Query, &[line]).await.unwrap();
    assert_eq!(vectors[0].len(), 32);
    assert!(started.elapsed() < Duration::from_secs(60), "took {:?}", started.elapsed());
}

#[tokio::test]
async fn names_of_special_tokens_are_plain_text() {
    let embedder = embedder(&SETTINGS);
    assert!(embedder.count_tokens("a [SEP] b") > embedder.count_tokens("a b") + 1);
    let vectors = embedder.embed(EmbedKind::Passage, &texts(&["a [PAD] b", "a b"])).await.unwrap();
    assert!(distance(&vectors[0], &vectors[1]) > 1e-4);
}

#[tokio::test]
async fn no_texts_give_no_vectors() {
    assert!(embedder(&SETTINGS).embed(EmbedKind::Query, &[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_full_queue_is_refused_and_abandoned_work_is_skipped() {
    let embedder = embedder(&RuntimeSettings {
        max_waiting: 1,
        threads: 0,
        n_parallel: 4,
        cache_mib: 256,
        drafts: true,
        device: Processor::Cpu,
    });
    let bulk: Vec<String> = (0..20_000).map(|n| format!("passage {n}")).collect();
    let mut calls: Vec<BoxFuture<'_, _>> =
        (0..6).map(|_| embedder.embed(EmbedKind::Passage, &bulk)).collect();
    let mut n_refused = 0;
    for call in &mut calls {
        // One poll puts the call into the queue.
        let first = tokio::time::timeout(Duration::ZERO, call).await;
        n_refused += usize::from(matches!(first, Ok(Err(ModelError::Overloaded { limit: 1, .. }))));
    }
    assert!(n_refused >= 4, "{n_refused} of six calls refused with one place to wait");
    drop(calls);
    let started = Instant::now();
    // Urgent and bulk calls are served at once although 20 000 texts were waiting.
    embedder.embed(EmbedKind::Query, &texts(&["now"])).await.unwrap();
    loop {
        match embedder.embed(EmbedKind::Passage, &texts(&["now"])).await {
            Err(ModelError::Overloaded { .. }) => {
                tokio::time::sleep(Duration::from_millis(5)).await
            }
            result => break result.map(drop).unwrap(),
        }
    }
    assert!(started.elapsed() < Duration::from_secs(5), "took {:?}", started.elapsed());
}

#[tokio::test]
async fn a_query_is_served_between_the_batches_of_passages() {
    let embedder = embedder(&SETTINGS);
    let bulk: Vec<String> = (0..4_000).map(|n| format!("passage {n}")).collect();
    let passages = embedder.embed(EmbedKind::Passage, &bulk);
    let query = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let result = embedder.embed(EmbedKind::Query, &texts(&["question"])).await;
        (result, Instant::now())
    };
    let passages = async { (passages.await, Instant::now()) };
    let ((passages, passages_at), (query, query_at)) = tokio::join!(passages, query);
    assert_eq!(passages.unwrap().len(), 4_000);
    assert_eq!(query.unwrap().len(), 1);
    assert!(query_at < passages_at, "the query waited for all passages");
}

#[test]
fn another_architecture_is_refused() {
    let (scratch, manifest) = scratch();
    let path = scratch.folder(&manifest).join("config.json");
    write(&path, tiny::config("gpt_neox").to_string());
    let error = refusal(&scratch, &manifest);
    assert!(matches!(&error, ModelsError::WrongArchitecture { found, .. } if found == "gpt_neox"));
    assert!(error.to_string().contains("run `kefu models pull`"), "{error}");
}

#[test]
fn other_dimensions_are_refused() {
    let (scratch, mut manifest) = scratch();
    manifest.dimensions = Some(384);
    let error = refusal(&scratch, &manifest);
    assert!(matches!(error, ModelsError::WrongDimensions { expected: 384, found: 32, .. }));
}

#[test]
fn a_tokenizer_of_another_model_is_refused() {
    let (scratch, manifest) = scratch();
    let mut config = tiny::config("bert");
    config["vocab_size"] = json!(20);
    write(&scratch.folder(&manifest).join("config.json"), config.to_string());
    let error = refusal(&scratch, &manifest);
    assert!(
        matches!(error, ModelsError::VocabularyMismatch { n_tokens: 57, n_rows: 20, .. }),
        "{error}"
    );
}

#[test]
fn weights_of_another_shape_or_kind_are_refused() {
    let (scratch, manifest) = scratch();
    let mut config = tiny::config("bert");
    config["intermediate_size"] = json!(96);
    write(&scratch.folder(&manifest).join("config.json"), config.to_string());
    assert!(matches!(refusal(&scratch, &manifest), ModelsError::BadFile { .. }));

    let (scratch, manifest) = self::scratch();
    write(&scratch.folder(&manifest).join("model.safetensors"), b"not weights");
    let error = refusal(&scratch, &manifest);
    assert!(matches!(&error, ModelsError::BadFile { file, .. } if file == "model.safetensors"));
    assert!(error.to_string().contains("kefu models pull"), "{error}");
}

#[test]
fn the_id_changes_with_whatever_changes_vectors() {
    let (scratch, manifest) = scratch();
    let first = scratch.verified(&manifest).versioned_id();
    assert!(first.starts_with("tiny-embedder@") && first.len() == "tiny-embedder@".len() + 12);
    let mut prefixed = manifest.clone();
    prefixed.query_prefix = "query: ".to_owned();
    assert_ne!(scratch.verified(&prefixed).versioned_id(), first);
}

#[tokio::test]
async fn equal_texts_are_computed_once_and_calls_made_together_stay_apart() {
    let embedder = embedder(&RuntimeSettings { max_waiting: 20, threads: 2, ..SETTINGS });
    let texts: Vec<String> = ["a b", "c", "a b", "d e f"].map(str::to_owned).to_vec();
    let expected = embedder.embed(EmbedKind::Passage, &texts).await.unwrap();
    assert_eq!(expected.len(), 4);
    assert_eq!(expected[0], expected[2]);
    assert_ne!(expected[0], expected[1]);
    let calls = (0..12).map(|n| {
        let (embedder, texts) = (Arc::clone(&embedder), texts.clone());
        tokio::spawn(async move {
            let text = [texts[n % 4].clone(), format!("question {n}")];
            embedder.embed(EmbedKind::Query, &text).await.unwrap()
        })
    });
    let calls: Vec<_> = calls.collect();
    for (n, call) in calls.into_iter().enumerate() {
        let found = call.await.unwrap();
        let alone = embedder.embed(EmbedKind::Query, &[format!("question {n}")]).await.unwrap();
        assert_eq!(found, [expected[n % 4].clone(), alone[0].clone()], "call {n}");
    }
}
