//! Networks of every family against candle's, and against themselves.

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::{llama, mistral, qwen2, qwen3};
use serde_json::{Value, json};

use super::*;
use crate::decoder::{Cache, Decoder, Segment, Wanted};
use crate::tiny::decoder::{N_TOKENS, TinyDecoder};

const FAMILIES: [TinyDecoder; 6] = [
    TinyDecoder { family: "llama", head_dim: 16, window: None },
    TinyDecoder { family: "mistral", head_dim: 24, window: None },
    TinyDecoder { family: "mistral", head_dim: 16, window: Some(9) },
    TinyDecoder { family: "qwen2", head_dim: 16, window: None },
    TinyDecoder { family: "qwen3", head_dim: 16, window: None },
    TinyDecoder { family: "qwen3", head_dim: 32, window: None },
];

fn load(tiny: &TinyDecoder) -> Decoder {
    let scratch = Scratch::new();
    let manifest = tiny.manifest();
    tiny.build(&scratch.folder(&manifest));
    let model = scratch.verified(&manifest);
    Decoder::load(&mut Safetensors::open(&model).unwrap(), N_TOKENS, None, 0).unwrap()
}

fn some_tokens(n: u32) -> Vec<u32> {
    (0..n).map(|n| 1 + n * 37 % 129).collect()
}

type Forward = Box<dyn FnMut(&Tensor) -> candle_core::Result<Tensor>>;

/// Scores after every token, from prompts that get longer by one.
fn expected(tiny: &TinyDecoder, tokens: &[u32]) -> Vec<Vec<f32>> {
    let weights = VarBuilder::from_tensors(tiny.tensors(), DType::F32, &Device::Cpu);
    let config = tiny.config();
    let mut forward: Forward = match tiny.family {
        "llama" => {
            let config: llama::LlamaConfig = serde_json::from_value(config).unwrap();
            let config = config.into_config(false);
            let model = llama::Llama::load(weights, &config).unwrap();
            Box::new(move |input| {
                let mut cache = llama::Cache::new(false, DType::F32, &config, &Device::Cpu)?;
                model.forward(input, 0, &mut cache)
            })
        }
        "mistral" => {
            let mut config: mistral::Config = serde_json::from_value(config).unwrap();
            // The window of the makers counts the token itself, candle's does not.
            config.sliding_window = config.sliding_window.map(|n| n - 1);
            let mut model = mistral::Model::new(&config, weights).unwrap();
            Box::new(move |input| {
                model.clear_kv_cache();
                model.forward(input, 0)
            })
        }
        "qwen2" => {
            let mut config = config;
            config["sliding_window"] = 512.into();
            let config: qwen2::Config = serde_json::from_value(config).unwrap();
            let mut model = qwen2::ModelForCausalLM::new(&config, weights).unwrap();
            Box::new(move |input| {
                model.clear_kv_cache();
                model.forward(input, 0)
            })
        }
        _ => {
            let config: qwen3::Config = serde_json::from_value(config).unwrap();
            let mut model = qwen3::ModelForCausalLM::new(&config, weights).unwrap();
            Box::new(move |input| {
                model.clear_kv_cache();
                model.forward(input, 0)
            })
        }
    };
    let scores = |n: usize| {
        let input = Tensor::new(&tokens[..n], &Device::Cpu).unwrap().unsqueeze(0).unwrap();
        forward(&input).unwrap().flatten_all().unwrap().to_vec1().unwrap()
    };
    (1..=tokens.len()).map(scores).collect()
}

fn read(decoder: &Decoder, pool: &Pool, cache: &mut Cache, tokens: &[u32]) -> Vec<Vec<f32>> {
    let mut segments = [Segment { cache, tokens, wanted: Wanted::All }];
    let scores = decoder.forward(pool, &mut segments).unwrap().concat();
    scores.chunks_exact(N_TOKENS).map(<[f32]>::to_vec).collect()
}

#[test]
fn scores_of_all_tokens_are_those_of_independent_networks() {
    for tiny in &FAMILIES {
        let tokens = some_tokens(40);
        let decoder = load(tiny);
        let mut cache = decoder.cache(100);
        let found = read(&decoder, &Pool::new(1, "test"), &mut cache, &tokens);
        for (n, (found, expected)) in found.iter().zip(expected(tiny, &tokens)).enumerate() {
            let cosine = super::scores::cosine(found, &expected);
            assert!(cosine > 0.999, "{} {:?} token {n}: {cosine}", tiny.family, tiny.window);
        }
    }
}

#[test]
fn passes_threads_and_neighbours_change_no_bit() {
    for tiny in &FAMILIES {
        let tokens = some_tokens(150);
        let decoder = load(tiny);
        let whole = read(&decoder, &Pool::new(1, "test"), &mut decoder.cache(150), &tokens);
        let pool = Pool::new(3, "test");
        for n in [1, 7, 32, 33, 64, 150] {
            let mut cache = decoder.cache(150);
            let parts = tokens.chunks(n).flat_map(|some| read(&decoder, &pool, &mut cache, some));
            assert!(parts.collect::<Vec<_>>() == whole, "{} by {n}", tiny.family);
        }
        let other = some_tokens(90);
        for n in [2, 60] {
            let (mut one, mut two) = (decoder.cache(150), decoder.cache(150));
            read(&decoder, &pool, &mut one, &tokens[..20]);
            let mut segments = [
                Segment { cache: &mut two, tokens: &other[..n], wanted: Wanted::Last },
                Segment { cache: &mut one, tokens: &tokens[20..20 + n], wanted: Wanted::All },
            ];
            let scores = decoder.forward(&pool, &mut segments).unwrap();
            assert!(scores[1] == whole[20..20 + n].concat(), "{} beside another", tiny.family);
            assert_eq!(scores[0].len(), N_TOKENS);
        }
    }
}

