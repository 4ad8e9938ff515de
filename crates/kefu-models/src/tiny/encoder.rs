use std::collections::HashMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use serde_json::{Value, json};

use super::{Numbers, write};
use crate::manifest::Manifest;

const WIDTH: usize = 32;
const HIDDEN: usize = 64;
const N_LAYERS: usize = 2;
const N_POSITIONS: usize = 64;
const SPECIALS: [&str; 4] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];

/// The manifest of a tiny encoder that reads up to 48 tokens.
pub(crate) fn manifest(role: &str, family: &str) -> Manifest {
    let text = format!(
        "id = 'tiny-{role}'\nrole = '{role}'\nfamily = '{family}'\nlanguages = ['en']\n\
         licence = 'MIT'\ndimensions = {WIDTH}\npooling = 'mean'\nmax_tokens = 48\n\
         files = ['config.json', 'tokenizer.json', 'model.safetensors']\n"
    );
    Manifest::from_toml("tiny", &text).expect("a manifest")
}

/// Writes a tiny encoder of the manifest's family into a folder.
pub(crate) fn build(folder: &Path, family: &str) {
    write(&folder.join("tokenizer.json"), tokenizer().to_string());
    write(&folder.join("config.json"), config(family).to_string());
    let path = folder.join("model.safetensors");
    candle_core::safetensors::save(&weights(family), path).expect("weights are written");
}

/// Its configuration.
pub(crate) fn config(family: &str) -> Value {
    json!({
        "model_type": family, "vocab_size": vocabulary().len(), "hidden_size": WIDTH,
        "num_hidden_layers": N_LAYERS, "num_attention_heads": 4, "intermediate_size": HIDDEN,
        "hidden_act": "gelu", "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0,
        "max_position_embeddings": N_POSITIONS, "type_vocab_size": 2, "initializer_range": 0.02,
        "layer_norm_eps": 1e-12, "pad_token_id": 0, "position_embedding_type": "absolute",
    })
}

/// A word-piece tokenizer that knows single letters.
pub(crate) fn tokenizer() -> Value {
    let vocabulary: serde_json::Map<String, Value> =
        vocabulary().into_iter().enumerate().map(|(id, token)| (token, json!(id))).collect();
    let special = |id: usize, token: &str| {
        json!({"id": id, "content": token, "special": true, "single_word": false,
               "lstrip": false, "rstrip": false, "normalized": false})
    };
    let added: Vec<Value> = SPECIALS.iter().enumerate().map(|(id, t)| special(id, t)).collect();
    let named =
        |token: &str, type_id: usize| json!({"SpecialToken": {"id": token, "type_id": type_id}});
    let text = |name: &str, type_id: usize| json!({"Sequence": {"id": name, "type_id": type_id}});
    json!({
        "version": "1.0", "added_tokens": added, "decoder": null,
        // As shipped by some models; must be overridden.
        "truncation": {"max_length": 8, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        "padding": {"strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": null,
                    "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                       "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing",
            "single": [named("[CLS]", 0), text("A", 0), named("[SEP]", 0)],
            "pair": [named("[CLS]", 0), text("A", 0), named("[SEP]", 0), text("B", 0), named("[SEP]", 0)],
            "special_tokens": {
                "[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": vocabulary},
    })
}

fn vocabulary() -> Vec<String> {
    let letters = 'a'..='z';
    let first = letters.clone().map(String::from);
    let later = letters.map(|c| format!("##{c}"));
    SPECIALS.iter().map(ToString::to_string).chain(first).chain(later).chain([".".into()]).collect()
}

fn weights(family: &str) -> HashMap<String, Tensor> {
    let mut numbers = Numbers::new(7);
    let mut all = HashMap::new();
    let root = if family == "bert" { "" } else { "roberta." };
    let mut add = |name: &str, shape: &[usize], scale: f32| {
        all.insert(name.to_owned(), numbers.tensor(shape, scale));
    };
    add(&format!("{root}embeddings.word_embeddings.weight"), &[vocabulary().len(), WIDTH], 1.0);
    add(&format!("{root}embeddings.position_embeddings.weight"), &[N_POSITIONS, WIDTH], 0.3);
    add(&format!("{root}embeddings.token_type_embeddings.weight"), &[2, WIDTH], 0.1);
    let mut norms = vec![format!("{root}embeddings.LayerNorm")];
    for n in 0..N_LAYERS {
        let layer = format!("{root}encoder.layer.{n}");
        let linears = [
            ("attention.self.query", WIDTH, WIDTH),
            ("attention.self.key", WIDTH, WIDTH),
            ("attention.self.value", WIDTH, WIDTH),
            ("attention.output.dense", WIDTH, WIDTH),
            ("intermediate.dense", HIDDEN, WIDTH),
            ("output.dense", WIDTH, HIDDEN),
        ];
        for (name, n_out, n_in) in linears {
            add(&format!("{layer}.{name}.weight"), &[n_out, n_in], 0.4);
            add(&format!("{layer}.{name}.bias"), &[n_out], 0.1);
        }
        norms.push(format!("{layer}.attention.output.LayerNorm"));
        norms.push(format!("{layer}.output.LayerNorm"));
    }
    if family != "bert" {
        for (name, n_out) in [("classifier.dense", WIDTH), ("classifier.out_proj", 1)] {
            add(&format!("{name}.weight"), &[n_out, WIDTH], 0.4);
            add(&format!("{name}.bias"), &[n_out], 0.1);
        }
    }
    for norm in norms {
        all.insert(
            format!("{norm}.weight"),
            Tensor::ones(WIDTH, candle_core::DType::F32, &Device::Cpu).expect("ones"),
        );
        all.insert(
            format!("{norm}.bias"),
            Tensor::zeros(WIDTH, candle_core::DType::F32, &Device::Cpu).expect("zeros"),
        );
    }
    all
}
