//! Networks of every family against the reference implementation in Python, on the host and on
//! devices. The first device is candle's CPU, which every machine has.

use candle_core::{DType, Device};

use super::*;
use crate::decoder::device::Setting;
use crate::decoder::{Cache, Decoder, PAGE_TOKENS, Segment, Wanted};
use crate::simd::highest_of;
use crate::tiny::reference;

/// Folder and family. The files of `-gguf` hold 8, 4 and 4 bits with least values.
const NETWORKS: [(&str, &str); 7] = [
    ("llama", "llama"),
    ("llama-gguf", "llama"),
    ("mistral", "mistral"),
    ("qwen2", "qwen2"),
    ("qwen2-gguf", "qwen2"),
    ("qwen3", "qwen3"),
    ("qwen3-gguf", "qwen3"),
];

/// How far scores of the host may be off: weights of these networks are exact in 8 bits, but what
/// they are multiplied with is rounded to 8 bits, and keys and values to floats of 16.
const HOST_BOUND: f32 = 0.06;

struct Network {
    name: &'static str,
    decoder: Decoder,
    /// Whole text; the part after the prompt is greedy.
    tokens: Vec<u32>,
    /// After every token.
    scores: Vec<Vec<f32>>,
}

const N_PROMPT: usize = 20;

fn networks(device: Option<&Setting>) -> impl Iterator<Item = Network> {
    NETWORKS.into_iter().map(move |(name, family)| {
        let expected = reference::expected(name);
        let scores: Vec<Vec<f32>> = expected["scores"].to_vec2().unwrap();
        let (_scratch, model) = reference::model(name, "generator", family);
        let n_tokens = scores[0].len();
        let decoder = if name.ends_with("gguf") {
            Decoder::load(&mut Checkpoint::open(&model).unwrap(), n_tokens, device, 1 << 20)
        } else {
            Decoder::load(&mut Safetensors::open(&model).unwrap(), n_tokens, device, 1 << 20)
        };
        let tokens = expected["tokens"].to_vec1().unwrap();
        Network { name, decoder: decoder.unwrap(), tokens, scores }
    })
}

/// Devices, each with how far scores may be off.
fn devices() -> Vec<(Setting, f32)> {
    let setting = |device: &Device, dtype| Setting { device: device.clone(), dtype };
    let (cpu, mut devices) = (Device::Cpu, Vec::new());
    devices.push((setting(&cpu, DType::F32), 1e-5));
    devices.push((setting(&cpu, DType::F16), 0.01));
    devices.push((setting(&cpu, DType::BF16), 0.05));
    #[cfg(feature = "cuda")]
    {
        let gpu = Device::new_cuda(0).unwrap();
        devices.push((setting(&gpu, DType::F32), 1e-3));
        devices.push((Setting::of(gpu), 0.05));
    }
    devices
}

/// The host, and every device.
fn everywhere() -> Vec<(Option<Setting>, f32)> {
    let devices = devices().into_iter().map(|(setting, bound)| (Some(setting), bound));
    std::iter::once((None, HOST_BOUND)).chain(devices).collect()
}

impl Network {
    /// Reads tokens of several texts in one pass; gives rows of scores for each.
    fn read(&self, segments: &mut [(&mut Cache, &[u32])]) -> Vec<Vec<Vec<f32>>> {
        let n_tokens = self.scores[0].len();
        let mut segments: Vec<Segment<'_>> = segments
            .iter_mut()
            .map(|(cache, tokens)| Segment { cache, tokens, wanted: Wanted::All })
            .collect();
        let scores = self.decoder.forward(&Pool::new(1, "test"), &mut segments).unwrap();
        let rows = |all: Vec<f32>| all.chunks_exact(n_tokens).map(<[f32]>::to_vec).collect();
        scores.into_iter().map(rows).collect()
    }

    fn read_one(&self, cache: &mut Cache, tokens: &[u32]) -> Vec<Vec<f32>> {
        self.read(&mut [(cache, tokens)]).remove(0)
    }

    /// The largest error after one of the tokens from `first` on.
    fn error(&self, first: usize, found: &[Vec<f32>]) -> f32 {
        let expected = &self.scores[first..first + found.len()];
        let errors = found.iter().zip(expected).map(|(found, expected)| error(found, expected));
        errors.max_by(f32::total_cmp).unwrap_or(0.0)
    }
}

/// The root of the mean square of what scores are off, as a share of their deviation.
fn error(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let mean = expected.iter().sum::<f32>() / expected.len() as f32;
    let squares: f32 = found.iter().zip(expected).map(|(a, b)| (a - b).powi(2)).sum();
    (squares / expected.iter().map(|x| (x - mean).powi(2)).sum::<f32>()).sqrt()
}

#[test]
fn scores_after_all_tokens_are_those_of_the_reference() {
    for (device, bound) in everywhere() {
        for network in networks(device.as_ref()) {
            for n in [network.tokens.len(), 16, 7, 1] {
                let mut cache = network.decoder.cache(100);
                let parts = network.tokens.chunks(n);
                let found: Vec<Vec<f32>> =
                    parts.flat_map(|some| network.read_one(&mut cache, some)).collect();
                let error = network.error(0, &found);
                assert!(error < bound, "{} by {n} on {device:?}: {error}", network.name);
            }
        }
    }
}

