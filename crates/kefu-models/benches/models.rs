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
    ModelCache, Processor, RuntimeSettings, configure_threads, default_models_dir, load_embedder,
    load_generator, profile,
};
use tokio::runtime::{Builder, Runtime};

const SETTINGS: RuntimeSettings = RuntimeSettings {
    max_waiting: 8,
    threads: 0,
    n_parallel: 4,
    cache_mib: 256,
    drafts: true,
    device: Processor::Cpu,
};
const WORDS: [&str; 3] = ["items", "sent", "back"];
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
    // Texts that were embedded before are remembered, so each is a new one.
    let mut n_made = 0;
    let mut text = move |n_words: usize| -> String {
        // Words of one token each, two special tokens around them.
        n_made += 1;
        let words = (0..n_words).map(|idx| WORDS[n_made / 3_usize.pow(idx as u32 % 12) % 3]);
        words.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(embedder.count_tokens(&text(14)), 16);
    group.bench_function("query of 16 tokens", |bencher| {
        bencher.iter(|| {
            let query = [text(14)];
            runtime.block_on(embedder.embed(EmbedKind::Query, black_box(&query))).unwrap()
        });
    });
    let mut passages = |n_texts: usize, n_words: usize| {
        let name = format!("{n_texts} of {} tokens", n_words + 2);
        group.throughput(Throughput::Elements(n_texts as u64)).sample_size(10);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let texts: Vec<String> = (0..n_texts).map(|_| text(n_words)).collect();
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
    let model = cache().verify(&manifest).unwrap();
    let generator = load_generator(&model, &SETTINGS).unwrap();
    let plain = load_generator(&model, &RuntimeSettings { drafts: false, ..SETTINGS }).unwrap();
    let runtime = runtime();
    let mut group = criterion.benchmark_group("generate");
    group.sample_size(10);
    // Beginnings that were read before are remembered, so each prompt begins with a new number.
    let mut n_made = 0;
    let mut number = || {
        n_made += 1;
        n_made
    };
    for (n_tokens, n_sentences) in [(400, 22), (1000, 59)] {
        group.throughput(Throughput::Elements(n_tokens));
        let long = SENTENCE.repeat(n_sentences);
        group.bench_function(format!("prompt of {n_tokens} tokens"), |bencher| {
            bencher
                .iter(|| runtime.block_on(run(plain.as_ref(), &format!("{} {long}", number()), 1)));
        });
        group.bench_function(format!("prompt of {n_tokens} tokens, end new"), |bencher| {
            bencher.iter(|| {
                runtime.block_on(run(plain.as_ref(), &format!("{long} {}?", number()), 1))
            });
        });
    }
    let story = "Tell me a long story about a shop that sells shoes.";
    let quote = format!("{}\nRepeat the text above.", SENTENCE.repeat(3));
    for (name, generator) in [("plain", &plain), ("with drafts", &generator)] {
        group.throughput(Throughput::Elements(64));
        group.bench_function(format!("answer of 64 tokens, {name}"), |bencher| {
            bencher.iter(|| runtime.block_on(run(generator.as_ref(), story, 64)));
        });
        group.throughput(Throughput::Elements(48));
        group.bench_function(format!("quotation of 48 tokens, {name}"), |bencher| {
            bencher.iter(|| runtime.block_on(run(generator.as_ref(), &quote, 48)));
        });
    }
    group.throughput(Throughput::Elements(4 * 64));
    group.bench_function("four answers of 64 tokens", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let four = [1, 2, 3, 4].map(|n| {
                    let (generator, story) = (plain.clone(), format!("{story} {n}"));
                    tokio::spawn(async move { run(generator.as_ref(), &story, 64).await })
                });
                for one in four {
                    one.await.unwrap();
                }
            });
        });
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
