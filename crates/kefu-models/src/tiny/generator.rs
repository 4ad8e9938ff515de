use std::fs::File;
use std::path::Path;

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};

use super::Numbers;
use crate::manifest::Manifest;

const WIDTH: usize = 64;
const HIDDEN: usize = 128;
const N_LAYERS: u32 = 2;
const N_HEADS: u32 = 4;
const N_KV_HEADS: u32 = 2;
const HEAD_DIM: u32 = 16;
pub(crate) const CHATML: &str = "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + \
    message['content'] + '<|im_end|>' + '\n'}}{% endfor %}\
    {% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/// Ids of the control tokens, which stand first.
pub(crate) const END_OF_TURN: u32 = 2;
pub(crate) const UNUSED_CONTROL: u32 = 3;
const CONTROLS: [&str; 4] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<file_sep>"];

/// What a tiny GGUF file holds.
pub(crate) struct Tiny {
    pub(crate) family: &'static str,
    pub(crate) architecture: &'static str,
    pub(crate) pre_tokenizer: &'static str,
    pub(crate) quantisation: GgmlDType,
    pub(crate) template: &'static str,
    /// Rows more than tokens in the embedding table.
    pub(crate) n_extra_rows: usize,
    /// When given, each token is followed by the next of these, whatever came before; the first
    /// follows the newline that ends every prompt. Otherwise weights are pseudo-random.
    pub(crate) script: Option<Vec<u32>>,
}

impl Tiny {
    /// A sound random model.
    pub(crate) fn random(family: &'static str) -> Self {
        Self {
            family,
            architecture: family,
            pre_tokenizer: "smollm",
            quantisation: GgmlDType::Q8_0,
            template: CHATML,
            n_extra_rows: 0,
            script: None,
        }
    }

    /// A model that writes these bytes, then ends its turn.
    pub(crate) fn saying(text: &[u8]) -> Self {
        let mut script: Vec<u32> = text.iter().map(|byte| byte_token(*byte)).collect();
        script.push(END_OF_TURN);
        Self { script: Some(script), ..Self::random("llama") }
    }

    /// A model that goes round the alphabet for ever.
    pub(crate) fn endless() -> Self {
        let mut script: Vec<u32> = (b'A'..=b'Z').chain(b'a'..=b'z').map(byte_token).collect();
        script.push(byte_token(b'A'));
        Self { script: Some(script), ..Self::random("llama") }
    }

    pub(crate) fn manifest(&self) -> Manifest {
        let text = format!(
            "id = 'tiny-generator'\nrole = 'generator'\nfamily = '{}'\nlanguages = ['en']\n\
             licence = 'MIT'\nmax_tokens = 4096\nchat = 'chatml'\nfiles = ['tiny.gguf']\n",
            self.family
        );
        Manifest::from_toml("tiny", &text).expect("a manifest")
    }

    pub(crate) fn build(&self, folder: &Path) {
        let tensors = self.tensors();
        let named: Vec<(&str, &QTensor)> = tensors.iter().map(|(n, t)| (n.as_str(), t)).collect();
        let metadata = self.metadata();
        let metadata: Vec<(&str, &Value)> = metadata.iter().map(|(k, v)| (k.as_str(), v)).collect();
        let mut file = File::create(folder.join("tiny.gguf")).expect("a file");
        gguf_file::write(&mut file, &metadata, &named).expect("a gguf file");
    }

    fn metadata(&self) -> Vec<(String, Value)> {
        let texts = tokens();
        let types = (0..texts.len()).map(|id| Value::I32(if id < CONTROLS.len() { 3 } else { 1 }));
        let merges = ["h e", "he l", "l o"].map(|m| Value::String(m.to_owned())).to_vec();
        let text = |value: &str| Value::String(value.to_owned());
        let own = |key: &str| format!("{}.{key}", self.architecture);
        vec![
            ("general.architecture".to_owned(), text(self.architecture)),
            (own("block_count"), Value::U32(N_LAYERS)),
            (own("context_length"), Value::U32(4096)),
            (own("embedding_length"), Value::U32(64)),
            (own("feed_forward_length"), Value::U32(128)),
            (own("attention.head_count"), Value::U32(N_HEADS)),
            (own("attention.head_count_kv"), Value::U32(N_KV_HEADS)),
            (own("attention.key_length"), Value::U32(HEAD_DIM)),
            (own("attention.layer_norm_rms_epsilon"), Value::F32(1e-5)),
            (own("rope.dimension_count"), Value::U32(HEAD_DIM)),
            (own("rope.freq_base"), Value::F32(10_000.0)),
            ("tokenizer.ggml.model".to_owned(), text("gpt2")),
            ("tokenizer.ggml.pre".to_owned(), text(self.pre_tokenizer)),
            (
                "tokenizer.ggml.tokens".to_owned(),
                Value::Array(texts.iter().map(|t| text(t)).collect()),
            ),
            ("tokenizer.ggml.token_type".to_owned(), Value::Array(types.collect())),
            ("tokenizer.ggml.merges".to_owned(), Value::Array(merges)),
            ("tokenizer.ggml.eos_token_id".to_owned(), Value::U32(END_OF_TURN)),
            ("tokenizer.chat_template".to_owned(), text(self.template)),
        ]
    }

