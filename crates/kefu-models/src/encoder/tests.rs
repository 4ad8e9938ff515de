#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::{bert, xlm_roberta};

use super::*;
use crate::tiny::{Numbers, Scratch, encoder as tiny, reference};

/// Rows of several lengths, below and above what fills registers and tiles.
const LENGTHS: [usize; 7] = [1, 2, 5, 15, 16, 17, 48];

fn rows() -> Vec<Vec<u32>> {
    // Id 0 is padding, which no text contains.
    LENGTHS
        .iter()
        .map(|n| (0..*n as u32).map(|idx| 4 + (idx * 7 + *n as u32) % 50).collect())
        .collect()
}

fn model(role: &str, family: &str) -> (Scratch, VerifiedModel) {
    let scratch = Scratch::new();
    let manifest = tiny::manifest(role, family);
    tiny::build(&scratch.folder(&manifest), family);
    let model = scratch.verified(&manifest);
    (scratch, model)
}

fn run(model: &VerifiedModel, precision: Precision) -> Vec<Vec<f32>> {
    let network = Arc::new(Encoder::load_as(model, precision).unwrap().0);
    Network::forward(&network, &Pool::new(1, "test"), rows()).unwrap()
}

/// A network of ids, given with zeros of their shape.
type Forward = Box<dyn Fn(&Tensor, &Tensor) -> candle_core::Result<Tensor>>;

/// What candle's own network gives for each row alone.
fn oracle(model: &VerifiedModel) -> Vec<Vec<f32>> {
    let bytes = fs::read(model.path("model.safetensors")).unwrap();
    let weights = VarBuilder::from_buffered_safetensors(bytes, DType::F32, &Device::Cpu).unwrap();
    let config = read_config(model).unwrap();
    let forward: Forward = match (model.manifest().family, model.manifest().role) {
        (Family::Bert, _) => {
            let config: bert::Config = serde_json::from_value(config).unwrap();
            let network = bert::BertModel::load(weights, &config).unwrap();
            Box::new(move |ids, zeros| network.forward(ids, zeros, None))
        }
        (_, Role::Embedder) => {
            let config = serde_json::from_value(config).unwrap();
            let weights = weights.pp("roberta");
            let network = xlm_roberta::XLMRobertaModel::new(&config, weights).unwrap();
            Box::new(move |ids, zeros| {
                network.forward(ids, &zeros.ones_like()?, zeros, None, None, None)
            })
        }
        _ => {
            let config = serde_json::from_value(config).unwrap();
            let network =
                xlm_roberta::XLMRobertaForSequenceClassification::new(1, &config, weights);
            let network = network.unwrap();
            Box::new(move |ids, zeros| network.forward(ids, &zeros.ones_like()?, zeros))
        }
    };
    let one = |ids: &Vec<u32>| {
        let ids = Tensor::new(ids.as_slice(), &Device::Cpu)?.unsqueeze(0)?;
        forward(&ids, &ids.zeros_like()?)?.to_dtype(DType::F32)?.flatten_all()?.to_vec1()
    };
    rows().iter().map(|ids| one(ids).unwrap()).collect()
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn plain_weights_give_what_candles_networks_give() {
    for (role, family) in
        [("embedder", "bert"), ("embedder", "xlm-roberta"), ("reranker", "xlm-roberta")]
    {
        let (_scratch, model) = model(role, family);
        let found = run(&model, Precision::Full);
        for (found, expected) in found.iter().zip(&oracle(&model)) {
            assert_eq!(found.len(), expected.len(), "{role} {family}");
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-4, "{role} {family}: {found} or {expected}");
            }
        }
    }
}

#[test]
fn weights_of_bytes_give_nearly_the_same() {
    for family in ["bert", "xlm-roberta"] {
        let (_scratch, model) = model("embedder", family);
        let found = run(&model, Precision::Bytes);
        for (found, expected) in found.iter().zip(&run(&model, Precision::Full)) {
            let cosine = cosine(found, expected);
            assert!(cosine > 0.999, "{family}: cosine {cosine}");
        }
    }
}

#[test]
fn a_row_gives_exactly_the_same_in_any_batch() {
    let (_scratch, model) = model("embedder", "bert");
    let together = run(&model, Precision::fastest());
    let (encoder, _) = Encoder::load(&model, 2).unwrap();
    assert_eq!(encoder.forward(rows()).unwrap(), together);
    for (row, expected) in rows().into_iter().zip(together) {
        assert_eq!(encoder.forward(vec![row]).unwrap(), [expected]);
    }
}

#[test]
fn heads_wider_than_a_register_are_attended_like_narrow_ones() {
    // A head of 24 numbers fills one register and a half.
    let heads = attention::Heads { n_heads: 2, head_dim: 24 };
    let (n_rows, width) = (19, 48);
    let mut numbers = Numbers::new(3);
    let mixed = numbers.tensor(&[n_rows, 3 * width], 2.0);
    let flat = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let found = heads.attend(&flat(&mixed), &[n_rows]);
    let part = |idx: usize| {
        let part = mixed.narrow(1, idx * width, width)?;
        part.reshape((n_rows, 2, 24))?.transpose(0, 1)?.contiguous()
    };
    let expected = || {
        let scores = (part(0)?.matmul(&part(1)?.t()?)? * (1.0 / 24.0_f64.sqrt()))?;
        let shares = candle_nn::ops::softmax_last_dim(&scores)?;
        shares.matmul(&part(2)?)?.transpose(0, 1)?.contiguous()
    };
    for (found, expected) in found.iter().zip(flat(&expected().unwrap())) {
        assert!((found - expected).abs() < 1e-5, "{found} or {expected}");
    }
}

#[test]
fn another_activation_is_refused() {
    let (scratch, model) = model("embedder", "bert");
    let mut config = tiny::config("bert");
    config["hidden_act"] = "relu".into();
    let manifest = model.manifest();
    crate::tiny::write(&scratch.folder(manifest).join(CONFIG), config.to_string());
    let refused = Encoder::load(&model, 1).map(|_| ());
    assert!(matches!(refused, Err(ModelsError::Unsupported { .. })), "{refused:?}");
}

/// What `tests/reference/make.py` wrote: a folder, a role and a family.
const REFERENCES: [(&str, &str, &str); 3] = [
    ("bert", "embedder", "bert"),
    ("xlm-roberta", "embedder", "xlm-roberta"),
    ("xlm-roberta-reranker", "reranker", "xlm-roberta"),
];

#[test]
fn outputs_are_those_of_the_reference_implementation() {
    for (name, role, family) in REFERENCES {
        let (_scratch, model) = reference::model(name, role, family);
        let expected = reference::expected(name);
        let rows: Vec<Vec<u32>> = (0..)
            .map_while(|idx| expected.get(&format!("row{idx}")))
            .map(|row| row.to_vec1().unwrap())
            .collect();
        assert!(rows.len() > 4);
        let outputs: Vec<f32> = expected["outputs"].to_vec1().unwrap();
        let found = |precision: Precision| {
            let network = Arc::new(Encoder::load_as(&model, precision).unwrap().0);
            Network::forward(&network, &Pool::new(1, "test"), rows.clone()).unwrap().concat()
        };
        let plain = found(Precision::Full);
        assert_eq!(plain.len(), outputs.len(), "{name}");
        for (found, expected) in plain.iter().zip(&outputs) {
            assert!((found - expected).abs() < 1e-5, "{name}: {found} or {expected}");
        }
        let cosine = cosine(&found(Precision::Bytes), &outputs);
        assert!(cosine > 0.999, "{name} in bytes: cosine {cosine}");
    }
}
