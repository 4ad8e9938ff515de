//! Vectors of the lexical leg.

/// A sparse vector: strictly increasing term ids with a weight each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SparseVector {
    indices: Vec<u32>,
    values: Vec<f32>,
}

impl SparseVector {
    /// Builds a vector from term weights; weights of one term are added, weights that are not
    /// finite or not above zero are dropped.
    #[must_use]
    pub fn from_weights(weights: impl IntoIterator<Item = (u32, f32)>) -> Self {
        let mut sorted: Vec<(u32, f32)> =
            weights.into_iter().filter(|(_, w)| w.is_finite() && *w > 0.0).collect();
        sorted.sort_by_key(|(term, _)| *term);
        let mut vector = Self::default();
        for (term, weight) in sorted {
            if vector.indices.last() == Some(&term) {
                if let Some(last) = vector.values.last_mut() {
                    *last += weight;
                }
            } else {
                vector.indices.push(term);
                vector.values.push(weight);
            }
        }
        vector
    }

    /// Term ids, strictly increasing.
    #[must_use]
    pub fn indices(&self) -> &[u32] {
        &self.indices
    }

    /// Weights, as long as [`Self::indices`], all finite and above zero.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Whether no term is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_merged_sorted_and_cleaned() {
        let v = SparseVector::from_weights([(7, 1.0), (3, 0.5), (7, 2.0), (1, f32::NAN), (2, 0.0)]);
        assert_eq!(v.indices(), [3, 7]);
        assert_eq!(v.values(), [0.5, 3.0]);
    }
}
