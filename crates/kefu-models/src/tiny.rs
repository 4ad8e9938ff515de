//! Tiny models with fixed pseudo-random weights, built where a test needs them.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail loudly")]

use std::fs;
use std::path::Path;

use candle_core::{Device, Tensor};
use tempfile::TempDir;

use crate::cache::{ModelCache, VerifiedModel};
use crate::error::ModelsError;
use crate::fetch::{FetchSettings, Unobserved};
use crate::manifest::Manifest;

pub(crate) mod decoder;
pub(crate) mod encoder;
pub(crate) mod generator;
pub(crate) mod reference;

/// Settings that forbid the network.
pub(crate) fn offline() -> FetchSettings {
    FetchSettings {
        offline: true,
        folder: None,
        hub_endpoint: None,
        hub_token: None,
        python: "python3".to_owned(),
        timeout: std::time::Duration::from_secs(20),
    }
}

/// A cache folder that goes away with the test.
pub(crate) struct Scratch {
    pub(crate) dir: TempDir,
    pub(crate) cache: ModelCache,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        let dir = TempDir::new().expect("a scratch folder");
        let cache = ModelCache::new(dir.path().to_owned());
        Self { dir, cache }
    }

    /// The folder of a model, created.
    pub(crate) fn folder(&self, manifest: &Manifest) -> std::path::PathBuf {
        let folder = self.dir.path().join(&manifest.id);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// Records and verifies a model whose files are in place.
    pub(crate) fn verified(&self, manifest: &Manifest) -> VerifiedModel {
        self.try_verified(manifest).expect("a verified model")
    }

    pub(crate) fn try_verified(&self, manifest: &Manifest) -> Result<VerifiedModel, ModelsError> {
        self.cache.pull(manifest, &offline(), &Unobserved)
    }
}

/// A small generator of numbers in -1..1, the same on every machine.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> f32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let top = u16::try_from(self.0 >> 48).unwrap_or(0);
        f32::from(top) / 32_768.0 - 1.0
    }

    pub(crate) fn tensor(&mut self, shape: &[usize], scale: f32) -> Tensor {
        let n = shape.iter().product();
        let values: Vec<f32> = (0..n).map(|_| self.next() * scale).collect();
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    }
}

/// Writes a file.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::write(path, bytes).unwrap();
}
