//! The bytes a text head is stored as.
//!
//! `KFTH`, version, settings, labels, the buckets that any plane gives a weight (the number of them,
//! then the distance of each from the one before, in seven bits a byte), then for each plane bias,
//! scale and one signed byte for each of those buckets; eight bytes of checksum at the end. Numbers
//! are little-endian.

use super::grams::{FNV_OFFSET, fnv};
use super::{Plane, TextHead, invalid};
use crate::DeskError;

const MAGIC: &[u8; 4] = b"KFTH";
const VERSION: u8 = 2;
const CHECKSUM_BYTES: usize = 8;
const MAX_LABELS: usize = 10_000;

pub(super) fn write(head: &TextHead) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend([VERSION, head.max_gram_letters, head.n_buckets_log2]);
    bytes.extend(short(head.labels.len()));
    for label in &head.labels {
        let label = &label.as_bytes()[..label.floor_char_boundary(usize::from(u16::MAX))];
        bytes.extend(short(label.len()));
        bytes.extend(label);
    }
    let is_used = |bucket: &usize| head.planes.iter().any(|plane| plane.weights[*bucket] != 0);
    let used: Vec<usize> = (0..1_usize << head.n_buckets_log2).filter(is_used).collect();
    bytes.extend(u32::try_from(used.len()).unwrap_or(u32::MAX).to_le_bytes());
    let mut before = 0;
    for bucket in &used {
        write_distance(&mut bytes, bucket - before);
        before = *bucket;
    }
    for plane in &head.planes {
        bytes.extend(plane.bias.to_le_bytes());
        bytes.extend(plane.scale.to_le_bytes());
        bytes.extend(used.iter().map(|bucket| plane.weights[*bucket].to_le_bytes()[0]));
    }
    bytes.extend(fnv(FNV_OFFSET, &bytes).to_le_bytes());
    bytes
}

pub(super) fn read(bytes: &[u8]) -> Result<TextHead, DeskError> {
    let split = bytes
        .len()
        .checked_sub(CHECKSUM_BYTES)
        .ok_or_else(|| invalid("artefact is too short: fit it again"))?;
    let (body, checksum) = bytes.split_at(split);
    let mut rest = Rest(body);
    if rest.take(MAGIC.len())? != MAGIC {
        return Err(invalid("artefact is something else: name a file that was fitted by Kefu"));
    }
    let [version, max_gram_letters, n_buckets_log2] = rest.array()?;
    if version != VERSION {
        return Err(invalid("artefact is of another version: fit it again"));
    }
    if fnv(FNV_OFFSET, body).to_le_bytes() != checksum {
        return Err(invalid("artefact is damaged: fit it again"));
    }
    if !(1..=8).contains(&max_gram_letters) || !(8..=20).contains(&n_buckets_log2) {
        return Err(invalid("artefact is damaged: fit it again"));
    }
    let n_labels = usize::from(u16::from_le_bytes(rest.array()?));
    if !(2..=MAX_LABELS).contains(&n_labels) {
        return Err(invalid("artefact is damaged: fit it again"));
    }
    let mut labels = Vec::with_capacity(n_labels);
    for _ in 0..n_labels {
        let n_bytes = usize::from(u16::from_le_bytes(rest.array()?));
        let label = std::str::from_utf8(rest.take(n_bytes)?)
            .map_err(|_| invalid("artefact is damaged: fit it again"))?;
        labels.push(label.to_owned());
    }
    let n_buckets = 1_usize << n_buckets_log2;
    let n_used = u32::from_le_bytes(rest.array()?);
    let (mut used, mut bucket) = (Vec::new(), 0);
    for _ in 0..n_used {
        bucket += rest.distance()?;
        if bucket >= n_buckets {
            return Err(invalid("artefact is damaged: fit it again"));
        }
        used.push(bucket);
    }
    let n_planes = if n_labels == 2 { 1 } else { n_labels };
    let mut planes = Vec::with_capacity(n_planes);
    for _ in 0..n_planes {
        let bias = f32::from_le_bytes(rest.array()?);
        let scale = f32::from_le_bytes(rest.array()?);
        if !bias.is_finite() || !scale.is_finite() {
            return Err(invalid("artefact is damaged: fit it again"));
        }
        let mut weights = vec![0; n_buckets];
        for (bucket, byte) in used.iter().zip(rest.take(used.len())?) {
            weights[*bucket] = i8::from_le_bytes([*byte]);
        }
        planes.push(Plane { bias, scale, weights });
    }
    if rest.0.is_empty() {
        Ok(TextHead { max_gram_letters, n_buckets_log2, labels, planes })
    } else {
        Err(invalid("artefact is damaged: fit it again"))
    }
}

fn short(n: usize) -> [u8; 2] {
    u16::try_from(n).unwrap_or(u16::MAX).to_le_bytes()
}

/// The bit of a byte that says that more bits of the number follow.
const MORE: u8 = 0x80;

fn write_distance(bytes: &mut Vec<u8>, mut distance: usize) {
    while distance >= usize::from(MORE) {
        bytes.push((distance & 0x7f).to_le_bytes()[0] | MORE);
        distance >>= 7;
    }
    bytes.push(distance.to_le_bytes()[0]);
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, n_bytes: usize) -> Result<&'a [u8], DeskError> {
        let (taken, rest) = self
            .0
            .split_at_checked(n_bytes)
            .ok_or_else(|| invalid("artefact is too short: fit it again"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DeskError> {
        self.take(N)?.try_into().map_err(|_| invalid("artefact is too short: fit it again"))
    }
    /// At most three bytes: there are no more buckets.
    fn distance(&mut self) -> Result<usize, DeskError> {
        let mut distance = 0;
        for place in 0..3 {
            let [byte] = self.array()?;
            distance |= usize::from(byte & !MORE) << (7 * place);
            if byte & MORE == 0 {
                return Ok(distance);
            }
        }
        Err(invalid("artefact is damaged: fit it again"))
    }
}
