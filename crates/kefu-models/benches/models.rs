//! Speed of the default profile's models: `cargo bench -p kefu-models`. Needs the models, see
//! `kefu models pull`.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails loudly")]

use std::future::poll_fn;
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group};
use kefu_core::Deadline;
use kefu_core::ports::{
    EmbedKind, GenerateEvent, GenerateRequest, Generator, PromptMessage, PromptRole,
};
use kefu_models::{
    ModelCache, RuntimeSettings, configure_threads, default_models_dir, load_embedder,
    load_generator, profile,
};
use tokio::runtime::{Builder, Runtime};

const SETTINGS: RuntimeSettings =
    RuntimeSettings { max_waiting: 8, threads: 0, n_parallel: 4, cache_mib: 256 };
const SENTENCE: &str = "Items may be sent back within thirty days of delivery if they are unworn. ";

fn cache() -> ModelCache {
    ModelCache::new(default_models_dir().expect("a cache folder"))
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime")
}

fn embedding(criterion: &mut Criterion) {
    let manifest = profile("default").unwrap().embedder.expect("an embedder");
    let embedder = load_embedder(&cache().verify(&manifest).unwrap(), &SETTINGS).unwrap();
    let runtime = runtime();
    let mut group = criterion.benchmark_group("embed");
    let query = ["How long do I have to return a pair of shoes, please?".to_owned()];
    assert_eq!(embedder.count_tokens(&query[0]), 16);
    group.bench_function("query of 16 tokens", |bencher| {
        bencher.iter(|| {
            runtime.block_on(embedder.embed(EmbedKind::Query, black_box(&query))).unwrap()
        });
    });
    let mut passages = |n_texts: usize, n_words: usize| {
        // Words of one token each, two special tokens around them.
        let text = "items sent back ".repeat(n_words.div_ceil(3));
        let text = text.split(' ').take(n_words).collect::<Vec<_>>().join(" ");
        let texts = vec![text; n_texts];
        let name = format!("{n_texts} of {} tokens", embedder.count_tokens(&texts[0]));
        group.throughput(Throughput::Elements(n_texts as u64)).sample_size(10);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                runtime.block_on(embedder.embed(EmbedKind::Passage, black_box(&texts))).unwrap()
            });
        });
    };
    passages(8, 23);
    passages(64, 14);
    passages(64, 62);
    passages(64, 126);
    group.finish();
}

fn generation(criterion: &mut Criterion) {
    let manifest = profile("default").unwrap().generator.expect("a generator");
    let generator = load_generator(&cache().verify(&manifest).unwrap(), &SETTINGS).unwrap();
    let runtime = runtime();
    let mut group = criterion.benchmark_group("generate");
    group.sample_size(10);
    group.throughput(Throughput::Elements(400));
    let long = SENTENCE.repeat(22);
    group.bench_function("prompt of 400 tokens", |bencher| {
        bencher.iter(|| runtime.block_on(run(generator.as_ref(), &long, 1)));
    });
    group.throughput(Throughput::Elements(64));
    group.bench_function("answer of 64 tokens", |bencher| {
        let question = "Tell me a long story about a shop that sells shoes.";
        bencher.iter(|| runtime.block_on(run(generator.as_ref(), question, 64)));
    });
    group.finish();
}

async fn run(generator: &dyn Generator, text: &str, max_tokens: usize) -> usize {
    let messages = vec![PromptMessage { role: PromptRole::User, text: text.to_owned() }];
    let deadline = Deadline::after(Duration::from_secs(120));
    let request = GenerateRequest { messages, max_tokens, deadline };
    let mut stream = generator.generate(request).await.unwrap();
    let mut n_tokens = 0;
    while let Some(event) = poll_fn(|context| stream.as_mut().poll_next(context)).await {
        if let GenerateEvent::Done { n_generated_tokens, .. } = event.unwrap() {
            n_tokens = n_generated_tokens;
        }
    }
    n_tokens
}

criterion_group!(models, embedding, generation);

fn main() {
    configure_threads(0);
    models();
    Criterion::default().configure_from_args().final_summary();
}
