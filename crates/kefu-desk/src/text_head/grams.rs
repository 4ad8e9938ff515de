//! The hashed character n-grams of a text.

use kefu_text::is_han;

use crate::triage::bounded_shadow;

/// Buckets with their values; the values' squares sum to 1.
#[derive(Debug)]
pub(super) struct Grams {
    pub(super) features: Vec<(usize, f32)>,
}

impl Grams {
    pub(super) fn of(text: &str, max_letters: u8, n_buckets_log2: u8) -> Self {
        let characters = normal(text);
        let mask = (1_u64 << n_buckets_log2) - 1;
        let mut buckets = Vec::with_capacity(characters.len() * usize::from(max_letters));
        for start in 0..characters.len() {
            let mut hash = FNV_OFFSET;
            let mut n_letters = 0;
            for c in &characters[start..] {
                n_letters += if is_han(*c) { 2 } else { 1 };
                // One character alone is always a gram.
                if n_letters > max_letters.max(2) {
                    break;
                }
                hash = fnv(hash, &u32::from(*c).to_le_bytes());
                // The high bits of this hash are the better mixed ones.
                buckets.push((hash ^ (hash >> 32)) & mask);
            }
        }
        buckets.sort_unstable();
        let mut features: Vec<(usize, f32)> = buckets
            .chunk_by(|a, b| a == b)
            .filter_map(|same| Some((usize::try_from(*same.first()?).ok()?, often(same.len()))))
            .collect();
        let norm = features.iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
        for (_, value) in &mut features {
            *value /= norm.max(f32::MIN_POSITIVE);
        }
        Self { features }
    }
}

/// What a gram counts that stands `n` times in a text.
#[expect(clippy::cast_precision_loss, reason = "a count within one text")]
fn often(n: usize) -> f32 {
    1.0 + (n as f32).ln()
}

pub(super) const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// One step of FNV-1a, the same on every machine.
pub(super) fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

/// Letters as in the shadow, digits all alike, runs of spaces and of marks once.
fn normal(text: &str) -> Vec<char> {
    let mut characters = vec![' '];
    for c in bounded_shadow(text).chars() {
        let c = match c {
            c if c.is_numeric() => '0',
            c if c.is_alphabetic() => c,
            '!' | '?' | '*' => c,
            c if c.is_whitespace() => ' ',
            _ => ',',
        };
        let is_run = !c.is_alphabetic() && characters.last() == Some(&c);
        if !is_run {
            characters.push(c);
        }
    }
    characters
}
