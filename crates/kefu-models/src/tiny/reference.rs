//! Networks with random weights and what the reference implementation in Python makes of them, as
//! written by `tests/reference/make.py`.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};

use super::{Scratch, encoder, write};
use crate::cache::VerifiedModel;
use crate::manifest::Manifest;

/// Loads what `make.py` wrote into the folder `name`. Encoders get some tokenizer.
pub(crate) fn model(name: &str, role: &str, family: &str) -> (Scratch, VerifiedModel) {
    let (written, max_tokens): (&[&str], _) = match role {
        "generator" if folder(name).join("model.gguf").exists() => (&["model.gguf"], 60),
        "generator" => (&["config.json", "model.safetensors"], 60),
        _ => (&["config.json", "model.safetensors"], 38),
    };
    let files = [written, if role == "generator" { &[] } else { &["tokenizer.json"] }].concat();
    let text = format!(
        "id = 'reference'\nrole = '{role}'\nfamily = '{family}'\nlanguages = ['en']\n\
         licence = 'MIT'\ndimensions = 32\npooling = 'mean'\nmax_tokens = {max_tokens}\n\
         chat = 'chatml'\nfiles = {files:?}\n",
    );
    let manifest = Manifest::from_toml("reference", &text).unwrap();
    let scratch = Scratch::new();
    let target = scratch.folder(&manifest);
    write(&target.join("tokenizer.json"), encoder::tokenizer().to_string());
    for file in written {
        fs::copy(folder(name).join(file), target.join(file)).unwrap();
    }
    let model = scratch.verified(&manifest);
    (scratch, model)
}

/// What the reference makes of that network.
pub(crate) fn expected(name: &str) -> HashMap<String, Tensor> {
    let path = folder(name).join("expected.safetensors");
    candle_core::safetensors::load(path, &Device::Cpu).unwrap()
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(name)
}