#[test]
fn greedy_texts_are_those_of_the_reference() {
    for (device, _) in everywhere() {
        for network in networks(device.as_ref()) {
            let (prompt, expected) = network.tokens.split_at(N_PROMPT);
            let mut cache = network.decoder.cache(100);
            let (mut new, mut found) = (prompt.to_vec(), Vec::new());
            while found.len() < expected.len() {
                let scores = network.read_one(&mut cache, &new).pop().unwrap();
                let highest = highest_of(&scores);
                let token = scores.iter().position(|score| *score == highest).unwrap();
                new = vec![u32::try_from(token).unwrap()];
                found.extend_from_slice(&new);
            }
            assert_eq!(found, expected, "{} on {device:?}", network.name);
        }
    }
}

#[test]
fn several_texts_are_read_in_one_pass() {
    for (device, bound) in everywhere() {
        for network in networks(device.as_ref()) {
            let tokens = &network.tokens;
            // Some begin, some go on, some by one token: from where, and up to where.
            let parts = [(3, 4), (0, 30), (17, 18), (0, 1), (29, 40), (39, 40), (12, 12)];
            let mut caches = parts.map(|(start, _)| {
                let mut cache = network.decoder.cache(60);
                network.read_one(&mut cache, &tokens[..start]);
                cache
            });
            let mut segments: Vec<(&mut Cache, &[u32])> =
                caches.iter_mut().zip(parts).map(|(c, (a, b))| (c, &tokens[a..b])).collect();
            let found = network.read(&mut segments);
            for ((start, end), found) in parts.into_iter().zip(&found) {
                assert_eq!(found.len(), end - start);
                let error = network.error(start, found);
                assert!(error < bound, "{} {start}..{end} on {device:?}: {error}", network.name);
            }
        }
    }
}

#[test]
fn snapshots_are_cut_and_go_on_apart() {
    for (device, bound) in everywhere() {
        for network in networks(device.as_ref()) {
            let tokens = &network.tokens;
            let mut cache = network.decoder.cache(60);
            network.read_one(&mut cache, tokens);
            let mut fork = cache.clone();
            fork.truncate(21);
            assert_eq!((fork.n_tokens(), fork.room()), (21, 39));
            // Other tokens, on a page that both share.
            network.read_one(&mut fork, &[5, 6, 7]);
            fork.truncate(21);
            let again = network.read_one(&mut fork, &tokens[21..]);
            assert!(network.error(21, &again) < bound, "{} after a cut", network.name);
            cache.truncate(39);
            let last = network.read_one(&mut cache, &tokens[39..]);
            assert!(network.error(39, &last) < bound, "{} the original", network.name);
            let mut other = network.decoder.cache(60);
            assert!(other.append(&cache.leaf(0).unwrap()) && other.append(&cache.leaf(1).unwrap()));
            assert!(cache.leaf(2).is_none(), "not full");
            let taken = network.read_one(&mut other, &tokens[2 * PAGE_TOKENS..]);
            assert!(network.error(32, &taken) < bound, "{} pages of another", network.name);
        }
    }
}

#[test]
fn what_a_device_cannot_read_changes_nothing() {
    for (device, bound) in devices() {
        let network = networks(Some(&device)).next().unwrap();
        let n_pages = network.decoder.max_pages(1 << 20);
        let fill = vec![1; network.decoder.context_tokens()];
        let mut caches = Vec::new();
        let pool = Pool::new(1, "test");
        let mut cache = network.decoder.cache(60);
        network.read_one(&mut cache, &network.tokens[..9]);
        // All pages but one that is too few for a text of full length.
        while caches.len() * fill.len().div_ceil(PAGE_TOKENS) < n_pages {
            let mut other = network.decoder.cache(fill.len());
            let segment = Segment { cache: &mut other, tokens: &fill, wanted: Wanted::Nothing };
            let read = network.decoder.forward(&pool, &mut [segment]);
            if let Err(error) = read {
                assert!(error.to_string().contains("no room"), "{error}");
                assert_eq!(other.n_tokens(), 0);
                break;
            }
            caches.push(other);
        }
        assert!(caches.len() * fill.len().div_ceil(PAGE_TOKENS) < n_pages, "all have room");
        for tokens in [&[1, 2, 500][..], &[1; 52]] {
            let segment = Segment { cache: &mut cache, tokens, wanted: Wanted::Last };
            assert!(network.decoder.forward(&pool, &mut [segment]).is_err());
            assert_eq!(cache.n_tokens(), 9);
        }
        drop(caches);
        let found = network.read_one(&mut cache, &network.tokens[9..]);
        assert!(network.error(9, &found) < bound, "after pages were given back");
    }
}

#[tokio::test]
async fn answers_written_together_on_a_device_are_those_written_alone() {
    let settings = RuntimeSettings { max_waiting: 8, n_parallel: 4, ..SETTINGS };
    let prompts =
        ["the beginning, one", "the beginning, two and more", "three", "the beginning, 4"];
    for (device, _) in devices() {
        // In halves, near choices may fall differently from pass to pass.
        if device.dtype != DType::F32 {
            continue;
        }
        for family in ["llama", "qwen3"] {
            let (_scratch, model) = verified(&Tiny::random(family));
            let generator = start(&model, &settings, Some(&device)).unwrap();
            let mut alone = Vec::new();
            for prompt in prompts {
                let generator = start(&model, &settings, Some(&device)).unwrap();
                alone.push(finish(generator.generate(request(prompt, 40)).await.unwrap()).await);
            }
            for round in 0..2 {
                let mut streams = Vec::new();
                for prompt in prompts {
                    streams.push(generator.generate(request(prompt, 40)).await.unwrap());
                }
                for (stream, alone) in streams.into_iter().zip(&alone) {
                    assert_eq!(&finish(stream).await, alone, "{family}, round {round}");
                }
            }
        }
    }
}
