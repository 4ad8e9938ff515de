//! From examples to a head, and how well it does on examples it has not seen.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::catalogue::IntentCatalogue;
use super::corpus::{Corpus, ExampleVectors};
use super::error::IntentError;
use super::model::{Model, place_of_best};

/// Parts that examples are dealt into for cross-validation.
pub const N_FOLDS: usize = 5;
/// Different examples that a class needs.
pub const MIN_EXAMPLES: usize = 3;

/// Watches a fit; each step takes about as long as any other.
pub trait FitObserver: Sync {
    /// Takes the number of steps done, of how many. Steps are done on several threads: a smaller
    /// number may come after a larger one.
    fn observe(&self, n_done: usize, n_total: usize);
}

/// Watches nothing.
impl FitObserver for () {
    fn observe(&self, _n_done: usize, _n_total: usize) {}
}

/// Counts steps for an observer.
pub(crate) struct Steps<'a> {
    observer: &'a dyn FitObserver,
    n_done: AtomicUsize,
    n_total: usize,
}

impl<'a> Steps<'a> {
    pub(crate) fn of(observer: &'a dyn FitObserver, n_total: usize) -> Self {
        observer.observe(0, n_total);
        Self { observer, n_done: AtomicUsize::new(0), n_total }
    }

    pub(crate) fn step(&self) {
        let n_done = self.n_done.fetch_add(1, Ordering::Relaxed) + 1;
        self.observer.observe(n_done, self.n_total);
    }
}

/// How sharply log-probabilities are read so that confidences are met, with and without vectors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sharpness {
    pub(crate) by_vector: f32,
    pub(crate) by_words: f32,
}

/// What unseen examples were given, by [`unseen`].
pub(crate) struct Unseen {
    /// The example.
    pub(crate) index: usize,
    /// Its class and those given, as classes of the catalogue; `None` where the fold's examples had
    /// none of its class.
    pub(crate) given: usize,
    pub(crate) given_by_words: usize,
    pub(crate) given_by_vector: Option<usize>,
    /// Log-probabilities, and the place of the right one.
    log_probabilities: Vec<f32>,
    right: Option<usize>,
    is_by_vector: bool,
}

/// Judges the examples of one fold by what was fitted on the others.
pub(crate) fn unseen(corpus: &Corpus<'_>, model: &Model, fold: &[usize]) -> Vec<Unseen> {
    let judge = |index: usize| {
        let row = &corpus.rows[index];
        let judged = model.judge(&row.grams, row.vector);
        let given = |scores: &Vec<f32>| model.classes[place_of_best(scores)];
        Unseen {
            index,
            given: given(&judged.both),
            given_by_words: given(&judged.by_words),
            given_by_vector: judged.by_vector.as_ref().map(given),
            right: model.classes.iter().position(|class| *class == row.class),
            is_by_vector: judged.by_vector.is_some(),
            log_probabilities: judged.both,
        }
    };
    fold.iter().copied().map(judge).collect()
}

/// The sharpness under which what was given is least surprising.
pub(crate) fn sharpness(unseen: &[Unseen]) -> Sharpness {
    let best = |by_vector: bool| {
        let of_kind = || unseen.iter().filter(move |one| one.is_by_vector == by_vector);
        if of_kind().count() == 0 {
            return 1.0;
        }
        let surprise = |sharpness: f32| -> f64 {
            let one = |one: &Unseen| {
                let mut scores: Vec<f32> =
                    one.log_probabilities.iter().map(|score| score * sharpness).collect();
                super::softmax::log_normalise(&mut scores);
                one.right.map_or(0.0, |right| f64::from(-scores[right]))
            };
            of_kind().map(one).sum()
        };
        let candidates = (2_u8..=60).map(|step| f32::from(step) / 10.0);
        candidates.min_by(|a, b| surprise(*a).total_cmp(&surprise(*b))).unwrap_or(1.0)
    };
    Sharpness { by_vector: best(true), by_words: best(false) }
}