#[test]
fn snapshots_are_cut_and_go_on_apart() {
    let decoder = load(&FAMILIES[4]);
    let pool = Pool::new(2, "test");
    let tokens = some_tokens(70);
    let mut cache = decoder.cache(150);
    let whole = read(&decoder, &pool, &mut cache, &tokens);
    let mut fork = cache.clone();
    fork.truncate(37);
    assert_eq!((fork.n_tokens(), fork.room()), (37, 113));
    read(&decoder, &pool, &mut fork, &some_tokens(60)[50..]);
    fork.truncate(37);
    assert!(read(&decoder, &pool, &mut fork, &tokens[37..]) == whole[37..], "after a cut");
    cache.truncate(69);
    assert!(read(&decoder, &pool, &mut cache, &tokens[69..]) == whole[69..], "the original");
}

#[test]
fn full_pages_can_be_taken_over() {
    let decoder = load(&FAMILIES[0]);
    let pool = Pool::new(2, "test");
    let tokens = some_tokens(70);
    let mut cache = decoder.cache(150);
    let whole = read(&decoder, &pool, &mut cache, &tokens);
    let mut other = decoder.cache(40);
    assert!(other.append(&cache.leaf(0).unwrap()) && other.append(&cache.leaf(1).unwrap()));
    assert!(!other.append(&cache.leaf(2).unwrap()), "no room");
    assert!(cache.leaf(4).is_none(), "not full");
    assert!(read(&decoder, &pool, &mut other, &tokens[32..40]) == whole[32..40]);
}

#[test]
fn what_cannot_be_read_changes_nothing() {
    let decoder = load(&FAMILIES[0]);
    let pool = Pool::new(1, "test");
    let mut cache = decoder.cache(20);
    for tokens in [some_tokens(21), vec![1, 2, 130]] {
        let segment = Segment { cache: &mut cache, tokens: &tokens, wanted: Wanted::Last };
        assert!(decoder.forward(&pool, &mut [segment]).is_err());
        assert_eq!(cache.n_tokens(), 0);
    }
}

#[tokio::test]
async fn a_folder_of_safetensors_answers() {
    let tiny = &FAMILIES[4];
    let scratch = Scratch::new();
    let manifest = tiny.manifest();
    tiny.build(&scratch.folder(&manifest));
    let model = scratch.verified(&manifest);
    let (engine, prompter) = load_parts(&model, ChatProtocol::Chatml, &SETTINGS, None).unwrap();
    let text = "hello <|im_end|> <b>".to_owned();
    let message = PromptMessage { role: PromptRole::User, text };
    let ids = prompter.encode(&[message], &engine.vocabulary).unwrap();
    assert_eq!(ids.iter().filter(|id| **id >= 100).collect::<Vec<_>>(), [&100, &101, &100]);
    let written: Vec<u8> =
        ids.iter().flat_map(|id| engine.vocabulary.bytes(*id)).copied().collect();
    let written = String::from_utf8(written).unwrap();
    assert_eq!(written, "user\nhello <|im_end|> <b>\nassistant\n");
    assert_eq!((engine.vocabulary.count("hello"), engine.vocabulary.bytes(102)), (3, &b"<b>"[..]));
    assert!(engine.vocabulary.is_end(101) && !engine.vocabulary.is_end(100));
    let generator = load_generator(&model, &SETTINGS).unwrap();
    let (_, _, n_tokens) = finish(generator.generate(request("hello", 20)).await.unwrap()).await;
    assert!(n_tokens > 0);
}

#[test]
fn windows_and_positions_are_taken_as_the_files_say() {
    let tiny = TinyDecoder { family: "qwen2", head_dim: 16, window: Some(9) };
    let window = |change: &[(&str, Value)]| {
        let scratch = Scratch::new();
        let manifest = tiny.manifest();
        let folder = scratch.folder(&manifest);
        tiny.build(&folder);
        let mut config = tiny.config();
        for (key, value) in change {
            config[*key] = value.clone();
        }
        crate::tiny::write(&folder.join("config.json"), config.to_string());
        let model = scratch.verified(&manifest);
        let hyper = Safetensors::open(&model).unwrap().hyper();
        hyper.map(|hyper| hyper.heads.window)
    };
    let used = ("use_sliding_window", json!(true));
    let from_layer = |n: usize| [used.clone(), ("max_window_layers", json!(n))];
    assert_eq!(window(&[]).unwrap(), usize::MAX, "it is not used");
    assert_eq!(window(&from_layer(0)).unwrap(), 9);
    assert_eq!(window(&from_layer(2)).unwrap(), usize::MAX, "no layer uses it");
    let kinds = ["full_attention", "sliding_attention"];
    for refused in [
        from_layer(1).to_vec(),
        vec![used, ("layer_types", json!(kinds))],
        vec![("rope_scaling", json!({"rope_type": "linear", "factor": 2.0}))],
        vec![("rope_parameters", json!({"rope_type": "yarn", "rope_theta": 1000.0}))],
    ] {
        let found = window(&refused);
        assert!(matches!(found, Err(ModelsError::Unsupported { .. })), "{refused:?}: {found:?}");
    }
}
