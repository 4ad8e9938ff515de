//! The generator of the `default` profile against its own weights in plain numbers. Fetched once
//! into the cache folder that `kefu` uses; skipped with `KEFU_SKIP_REAL_MODELS=1`.

use std::io::Cursor;

use candle_core::quantized::{GgmlDType, QTensor, gguf_file};
use candle_core::{Device, Tensor};
use candle_transformers::models::quantized_llama::ModelWeights;

use super::*;
use crate::cache::{ModelCache, default_models_dir};
use crate::decoder::{Segment, Wanted};
use crate::fetch::Unobserved;
use crate::tiny::offline;

/// Ordinary text of the kind that answers are made of.
const TEXT: &str = "Items may be sent back within thirty days of delivery if they are unworn and in \
    their box. To start a return, open the order in your account, choose the items and print the \
    label. We refund the price to the card that was used for the purchase, usually within five \
    working days after the parcel has reached our warehouse. The cost of sending is not refunded \
    unless the item was damaged or we made a mistake. If a parcel does not arrive within ten working \
    days, please write to us with the number of the order. We will ask the carrier where it is, and \
    if it cannot be found we send the items again or pay back the whole amount. Gift cards cannot be \
    returned, and neither can underwear or earrings, for reasons of hygiene. The warranty lasts two \
    years from the day of delivery; keep the receipt, because it is needed for every repair.";

/// The network with all weights as plain numbers, computed by candle.
fn plain(model: &VerifiedModel) -> ModelWeights {
    let mut file = std::fs::File::open(model.path(&model.manifest().files[0])).unwrap();
    let content = gguf_file::Content::read(&mut file).unwrap();
    let names: Vec<&String> = content.tensor_infos.keys().collect();
    let plain = |name: &&String| {
        let stored = content.tensor(&mut file, name, &Device::Cpu).unwrap();
        let plain = stored.dequantize(&Device::Cpu).unwrap();
        QTensor::quantize(&plain, GgmlDType::F32).unwrap()
    };
    let tensors: Vec<QTensor> = names.iter().map(plain).collect();
    let named: Vec<(&str, &QTensor)> = names.iter().map(|n| n.as_str()).zip(&tensors).collect();
    let metadata: Vec<(&str, &gguf_file::Value)> =
        content.metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
    let mut bytes = Cursor::new(Vec::new());
    gguf_file::write(&mut bytes, &metadata, &named).unwrap();
    bytes.set_position(0);
    let content = gguf_file::Content::read(&mut bytes).unwrap();
    ModelWeights::from_gguf(content, &mut bytes, &Device::Cpu).unwrap()
}

/// What a token costs that follows these scores.
fn loss(scores: &[f32], token: u32) -> f64 {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f64 = scores.iter().map(|score| f64::from(score - highest).exp()).sum();
    total.ln() - f64::from(scores[token as usize] - highest)
}

fn best(scores: &[f32]) -> u32 {
    let best = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap();
    u32::try_from(best).unwrap()
}

#[test]
#[expect(clippy::print_stderr, reason = "says what was not tested")]
fn rounding_costs_no_quality() {
    if std::env::var("KEFU_SKIP_REAL_MODELS").as_deref() == Ok("1") {
        eprintln!("SKIPPED: KEFU_SKIP_REAL_MODELS=1, so nothing was tested with real models");
        return;
    }
    let manifest = crate::catalogue::profile("default").unwrap().generator.unwrap();
    let cache = ModelCache::new(default_models_dir().unwrap());
    let fetching = crate::fetch::FetchSettings { offline: false, ..offline() };
    let model = cache.pull(&manifest, &fetching, &Unobserved).unwrap();
    let (engine, prompter) = load_parts(&model, ChatProtocol::Chatml, &SETTINGS, None).unwrap();
    let mut oracle = plain(&model);
    let mut expected = |token: u32, position: usize| -> Vec<f32> {
        let input = Tensor::new(&[[token]], &Device::Cpu).unwrap();
        oracle.forward(&input, position).unwrap().flatten_all().unwrap().to_vec1().unwrap()
    };
    let tokens = engine.vocabulary.encode(TEXT).unwrap();
    let mut cache = engine.decoder.cache(500);
    let segment = Segment { cache: &mut cache, tokens: &tokens, wanted: Wanted::All };
    let found = engine.decoder.forward(&engine.pool, &mut [segment]).unwrap().concat();
    let (mut own, mut exact, mut n_agreeing) = (0.0, 0.0, 0);
    for (position, found) in found.chunks_exact(engine.vocabulary.len()).enumerate() {
        let expected = expected(tokens[position], position);
        if let Some(next) = tokens.get(position + 1) {
            own += loss(found, *next);
            exact += loss(&expected, *next);
        }
        n_agreeing += usize::from(best(found) == best(&expected));
    }
    let n = tokens.len() as f64 - 1.0;
    let (own, exact) = ((own / n).exp(), (exact / n).exp());
    eprintln!(
        "perplexity {own:.3}, in plain numbers {exact:.3}; {n_agreeing} of {} agree",
        tokens.len()
    );
    let (greedy, n_prompt) = greedy(&engine, &prompter);
    for (position, next) in greedy.iter().enumerate().skip(1) {
        let scores = expected(greedy[position - 1], position - 1);
        if position >= n_prompt {
            assert_eq!(best(&scores), *next, "token {} of the answer", position - n_prompt);
        }
    }
    assert!(own < exact * 1.01, "perplexity {own}, in plain numbers {exact}");
    assert!(n_agreeing * 100 >= tokens.len() * 95, "{n_agreeing} of {} choices", tokens.len());
}

/// A prompt and the greedy answer to it, and how long the prompt is.
fn greedy(engine: &Engine, prompter: &Prompter) -> (Vec<u32>, usize) {
    let text = "How can I return a pair of shoes?".to_owned();
    let message = PromptMessage { role: PromptRole::User, text };
    let mut tokens = prompter.encode(&[message], &engine.vocabulary).unwrap();
    let n_prompt = tokens.len();
    let mut cache = engine.decoder.cache(200);
    while tokens.len() < n_prompt + 32 {
        let new = &tokens[cache.n_tokens()..];
        let segment = Segment { cache: &mut cache, tokens: new, wanted: Wanted::Last };
        let scores = engine.decoder.forward(&engine.pool, &mut [segment]).unwrap().concat();
        tokens.push(best(&scores));
    }
    (tokens, n_prompt)
}
