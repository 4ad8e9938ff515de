//! Examples taken apart once, for all fits over parts of them.

use std::collections::{BTreeMap, HashMap};

use super::catalogue::IntentCatalogue;
use super::error::IntentError;
use super::grams::{Grams, grams, plain};

/// What an embedder makes of the examples.
#[derive(Clone, Debug, PartialEq)]
pub struct ExampleVectors {
    /// The embedder, `id@hash`: what is fitted holds for it alone.
    pub embedder: String,
    /// Length of its vectors.
    pub dimensions: usize,
    /// One for each example of the catalogue, in its order; `None` where the embedder does not
    /// serve the example's language.
    pub rows: Vec<Option<Vec<f32>>>,
}

/// One example.
pub(crate) struct Row<'a> {
    pub(crate) grams: Grams,
    /// Its class in the catalogue.
    pub(crate) class: usize,
    pub(crate) vector: Option<&'a [f32]>,
    /// Which part of the examples it belongs to, for folds: examples of equal words share one, and
    /// those of a class are dealt out in their order.
    pub(crate) deal: usize,
}

/// All examples.
pub(crate) struct Corpus<'a> {
    pub(crate) rows: Vec<Row<'a>>,
    pub(crate) dimensions: usize,
    /// Whether a class of the catalogue shows what is out of scope.
    pub(crate) is_outside: Vec<bool>,
}

impl<'a> Corpus<'a> {
    /// Takes examples apart and checks that vectors fit.
    pub(crate) fn of(
        catalogue: &IntentCatalogue,
        vectors: Option<&'a ExampleVectors>,
    ) -> Result<Self, IntentError> {
        let examples = catalogue.examples();
        if let Some(vectors) = vectors {
            check(vectors, examples.len())?;
        }
        let mut n_dealt: HashMap<usize, usize> = HashMap::new();
        let mut dealt: BTreeMap<(usize, String), usize> = BTreeMap::new();
        let row = |(index, (text, class)): (usize, &(String, usize))| {
            let deal = *dealt.entry((*class, plain(text))).or_insert_with(|| {
                let next = n_dealt.entry(*class).or_default();
                *next += 1;
                *next - 1
            });
            let vector = vectors.and_then(|vectors| vectors.rows[index].as_deref());
            Row { grams: grams(text), class: *class, vector, deal }
        };
        Ok(Self {
            rows: examples.iter().enumerate().map(row).collect(),
            dimensions: vectors.map_or(0, |vectors| vectors.dimensions),
            is_outside: catalogue.specs().iter().map(|spec| spec.out_of_scope).collect(),
        })
    }

    /// Examples of what is, or is not, the service's business.
    pub(crate) fn of_kind(&self, outside: bool) -> Vec<usize> {
        let is = |index: &usize| self.is_outside[self.rows[*index].class] == outside;
        (0..self.rows.len()).filter(is).collect()
    }

    /// Classes of the examples that are the service's business, in order.
    pub(crate) fn classes(&self) -> Vec<usize> {
        let inside = self.of_kind(false);
        let mut classes: Vec<usize> = inside.iter().map(|row| self.rows[*row].class).collect();
        classes.sort_unstable();
        classes.dedup();
        classes
    }
}

fn check(vectors: &ExampleVectors, n_examples: usize) -> Result<(), IntentError> {
    let given = vectors.rows.iter().flatten();
    let detail = if vectors.rows.len() != n_examples {
        format!("{} for {n_examples} examples", vectors.rows.len())
    } else if let Some(other) = given.clone().find(|row| row.len() != vectors.dimensions) {
        format!("lengths {} and {}", vectors.dimensions, other.len())
    } else if given.flatten().any(|value| !value.is_finite()) {
        "one holds what is no number".to_owned()
    } else {
        return Ok(());
    };
    Err(IntentError::Vectors { detail })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn examples_of_equal_words_are_dealt_together() {
        let mut catalogue = IntentCatalogue::open();
        for (label, text) in
            [("a", "one"), ("b", "one"), ("a", "two"), ("a", "One!"), ("oos", "three")]
        {
            catalogue.add(label, text).unwrap();
        }
        let corpus = Corpus::of(&catalogue, None).unwrap();
        let deals: Vec<usize> = corpus.rows.iter().map(|row| row.deal).collect();
        assert_eq!(deals, [0, 0, 1, 0, 0]);
        assert_eq!(corpus.of_kind(true), [4]);
        assert_eq!(corpus.classes(), [0, 1]);
    }

    #[test]
    fn vectors_that_do_not_fit_are_refused() {
        let mut catalogue = IntentCatalogue::open();
        catalogue.add("a", "one").unwrap();
        let vectors = |rows: Vec<Option<Vec<f32>>>| ExampleVectors {
            embedder: "e@1".to_owned(),
            dimensions: 2,
            rows,
        };
        assert!(Corpus::of(&catalogue, Some(&vectors(vec![Some(vec![0.0, 1.0])]))).is_ok());
        for rows in [vec![], vec![Some(vec![1.0])], vec![Some(vec![f32::NAN, 0.0])]] {
            assert!(Corpus::of(&catalogue, Some(&vectors(rows))).is_err());
        }
    }
}
