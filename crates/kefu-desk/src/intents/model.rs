//! Regressions on the embedder's vectors, on words and on both together, and what they and their
//! examples say about a turn.

use super::codec::{Reader, Writer, damaged};
use super::corpus::Corpus;
use super::error::IntentError;
use super::grams::Grams;
use super::neighbours::Neighbours;
use super::softmax::{
    Both, Dense, FEW_STEPS, MANY_STEPS, Problem, Softmax, Sparse, log_normalise, log_sum,
};
use super::table::Table;
use super::vocabulary::{SparseRow, Vocabulary};

/// How much examples count against the ridge, for vectors and for words.
const TRUST_VECTORS: f32 = 10.0;
const TRUST_WORDS: f32 = 30.0;
/// Length of a text's words beside its vector, which has length 1.
const WORDS_LENGTH: f32 = 0.5;

/// Measures of [`Judged::measures`], with and without a vector.
pub(crate) const N_VECTOR_MEASURES: usize = 9;
pub(crate) const N_WORD_MEASURES: usize = 3;

/// What a fit over some examples knows. Its classes are numbered on their own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Model {
    /// The class of the catalogue for each class of the model, increasing.
    pub(crate) classes: Vec<usize>,
    vocabulary: Vocabulary,
    /// From words alone.
    words: Table,
    vectors: Option<VectorModel>,
}

#[derive(Clone, Debug, PartialEq)]
struct VectorModel {
    /// From vectors alone.
    table: Table,
    /// From vectors and, behind them, words.
    both: Table,
    /// The mean direction of each class.
    prototypes: Table,
    neighbours: Neighbours,
}

/// What the model makes of a turn.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Judged {
    /// Log-probabilities of the model's classes, from all that is known and from parts of it.
    pub(crate) both: Vec<f32>,
    pub(crate) by_vector: Option<Vec<f32>>,
    pub(crate) by_words: Vec<f32>,
    /// What tells whether the turn is the service's business.
    pub(crate) measures: Vec<f32>,
}

impl Model {
    /// Fits the examples with these numbers; all must be the service's business.
    pub(crate) fn fit(corpus: &Corpus<'_>, rows: &[usize]) -> Self {
        let mut classes: Vec<usize> = rows.iter().map(|row| corpus.rows[*row].class).collect();
        classes.sort_unstable();
        classes.dedup();
        let own = |row: &usize| classes.partition_point(|class| *class < corpus.rows[*row].class);
        let vocabulary = Vocabulary::learn(rows.iter().map(|row| &corpus.rows[*row].grams));
        let example = |row: &usize| Example {
            class: own(row),
            words: vocabulary.encode(&corpus.rows[*row].grams),
            vector: corpus.rows[*row].vector,
        };
        let examples: Vec<Example<'_>> = rows.iter().map(example).collect();
        let size = Size {
            n_classes: classes.len(),
            n_words: vocabulary.ids.len(),
            n_dimensions: corpus.dimensions,
        };
        let words = fit_words(&examples, size);
        let with_vector: Vec<Example<'_>> =
            examples.into_iter().filter(|example| example.vector.is_some()).collect();
        let vectors = (!with_vector.is_empty()).then(|| VectorModel::fit(with_vector, size));
        Self { classes, vocabulary, words, vectors }
    }

    /// Judges a turn.
    pub(crate) fn judge(&self, grams: &Grams, vector: Option<&[f32]>) -> Judged {
        let row = self.vocabulary.encode(grams);
        let mut by_words = self.words.scores(entries(&row));
        let word_energy = log_sum(&by_words);
        log_normalise(&mut by_words);
        let word_measures = [best(&by_words), word_energy, self.vocabulary.coverage(grams)];
        let Some((model, vector)) = self.vectors.as_ref().zip(vector) else {
            let measures = word_measures.to_vec();
            return Judged { both: by_words.clone(), by_vector: None, by_words, measures };
        };
        let mut by_vector = model.table.scores(vector.iter().copied().enumerate());
        let energy = log_sum(&by_vector);
        log_normalise(&mut by_vector);
        let beside =
            entries(&row).map(|(column, value)| (vector.len() + column, value * WORDS_LENGTH));
        let mut both = model.both.scores(vector.iter().copied().enumerate().chain(beside));
        log_normalise(&mut both);
        let cosines = model.prototypes.scores(vector.iter().copied().enumerate());
        let nearest = model.neighbours.near(vector);
        let own = cosines.get(place_of_best(&both)).copied().unwrap_or_default();
        let mut measures =
            vec![best(&cosines), own, nearest, best(&by_vector), energy, best(&both)];
        measures.extend(word_measures);
        Judged { both, by_vector: Some(by_vector), by_words, measures }
    }

    pub(crate) fn forget_vectors(&mut self) {
        self.vectors = None;
    }

    pub(crate) fn has_vectors(&self) -> bool {
        self.vectors.is_some()
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        let classes: Vec<u32> =
            self.classes.iter().map(|class| u32::try_from(*class).unwrap_or(u32::MAX)).collect();
        writer.ids(&classes);
        writer.ids(&self.vocabulary.ids);
        writer.reals(&self.vocabulary.weights);
        self.words.write(writer);
        writer.number(usize::from(self.vectors.is_some()));
        if let Some(model) = &self.vectors {
            model.table.write(writer);
            model.both.write(writer);
            model.prototypes.write(writer);
            model.neighbours.write(writer);
        }
    }

