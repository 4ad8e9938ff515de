//! The network's scores against independent implementations and against itself.

use candle_core::quantized::{GgmlDType, gguf_file};
use candle_core::{Device, Tensor};
use candle_transformers::models::{quantized_llama, quantized_qwen3};

use super::{SETTINGS, parts, verified};
use crate::decoder::{Segment, Wanted};
use crate::generator::load_parts;
use crate::generator::schedule::Engine;
use crate::manifest::ChatProtocol;
use crate::tiny::generator::Tiny;

pub(super) fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn scores(engine: &Engine, blocks: &[&[u32]]) -> Vec<f32> {
    let mut cache = engine.decoder.cache(200);
    let mut scores = Vec::new();
    for tokens in blocks {
        let segment = Segment { cache: &mut cache, tokens, wanted: Wanted::Last };
        scores = engine.decoder.forward(&engine.pool, &mut [segment]).unwrap().concat();
    }
    scores
}

fn some_tokens() -> Vec<u32> {
    (0..40).map(|n| 4 + n * 37 % 250).collect()
}

#[test]
fn scores_are_those_of_an_independent_llama() {
    let (_scratch, model) = verified(&Tiny::random("llama"));
    let mut file = std::fs::File::open(model.path("tiny.gguf")).unwrap();
    let content = gguf_file::Content::read(&mut file).unwrap();
    let mut oracle =
        quantized_llama::ModelWeights::from_gguf(content, &mut file, &Device::Cpu).unwrap();
    let tokens = some_tokens();
    let input = Tensor::new(tokens.as_slice(), &Device::Cpu).unwrap().unsqueeze(0).unwrap();
    let expected: Vec<f32> =
        oracle.forward(&input, 0).unwrap().squeeze(0).unwrap().to_vec1().unwrap();
    let (engine, _) = load_parts(&model, ChatProtocol::Chatml, &SETTINGS, None).unwrap();
    let found = scores(&engine, &[&tokens]);
    assert!(cosine(&found, &expected) > 0.999, "cosine {}", cosine(&found, &expected));
}

#[test]
fn scores_are_those_of_an_independent_qwen3() {
    let (_scratch, model) = verified(&Tiny { pre_tokenizer: "qwen2", ..Tiny::random("qwen3") });
    let mut file = std::fs::File::open(model.path("tiny.gguf")).unwrap();
    let content = gguf_file::Content::read(&mut file).unwrap();
    let mut oracle =
        quantized_qwen3::ModelWeights::from_gguf(content, &mut file, &Device::Cpu).unwrap();
    let tokens = some_tokens();
    let input = Tensor::new(tokens.as_slice(), &Device::Cpu).unwrap().unsqueeze(0).unwrap();
    let expected: Vec<f32> =
        oracle.forward(&input, 0).unwrap().flatten_all().unwrap().to_vec1().unwrap();
    let (engine, _) = load_parts(&model, ChatProtocol::Chatml, &SETTINGS, None).unwrap();
    let found = scores(&engine, &[&tokens]);
    assert!(cosine(&found, &expected) > 0.999, "cosine {}", cosine(&found, &expected));
}

#[test]
fn a_prompt_gives_the_same_scores_whole_and_in_blocks() {
    for family in ["llama", "qwen3"] {
        let (engine, _) = parts(&Tiny::random(family));
        let tokens = some_tokens();
        let whole = scores(&engine, &[&tokens]);
        let blocks: Vec<&[u32]> = tokens.chunks(16).collect();
        let single: Vec<&[u32]> = tokens.chunks(1).collect();
        assert!(cosine(&whole, &scores(&engine, &blocks)) > 0.999, "{family} in blocks");
        assert!(cosine(&whole, &scores(&engine, &single)) > 0.999, "{family} one by one");
        let reversed: Vec<u32> = tokens.iter().rev().copied().collect();
        assert!(cosine(&whole, &scores(&engine, &[&reversed])) < 0.99, "{family}: order");
    }
}

#[test]
fn requantised_weights_give_nearly_the_same_scores() {
    let (plain, _) = parts(&Tiny { quantisation: GgmlDType::F32, ..Tiny::random("llama") });
    let tokens = some_tokens();
    let exact = scores(&plain, &[&tokens]);
    for quantisation in [GgmlDType::Q4_0, GgmlDType::Q4_1, GgmlDType::Q5_1, GgmlDType::F16] {
        let (engine, _) = parts(&Tiny { quantisation, ..Tiny::random("llama") });
        let found = cosine(&exact, &scores(&engine, &[&tokens]));
        assert!(found > 0.95, "{quantisation:?}: cosine {found}");
    }
}