    fn tensors(&self) -> Vec<(String, QTensor)> {
        let mut numbers = Numbers::new(11);
        let n_rows = tokens().len() + self.n_extra_rows;
        let mut all = Vec::new();
        let (embeddings, output) = match &self.script {
            None => (numbers.tensor(&[n_rows, WIDTH], 1.0), numbers.tensor(&[n_rows, WIDTH], 1.0)),
            Some(script) => scripted(script, n_rows),
        };
        all.push(("token_embd.weight".to_owned(), self.quantised(&embeddings)));
        all.push(("output.weight".to_owned(), self.quantised(&output)));
        // Silent layers leave the embedding as it is.
        let loudness = if self.script.is_some() { 0.0 } else { 0.15 };
        let (n_query, n_kv) = (64, 32);
        for n in 0..N_LAYERS {
            for (part, n_out, n_in) in [
                ("attn_q", n_query, WIDTH),
                ("attn_k", n_kv, WIDTH),
                ("attn_v", n_kv, WIDTH),
                ("attn_output", WIDTH, n_query),
                ("ffn_gate", HIDDEN, WIDTH),
                ("ffn_up", HIDDEN, WIDTH),
                ("ffn_down", WIDTH, HIDDEN),
            ] {
                let weight = numbers.tensor(&[n_out, n_in], loudness);
                all.push((format!("blk.{n}.{part}.weight"), self.quantised(&weight)));
            }
            for (part, len) in [("attn_norm", WIDTH), ("ffn_norm", WIDTH)] {
                all.push((format!("blk.{n}.{part}.weight"), ones(len)));
            }
            if self.family == "qwen3" {
                for part in ["attn_q_norm", "attn_k_norm"] {
                    all.push((format!("blk.{n}.{part}.weight"), ones(16)));
                }
            }
        }
        all.push(("output_norm.weight".to_owned(), ones(WIDTH)));
        all
    }

    fn quantised(&self, weight: &Tensor) -> QTensor {
        QTensor::quantize(weight, self.quantisation).expect("quantised")
    }
}

/// The token of one byte.
pub(crate) fn byte_token(byte: u8) -> u32 {
    u32::try_from(CONTROLS.len()).unwrap_or(0) + u32::from(byte)
}

/// One direction per scripted token; the output asks for the next one's. Tokens that occur twice
/// keep their first successor, so a script may only repeat to close a circle.
fn scripted(script: &[u32], n_rows: usize) -> (Tensor, Tensor) {
    let mut embeddings = vec![0.0_f32; n_rows * WIDTH];
    let mut output = vec![0.0_f32; n_rows * WIDTH];
    let mut known: Vec<u32> = Vec::new();
    let mut before = byte_token(b'\n');
    for token in script {
        if !known.contains(&before) {
            let direction = known.len();
            known.push(before);
            embeddings[before as usize * WIDTH + direction] = 1.0;
            output[*token as usize * WIDTH + direction] = 1.0;
        }
        before = *token;
    }
    let tensor =
        |values| Tensor::from_vec(values, (n_rows, WIDTH), &Device::Cpu).expect("a tensor");
    (tensor(embeddings), tensor(output))
}

/// Control tokens, one token per byte in byte-level spelling, and three merged ones.
fn tokens() -> Vec<String> {
    let mut texts: Vec<String> = CONTROLS.map(str::to_owned).to_vec();
    let mut next_free = 0x100_u32;
    for byte in 0..=u8::MAX {
        let is_itself = matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
        let code = if is_itself { u32::from(byte) } else { next_free };
        next_free += u32::from(!is_itself);
        texts.push(char::from_u32(code).map(String::from).unwrap_or_default());
    }
    texts.extend(["he", "hel", "lo"].map(str::to_owned));
    texts
}

fn ones(len: usize) -> QTensor {
    let ones = Tensor::ones(len, candle_core::DType::F32, &Device::Cpu).expect("ones");
    QTensor::quantize(&ones, GgmlDType::F32).expect("plain numbers")
}