    pub(crate) fn read(
        reader: &mut Reader<'_>,
        (n_classes, dimensions): (usize, usize),
    ) -> Result<Self, IntentError> {
        let classes: Vec<usize> = reader.ids()?.into_iter().map(|id| id as usize).collect();
        let vocabulary = Vocabulary { ids: reader.ids()?, weights: reader.reals()? };
        let words = Table::read(reader)?;
        let vectors = match reader.number()? {
            0 => None,
            _ => Some(VectorModel {
                table: Table::read(reader)?,
                both: Table::read(reader)?,
                prototypes: Table::read(reader)?,
                neighbours: Neighbours::read(reader, dimensions)?,
            }),
        };
        let (n, n_words) = (classes.len(), vocabulary.ids.len());
        let fits =
            |table: &Table, columns: usize| table.n_classes() == n && table.n_columns() == columns;
        let is_whole = n > 0
            && classes.is_sorted()
            && classes.iter().all(|class| *class < n_classes)
            && vocabulary.ids.is_sorted()
            && n_words == vocabulary.weights.len()
            && fits(&words, n_words)
            && vectors.as_ref().is_none_or(|model| {
                fits(&model.table, dimensions)
                    && fits(&model.both, dimensions + n_words)
                    && fits(&model.prototypes, dimensions)
            });
        if is_whole {
            Ok(Self { classes, vocabulary, words, vectors })
        } else {
            Err(damaged("its parts differ"))
        }
    }
}

/// An example as regressions see it.
struct Example<'a> {
    class: usize,
    words: SparseRow,
    vector: Option<&'a [f32]>,
}

#[derive(Clone, Copy)]
struct Size {
    n_classes: usize,
    n_words: usize,
    n_dimensions: usize,
}

fn fit_words(examples: &[Example<'_>], size: Size) -> Table {
    let classes: Vec<usize> = examples.iter().map(|example| example.class).collect();
    let words: Vec<SparseRow> = examples.iter().map(|example| example.words.clone()).collect();
    let rows: Vec<usize> = (0..examples.len()).collect();
    let n_classes = size.n_classes;
    let (trust, max_steps) = (TRUST_WORDS, FEW_STEPS);
    let problem = Problem { rows: &rows, classes: &classes, n_classes, trust, max_steps };
    Table::of(&Softmax::fit(&Sparse { n_columns: size.n_words, rows: &words }, &problem))
}

impl VectorModel {
    /// Fits examples that have a vector.
    fn fit(examples: Vec<Example<'_>>, size: Size) -> Self {
        let Size { n_classes, n_words, n_dimensions } = size;
        let vectors: Vec<&[f32]> = examples.iter().filter_map(|example| example.vector).collect();
        let values: Vec<f32> = vectors.iter().flat_map(|vector| vector.iter().copied()).collect();
        let classes: Vec<usize> = examples.iter().map(|example| example.class).collect();
        let mut means = vec![vec![0.0_f32; n_dimensions]; n_classes];
        for (vector, class) in vectors.iter().zip(&classes) {
            means[*class].iter_mut().zip(*vector).for_each(|(sum, value)| *sum += value);
        }
        for mean in &mut means {
            let length = mean.iter().map(|value| value * value).sum::<f32>().sqrt();
            mean.iter_mut().for_each(|value| *value /= length.max(1e-9));
        }
        let columns: Vec<f32> = (0..n_dimensions)
            .flat_map(|column| means.iter().map(move |mean| mean[column]))
            .collect();
        let neighbours = Neighbours::of(&vectors, &classes, n_classes);
        let mut words: Vec<SparseRow> = examples.into_iter().map(|example| example.words).collect();
        words.iter_mut().flatten().for_each(|(_, value)| *value *= WORDS_LENGTH);
        let rows: Vec<usize> = (0..words.len()).collect();
        let trust = TRUST_VECTORS;
        let problem =
            |max_steps| Problem { rows: &rows, classes: &classes, n_classes, trust, max_steps };
        let dense = Dense { n_columns: n_dimensions, values: &values };
        let by_vector = Softmax::fit(&dense, &problem(MANY_STEPS));
        let sparse = Sparse { n_columns: n_words, rows: &words };
        let rows_of_both = Both { dense, sparse };
        let both = Softmax::fit_from(Some(&by_vector), &rows_of_both, &problem(MANY_STEPS));
        let (table, both) = (Table::of(&by_vector), Table::of(&both));
        let prototypes = Table::rounded(&columns, vec![0.0; n_classes]);
        Self { table, both, prototypes, neighbours }
    }
}

fn entries(row: &[(u32, f32)]) -> impl Iterator<Item = (usize, f32)> {
    row.iter().map(|(column, value)| (*column as usize, *value))
}

fn best(values: &[f32]) -> f32 {
    values.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

/// The place of the largest value, the first of equal ones.
pub(crate) fn place_of_best(values: &[f32]) -> usize {
    let best = best(values);
    values.iter().position(|value| *value >= best).unwrap_or_default()
}
