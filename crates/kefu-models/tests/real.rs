//! The two models of the `default` profile, for real. They are fetched once into the cache folder
//! that `kefu` uses; when that fails these tests fail, unless `KEFU_SKIP_REAL_MODELS=1` says that
//! they shall be skipped.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests fail loudly"
)]

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use candle_core::quantized::gguf_file::Content;
use candle_core::quantized::tokenizer::TokenizerFromGguf;
use candle_core::{Device, Tensor};
use candle_transformers::models::quantized_llama::ModelWeights;
use kefu_core::Deadline;
use kefu_core::ports::{
    EmbedKind, Embedder, GenerateEvent, GenerateRequest, Generator, PromptMessage, PromptRole,
};
use kefu_models::{
    FetchSettings, ModelCache, Processor, Profile, RuntimeSettings, Unobserved, VerifiedModel,
    default_models_dir, load_embedder, load_generator, profile,
};
use serde::Deserialize;
use tokenizers::Tokenizer;

const SETTINGS: RuntimeSettings = RuntimeSettings {
    max_waiting: 8,
    threads: 0,
    n_parallel: 4,
    cache_mib: 256,
    drafts: true,
    device: Processor::Cpu,
};

/// A model of the default profile; `None` when the environment asks to skip.
fn real(pick: fn(Profile) -> Option<kefu_models::Manifest>) -> Option<VerifiedModel> {
    if std::env::var("KEFU_SKIP_REAL_MODELS").as_deref() == Ok("1") {
        eprintln!("SKIPPED: KEFU_SKIP_REAL_MODELS=1, so nothing was tested with real models");
        return None;
    }
    let dir = default_models_dir().expect("HOME or XDG_CACHE_HOME names the cache folder");
    let settings = FetchSettings {
        offline: false,
        folder: None,
        hub_endpoint: None,
        hub_token: None,
        python: "python3".to_owned(),
        timeout: Duration::from_secs(120),
    };
    let manifest = pick(profile("default").unwrap()).expect("the default profile has it");
    match ModelCache::new(dir).pull(&manifest, &settings, &Unobserved) {
        Ok(model) => Some(model),
        Err(error) => panic!(
            "the real models are needed and could not be fetched: {error}\n\
             (set KEFU_SKIP_REAL_MODELS=1 to test without them)"
        ),
    }
}

fn embedder() -> Option<Arc<dyn Embedder>> {
    Some(load_embedder(&real(|p| p.embedder)?, &SETTINGS).unwrap())
}

fn generator() -> Option<Arc<dyn Generator>> {
    Some(load_generator(&real(|p| p.generator)?, &SETTINGS).unwrap())
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[derive(Deserialize)]
struct Reference {
    text: String,
    vector: Vec<f32>,
}

/// The fixture was computed in 64-bit arithmetic by a separate implementation of the network.
#[tokio::test]
async fn vectors_are_those_of_an_independent_computation() {
    let Some(embedder) = embedder() else { return };
    let references: Vec<Reference> =
        serde_json::from_str(include_str!("fixtures/all-minilm-l6-v2.json")).unwrap();
    for reference in references {
        let texts = [reference.text];
        let vector = embedder.embed(EmbedKind::Passage, &texts).await.unwrap().remove(0);
        let length = dot(&reference.vector, &reference.vector).sqrt();
        let cosine = dot(&vector, &reference.vector) / length;
        assert!(cosine > 0.999, "{:?}: cosine {cosine}", texts[0]);
    }
}

#[tokio::test]
async fn paraphrases_are_nearer_than_other_texts() {
    let Some(embedder) = embedder() else { return };
    let texts = [
        "How long do I have to return a pair of shoes?",
        "What is the time limit for sending shoes back?",
        "The kettle boils one litre of water in three minutes.",
    ]
    .map(String::from);
    let vectors = embedder.embed(EmbedKind::Query, &texts).await.unwrap();
    let near = dot(&vectors[0], &vectors[1]);
    let far = dot(&vectors[0], &vectors[2]);
    assert!(near > 0.6 && far < 0.2, "paraphrase {near}, unrelated {far}");
    assert_eq!(embedder.count_tokens("return the shoes"), 5);
}

async fn answer(generator: &dyn Generator, question: &str, max_tokens: usize) -> String {
    let system = "Answer in one short sentence.".to_owned();
    let messages = vec![
        PromptMessage { role: PromptRole::System, text: system },
        PromptMessage { role: PromptRole::User, text: question.to_owned() },
    ];
    let deadline = Deadline::after(Duration::from_secs(120));
    let request = GenerateRequest { messages, max_tokens, deadline };
    let mut stream = generator.generate(request).await.unwrap();
    let mut text = String::new();
    while let Some(event) = poll_fn(|context| stream.as_mut().poll_next(context)).await {
        if let GenerateEvent::Text(more) = event.unwrap() {
            text.push_str(&more);
        }
    }
    text
}

#[tokio::test]
async fn the_generator_answers_sensibly_and_the_same_each_time() {
    let Some(generator) = generator() else { return };
    let first = answer(generator.as_ref(), "What is the capital of France?", 40).await;
    assert!(first.contains("Paris"), "{first:?}");
    assert!(!first.contains("<|"), "{first:?}");
    let second = answer(generator.as_ref(), "What is the capital of France?", 40).await;
    assert_eq!(first, second);
}

#[tokio::test]
async fn the_generator_counts_as_its_makers_do() {
    let Some(generator) = generator() else { return };
    // Counted with the makers' own tokenizer: every digit is a token of its own.
    assert_eq!(generator.count_tokens("Return the shoes within 30 days, for 199.00 dollars."), 19);
    assert_eq!(generator.info().context_tokens, 4096);
}

/// Weights are re-quantised at load and the network is our own; candle's network on the original
/// weights must choose the same first words.
#[tokio::test]
async fn the_original_weights_choose_the_same_first_token() {
    let Some(model) = real(|p| p.generator) else { return };
    let generator = load_generator(&model, &SETTINGS).unwrap();
    let path = model.path(&model.manifest().files[0]);
    let mut file = std::fs::File::open(path).unwrap();
    let content = Content::read(&mut file).unwrap();
    let tokenizer = Tokenizer::from_gguf(&content).unwrap();
    let mut original = ModelWeights::from_gguf(content, &mut file, &Device::Cpu).unwrap();
    for question in ["What is the capital of France?", "Which animal gives us milk?"] {
        let prompt = format!(
            "<|im_start|>system\nAnswer in one short sentence.<|im_end|>\n\
             <|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n"
        );
        let ids = tokenizer.encode(prompt, false).unwrap().get_ids().to_vec();
        let input = Tensor::new(ids, &Device::Cpu).unwrap().unsqueeze(0).unwrap();
        let scores: Vec<f32> =
            original.forward(&input, 0).unwrap().flatten_all().unwrap().to_vec1().unwrap();
        let best = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap();
        let expected = tokenizer.decode(&[u32::try_from(best).unwrap()], true).unwrap();
        let found = answer(generator.as_ref(), question, 1).await;
        assert_eq!(found, expected, "{question}");
    }
}
