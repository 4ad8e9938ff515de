//! Answers a timing script line by line and writes what it took: `{"what": "batch", "texts": …}` and
//! `"single"` embed, `"rss"` tells the memory, everything else with `"system"`, `"user"`, `"new"` and
//! `"parallel"` generates. `benches/peers.md` says how it is used.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a tool")]

use std::future::poll_fn;
use std::io::BufRead;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kefu_core::Deadline;
use kefu_core::ports::{
    EmbedKind, Embedder, GenerateEvent, GenerateRequest, Generator, PromptMessage, PromptRole,
};
use kefu_models::{
    Manifest, ModelCache, Processor, RuntimeSettings, default_models_dir, load_embedder,
    load_generator, profile,
};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let argument = |name: &str, default: usize| {
        let found = std::env::args().find_map(|a| a.strip_prefix(name)?.parse().ok());
        found.unwrap_or(default)
    };
    let settings = RuntimeSettings {
        max_waiting: 8,
        threads: argument("--threads=", 0),
        n_parallel: 4,
        cache_mib: 256,
        drafts: argument("--drafts=", 1) == 1,
        device: Processor::Auto,
    };
    let profile = profile("default").unwrap();
    let cache = ModelCache::new(default_models_dir().unwrap());
    let verified = |manifest: Option<Manifest>| cache.verify(&manifest.unwrap()).unwrap();
    let embedder = load_embedder(&verified(profile.embedder), &settings).unwrap();
    let model = verified(profile.generator);
    let started = Instant::now();
    let generator = load_generator(&model, &settings).unwrap();
    println!("{}", json!({"load_s": started.elapsed().as_secs_f64()}));
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let what = request.get("what").and_then(Value::as_str).unwrap_or_default();
        let reply = match what {
            "rss" => json!(resident_mib()),
            "batch" | "single" => embed(&embedder, what == "batch", &request).await,
            _ => answer(&generator, &request).await,
        };
        println!("{reply}");
    }
}

fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}

/// Texts per second of all at once, or the median and the 95th percentile of one after the other,
/// in milliseconds.
async fn embed(embedder: &Arc<dyn Embedder>, is_batch: bool, request: &Value) -> Value {
    let texts: Vec<String> = serde_json::from_value(request["texts"].clone()).unwrap();
    let started = Instant::now();
    if is_batch {
        embedder.embed(EmbedKind::Passage, &texts).await.unwrap();
        return json!(texts.len() as f64 / started.elapsed().as_secs_f64());
    }
    let mut all = Vec::new();
    for text in texts {
        let started = Instant::now();
        embedder.embed(EmbedKind::Query, &[text]).await.unwrap();
        all.push(started.elapsed().as_secs_f64() * 1e3);
    }
    all.sort_by(f64::total_cmp);
    json!([all[all.len() / 2], all[all.len() * 95 / 100]])
}

async fn answer(generator: &Arc<dyn Generator>, request: &Value) -> Value {
    let text = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default();
    let number =
        |name: &str, default: u64| request.get(name).and_then(Value::as_u64).unwrap_or(default);
    let n_new = usize::try_from(number("new", 1)).unwrap();
    let started = Instant::now();
    let mut tasks = Vec::new();
    for idx in 0..number("parallel", 1) {
        let generator = Arc::clone(generator);
        let user = text("user").replace("{n}", &idx.to_string());
        let system = text("system").to_owned();
        tasks.push(tokio::spawn(async move { one(generator.as_ref(), system, user, n_new).await }));
    }
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    let total = started.elapsed().as_secs_f64();
    let n_tokens: usize = all.iter().map(|one| one.n_new).sum();
    let first = &all[0];
    json!({"n": first.n_prompt, "ttft": first.first, "prefill": first.n_prompt as f64 / first.first,
        "decode": (first.n_new as f64 - 1.0) / first.rest, "text": first.text,
        "n_new": n_tokens, "total_s": total})
}

struct One {
    first: f64,
    rest: f64,
    text: String,
    n_prompt: usize,
    n_new: usize,
}

async fn one(generator: &dyn Generator, system: String, user: String, max_tokens: usize) -> One {
    let message = |role, text| PromptMessage { role, text };
    let messages = vec![message(PromptRole::System, system), message(PromptRole::User, user)];
    let deadline = Deadline::after(Duration::from_secs(300));
    let started = Instant::now();
    let request = GenerateRequest { messages, max_tokens, deadline };
    let mut stream = generator.generate(request).await.unwrap();
    let mut first = None;
    let mut text = String::new();
    loop {
        let event = poll_fn(|context| stream.as_mut().poll_next(context)).await.unwrap().unwrap();
        first.get_or_insert_with(|| started.elapsed().as_secs_f64());
        match event {
            GenerateEvent::Text(more) => text.push_str(&more),
            GenerateEvent::Done { n_prompt_tokens, n_generated_tokens, .. } => {
                let first = first.unwrap_or_default();
                let rest = started.elapsed().as_secs_f64() - first;
                return One {
                    first,
                    rest,
                    text,
                    n_prompt: n_prompt_tokens,
                    n_new: n_generated_tokens,
                };
            }
        }
    }
}
