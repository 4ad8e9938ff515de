//! The examples nearest to a turn.

use super::codec::{Reader, Writer, damaged};
use super::error::IntentError;

/// Examples kept at most, as many of each class as of any other.
const MAX_EXAMPLES: usize = 4_000;
/// Examples whose nearness is averaged.
const N_NEAR: usize = 3;
/// Entries of unit vectors are kept in steps of this part.
const STEPS: f32 = 127.0;

/// Unit vectors in 8 bits, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Neighbours {
    dimensions: usize,
    values: Vec<i8>,
}

impl Neighbours {
    /// Keeps examples; where they are too many, the first ones of each class.
    pub(crate) fn of(vectors: &[&[f32]], classes: &[usize], n_classes: usize) -> Self {
        let limit = MAX_EXAMPLES.div_ceil(n_classes.max(1));
        let mut n_kept = vec![0_usize; n_classes];
        let mut values = Vec::new();
        for (vector, class) in vectors.iter().zip(classes) {
            n_kept[*class] += 1;
            if n_kept[*class] <= limit {
                #[expect(clippy::cast_possible_truncation, reason = "entries lie in -1..=1")]
                values.extend(vector.iter().map(|v| (v * STEPS).round() as i8));
            }
        }
        Self { dimensions: vectors.first().map_or(0, |vector| vector.len()), values }
    }

    /// Mean cosine of the nearest examples, fewer where there are fewer.
    pub(crate) fn near(&self, vector: &[f32]) -> f32 {
        let mut best = [f32::NEG_INFINITY; N_NEAR];
        for example in self.values.chunks_exact(self.dimensions.max(1)) {
            let product = example.iter().zip(vector).map(|(e, v)| f32::from(*e) * v);
            let mut cosine = product.sum::<f32>() / STEPS;
            for place in &mut best {
                if cosine > *place {
                    std::mem::swap(place, &mut cosine);
                }
            }
        }
        let (mut sum, mut n) = (0.0, 0.0);
        for cosine in best.iter().filter(|cosine| cosine.is_finite()) {
            sum += cosine;
            n += 1.0;
        }
        if n > 0.0 { sum / n } else { 0.0 }
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.small(&self.values);
    }

    pub(crate) fn read(reader: &mut Reader<'_>, dimensions: usize) -> Result<Self, IntentError> {
        let values = reader.small()?;
        if dimensions == 0 || values.len() % dimensions != 0 {
            return Err(damaged("its examples are not whole"));
        }
        Ok(Self { dimensions, values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_three_are_averaged() {
        let vectors: [&[f32]; 4] = [&[1.0, 0.0], &[0.0, 1.0], &[0.6, 0.8], &[-1.0, 0.0]];
        let all = Neighbours::of(&vectors, &[0, 0, 0, 0], 1);
        assert!((all.near(&[1.0, 0.0]) - 1.6 / 3.0).abs() < 0.01);
        let one = Neighbours::of(&vectors[..1], &[0], 1);
        assert!((one.near(&[1.0, 0.0]) - 1.0).abs() < 0.01);
        assert!(Neighbours::of(&[], &[], 1).near(&[1.0]).abs() < 1e-9);
    }
}
