//! Random decoders as safetensors with `config.json`.

use std::collections::HashMap;
use std::path::Path;

use candle_core::Tensor;
use serde_json::{Value, json};

use super::generator::CHATML;
use super::{Numbers, write};
use crate::manifest::Manifest;

const WIDTH: usize = 64;
const HIDDEN: usize = 96;
const N_LAYERS: usize = 2;
const N_HEADS: usize = 4;
const N_KV_HEADS: usize = 2;
pub(crate) const N_TOKENS: usize = 130;

/// What the files hold.
pub(crate) struct TinyDecoder {
    pub(crate) family: &'static str,
    pub(crate) head_dim: usize,
    pub(crate) window: Option<usize>,
}

impl TinyDecoder {
    pub(crate) fn manifest(&self) -> Manifest {
        let text = format!(
            "id = 'tiny-decoder'\nrole = 'generator'\nfamily = '{}'\nlanguages = ['en']\n\
             licence = 'MIT'\nmax_tokens = 512\nchat = 'chatml'\n\
             files = ['config.json', 'model.safetensors', 'tokenizer.json', \
             'tokenizer_config.json']\n",
            self.family
        );
        Manifest::from_toml("tiny", &text).expect("a manifest")
    }

    pub(crate) fn config(&self) -> Value {
        json!({
            "model_type": self.family,
            "vocab_size": N_TOKENS,
            "hidden_size": WIDTH,
            "intermediate_size": HIDDEN,
            "num_hidden_layers": N_LAYERS,
            "num_attention_heads": N_HEADS,
            "num_key_value_heads": N_KV_HEADS,
            "head_dim": self.head_dim,
            "max_position_embeddings": 512,
            "rms_norm_eps": 1e-6,
            "rope_theta": 1000.0,
            "rope_scaling": null,
            "tie_word_embeddings": false,
            "sliding_window": self.window.map_or(Value::Null, Value::from),
            "use_sliding_window": self.family == "mistral",
            "max_window_layers": N_LAYERS,
            "attention_bias": false,
            "use_flash_attn": false,
            "hidden_act": "silu",
        })
    }

    pub(crate) fn tensors(&self) -> HashMap<String, Tensor> {
        let mut numbers = Numbers::new(5);
        let mut all = HashMap::new();
        let (n_query, n_kv) = (N_HEADS * self.head_dim, N_KV_HEADS * self.head_dim);
        let mut put = |name: String, shape: &[usize], scale: f32, around: f64| {
            let tensor = (numbers.tensor(shape, scale) + around).expect("a tensor");
            all.insert(name, tensor);
        };
        put("model.embed_tokens.weight".to_owned(), &[N_TOKENS, WIDTH], 1.0, 0.0);
        put("lm_head.weight".to_owned(), &[N_TOKENS, WIDTH], 1.0, 0.0);
        put("model.norm.weight".to_owned(), &[WIDTH], 0.3, 1.0);
        for layer in 0..N_LAYERS {
            let name = |part: &str| format!("model.layers.{layer}.{part}");
            for (part, n_out, n_in) in [
                ("self_attn.q_proj", n_query, WIDTH),
                ("self_attn.k_proj", n_kv, WIDTH),
                ("self_attn.v_proj", n_kv, WIDTH),
                ("self_attn.o_proj", WIDTH, n_query),
                ("mlp.gate_proj", HIDDEN, WIDTH),
                ("mlp.up_proj", HIDDEN, WIDTH),
                ("mlp.down_proj", WIDTH, HIDDEN),
            ] {
                put(name(&format!("{part}.weight")), &[n_out, n_in], 0.2, 0.0);
                if self.family == "qwen2" && "qkv".contains(&part[10..11]) {
                    put(name(&format!("{part}.bias")), &[n_out], 0.5, 0.0);
                }
            }
            put(name("input_layernorm.weight"), &[WIDTH], 0.3, 1.0);
            put(name("post_attention_layernorm.weight"), &[WIDTH], 0.3, 1.0);
            if self.family == "qwen3" {
                put(name("self_attn.q_norm.weight"), &[self.head_dim], 0.3, 1.0);
                put(name("self_attn.k_norm.weight"), &[self.head_dim], 0.3, 1.0);
            }
        }
        all
    }

    pub(crate) fn build(&self, folder: &Path) {
        write(&folder.join("config.json"), self.config().to_string());
        write(&folder.join("tokenizer.json"), tokenizer().to_string());
        let config = json!({"chat_template": CHATML, "eos_token": {"content": "<|im_end|>"}});
        write(&folder.join("tokenizer_config.json"), config.to_string());
        let path = folder.join("model.safetensors");
        candle_core::safetensors::save(&self.tensors(), path).expect("a file");
    }
}

/// The printable characters of ASCII, two merges, and three tokens that are marks.
fn tokenizer() -> Value {
    let mut vocab: serde_json::Map<String, Value> = serde_json::Map::new();
    let letters = (b'!'..=b'~').map(|byte| char::from(byte).to_string());
    for text in letters.chain(["\u{120}", "\u{10A}", "he", "hel"].map(str::to_owned)) {
        vocab.insert(text, vocab.len().into());
    }
    let mark = |id: usize, content: &str, special: bool| {
        json!({"id": id, "content": content, "special": special, "single_word": false,
            "lstrip": false, "rstrip": false, "normalized": false})
    };
    json!({
        "version": "1.0",
        "added_tokens": [
            mark(100, "<|im_start|>", true), mark(101, "<|im_end|>", true), mark(102, "<b>", false),
        ],
        "pre_tokenizer":
            {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
        "model": {"type": "BPE", "vocab": vocab, "merges": ["h e", "he l"]},
    })
}