/// Splits examples into those of a fold and the others.
pub(crate) fn split(corpus: &Corpus<'_>, rows: &[usize], fold: usize) -> (Vec<usize>, Vec<usize>) {
    rows.iter().copied().partition(|row| corpus.rows[*row].deal % N_FOLDS == fold)
}

/// Checks that there is enough to fit.
pub(crate) fn check(catalogue: &IntentCatalogue, corpus: &Corpus<'_>) -> Result<(), IntentError> {
    let inside = corpus.of_kind(false);
    let n = catalogue.specs().iter().filter(|spec| !spec.out_of_scope).count();
    if n < 2 {
        return Err(IntentError::TooFewLabels { n });
    }
    for (class, spec) in catalogue.specs().iter().enumerate().filter(|(_, s)| !s.out_of_scope) {
        let of_class = inside.iter().filter(|row| corpus.rows[**row].class == class);
        let n = of_class.map(|row| corpus.rows[*row].deal + 1).max().unwrap_or_default();
        if n < MIN_EXAMPLES {
            let label = spec.intent.name.clone();
            return Err(IntentError::TooFewExamples { label, n, needed: MIN_EXAMPLES });
        }
    }
    Ok(())
}

/// What was fitted, and how well it did on unseen examples.
#[derive(Clone, Debug, PartialEq)]
pub struct FitReport {
    /// Intents that are the service's business.
    pub n_intents: usize,
    /// Their examples.
    pub n_examples: usize,
    /// Examples of what is out of scope.
    pub n_out_of_scope: usize,
    /// Examples that have a vector.
    pub n_with_vector: usize,
    /// Share of the examples whose intent was told by a head that had not seen them.
    pub accuracy: f64,
    /// The same in each fold.
    pub accuracy_by_fold: Vec<f64>,
    /// The same by a regression on vectors alone, over the examples that have one.
    pub accuracy_by_vector: Option<f64>,
    /// The same by words alone.
    pub accuracy_by_words: f64,
}

/// Sums up what unseen examples were given.
pub(crate) fn report(
    corpus: &Corpus<'_>,
    folds: &[Vec<Unseen>],
    (n_inside, n_outside): (usize, usize),
) -> FitReport {
    let share = |right: usize, of: usize| if of == 0 { 0.0 } else { real(right) / real(of) };
    let accuracy = |all: &mut dyn Iterator<Item = (&Unseen, usize)>| {
        let (mut n_right, mut n) = (0, 0);
        for (one, given) in all {
            n += 1;
            n_right += usize::from(corpus.rows[one.index].class == given);
        }
        share(n_right, n)
    };
    let all = || folds.iter().flatten();
    let has_vector = all().any(|one| one.given_by_vector.is_some());
    FitReport {
        n_intents: corpus.classes().len(),
        n_examples: n_inside,
        n_out_of_scope: n_outside,
        n_with_vector: corpus.rows.iter().filter(|row| row.vector.is_some()).count(),
        accuracy: accuracy(&mut all().map(|one| (one, one.given))),
        accuracy_by_fold: folds
            .iter()
            .map(|fold| accuracy(&mut fold.iter().map(|one| (one, one.given))))
            .collect(),
        accuracy_by_vector: has_vector
            .then(|| accuracy(&mut all().filter_map(|one| Some((one, one.given_by_vector?))))),
        accuracy_by_words: accuracy(&mut all().map(|one| (one, one.given_by_words))),
    }
}

fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Takes the examples apart and checks them.
pub(crate) fn prepare<'a>(
    catalogue: &IntentCatalogue,
    vectors: Option<&'a ExampleVectors>,
) -> Result<Corpus<'a>, IntentError> {
    let corpus = Corpus::of(catalogue, vectors)?;
    check(catalogue, &corpus)?;
    Ok(corpus)
}
