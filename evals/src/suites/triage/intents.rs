//! Intents told by heads that have not seen the example: accuracy, what is out of scope, and
//! intents that were never enrolled.

use std::collections::BTreeMap;

use kefu_core::ports::EmbedKind;
use kefu_desk::{
    CrossValidation, ExampleVectors, FitObserver, Guess, IntentCatalogue, MIN_EXAMPLES, N_FOLDS,
    OutsideScore, cross_validate,
};

use crate::dataset::{Example, TriageLabels, TriageSignal};
use crate::metrics::classes::{Tally, auroc, macro_f1, tallies};
use crate::metrics::{real, share};
use crate::observe::{EvalEvent, EvalObserver};
use crate::report::{Confusion, Figure};
use crate::statistics::{Better, Bootstrap, Unit, interval};
use crate::subject::Subject;

/// Labels are taken for intents when so many of them have as many examples.
const MANY_LABELS: usize = 5;
const MANY_EXAMPLES: usize = 10;
const BATCH: usize = 64;

/// Intents of a set and what came of telling them.
pub(crate) struct Intents {
    /// Names of the classes.
    names: Vec<String>,
    /// The example of each guess, as its number in the set.
    numbers: Vec<usize>,
    found: CrossValidation,
    /// What a reader should know.
    pub(crate) notes: Vec<String>,
}

/// Tells the intents of a set by folds; `None` where its labels are no intents.
pub(super) async fn run(
    subject: &dyn Subject,
    examples: &[(usize, &Example)],
    labels: &TriageLabels,
    observer: &dyn EvalObserver,
) -> Option<Intents> {
    let mut by_label: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, example) in examples {
        *by_label.entry(&example.label).or_default() += 1;
    }
    if !labels.are_intents().unwrap_or_else(|| look_like_intents(&by_label)) {
        return None;
    }
    let (catalogue, numbers, mut notes) = catalogue(examples, (&by_label, labels));
    let vectors = match vectors(subject, examples, &numbers).await {
        Ok(vectors) => vectors,
        Err(detail) => {
            notes.push(format!("intents were told by words alone: {detail}"));
            None
        }
    };
    match cross_validate(&catalogue, vectors.as_ref(), &Steps(observer)) {
        Ok(found) => {
            let names = catalogue.specs().iter().map(|spec| spec.intent.name.clone()).collect();
            let mut intents = Intents { names, numbers, found, notes };
            let by_fold = intents.by_fold().map(|accuracy| format!("{accuracy:.4}"));
            let by_fold: Vec<String> = by_fold.collect();
            intents.notes.push(format!("intent accuracy by fold: {}", by_fold.join(", ")));
            Some(intents)
        }
        Err(error) => {
            let note = format!("intents were not told: {error}");
            let nothing = (Vec::new(), Vec::new(), CrossValidation::default());
            Some(Intents {
                names: nothing.0,
                numbers: nothing.1,
                found: nothing.2,
                notes: vec![note],
            })
        }
    }
}

fn look_like_intents(by_label: &BTreeMap<&str, usize>) -> bool {
    let plain = by_label.iter().filter(|(label, _)| !label.is_empty() && !label.contains('|'));
    let n_many = plain.filter(|(_, n)| **n >= MANY_EXAMPLES).count();
    n_many >= MANY_LABELS && !by_label.keys().any(|label| label.contains('|'))
}

/// Labels with enough examples, and the number of each example that is used.
fn catalogue(
    examples: &[(usize, &Example)],
    (by_label, labels): (&BTreeMap<&str, usize>, &TriageLabels),
) -> (IntentCatalogue, Vec<usize>, Vec<String>) {
    let mut catalogue = IntentCatalogue::open();
    let (mut numbers, mut n_left_out) = (Vec::new(), 0_usize);
    for (number, example) in examples {
        let label = example.label.as_str();
        let is_outside = labels.means(label, TriageSignal::OutOfScope);
        let label = if is_outside { TriageSignal::OutOfScope.as_str() } else { label };
        let has_enough = is_outside || by_label.get(label).is_some_and(|n| *n >= MANY_EXAMPLES);
        if has_enough && !label.is_empty() && catalogue.add(label, &example.text).is_ok() {
            numbers.push(*number);
        } else {
            n_left_out += 1;
        }
    }
    let mut notes = Vec::new();
    if n_left_out > 0 {
        notes.push(format!(
            "{n_left_out} examples take no part in telling intents: their label has fewer than \
             {} examples, or they hold no word",
            MANY_EXAMPLES.max(MIN_EXAMPLES)
        ));
    }
    (catalogue, numbers, notes)
}

async fn vectors(
    subject: &dyn Subject,
    examples: &[(usize, &Example)],
    numbers: &[usize],
) -> Result<Option<ExampleVectors>, String> {
    let Some(embedder) = subject.encoder() else { return Ok(None) };
    let info = embedder.info().clone();
    let by_number: BTreeMap<usize, &Example> = examples.iter().copied().collect();
    let mut rows: Vec<Option<Vec<f32>>> = vec![None; numbers.len()];
    let served: Vec<(usize, &Example)> = numbers
        .iter()
        .enumerate()
        .filter_map(|(place, number)| Some((place, *by_number.get(number)?)))
        .filter(|(_, example)| info.serves(example.language))
        .collect();
    if served.is_empty() {
        return Ok(None);
    }
    for batch in served.chunks(BATCH) {
        let texts: Vec<String> = batch.iter().map(|(_, example)| example.text.clone()).collect();
        let embedded = embedder.embed(EmbedKind::Query, &texts).await;
        let embedded = embedded.map_err(|error| error.to_string())?;
        for ((place, _), vector) in batch.iter().zip(embedded) {
            rows[*place] = Some(vector);
        }
    }
    Ok(Some(ExampleVectors { embedder: info.id, dimensions: info.dimensions, rows }))
}

/// Passes steps on as if they were questions.
struct Steps<'a>(&'a dyn EvalObserver);

impl FitObserver for Steps<'_> {
    fn observe(&self, n_done: usize, n_total: usize) {
        self.0.observe(EvalEvent::Asked { n_done, n_total, n_failed: 0 });
    }
}

type Pair = (usize, usize);

impl Intents {
    /// The intent that the example with this number was given.
    pub(super) fn given(&self) -> BTreeMap<usize, &str> {
        let given = |guess: &Guess| {
            Some((*self.numbers.get(guess.example)?, self.names.get(guess.given)?.as_str()))
        };
        self.found.guesses.iter().filter_map(given).collect()
    }

    fn by_fold(&self) -> impl Iterator<Item = f64> {
        (0..N_FOLDS).filter_map(|fold| {
            let of_fold = self.found.guesses.iter().filter(move |guess| guess.fold == fold);
            let right: Vec<f64> = of_fold.map(|guess| share(guess.gold == guess.given)).collect();
            (!right.is_empty()).then(|| right.iter().sum::<f64>() / real(right.len()))
        })
    }

    /// Figures over all intents.
    pub(super) fn figures(&self, bootstrap: Bootstrap) -> Vec<Figure> {
        let mut figures = Vec::new();
        let mut accuracy = |name: &'static str, given: &dyn Fn(&Guess) -> Option<usize>| {
            let pairs = self.found.guesses.iter();
            let pairs = pairs.filter_map(|guess| Some(vec![(guess.gold, given(guess)?)]));
            let pairs: Vec<Vec<Pair>> = pairs.collect();
            figures.extend(figure(name, (&pairs, right), bootstrap));
        };
        accuracy("intent_accuracy", &|guess| Some(guess.given));
        accuracy("intent_accuracy_vectors_alone", &|guess| guess.by_vector);
        accuracy("intent_accuracy_words_alone", &|guess| Some(guess.by_words));
        let pairs = self.pairs();
        let n_classes = self.names.len();
        let macro_f1 = |pairs: &[Pair]| macro_f1(&tallies(pairs, n_classes));
        figures.extend(figure("intent_macro_f1", (&pairs, macro_f1), bootstrap));
        let scores = [
            ("out_of_scope_auroc", &self.found.unknown_outside),
            ("out_of_scope_auroc_with_examples", &self.found.known_outside),
            ("never_enrolled_auroc", &self.found.never_enrolled),
        ];
        for (name, scores) in scores {
            let mut by_example: BTreeMap<usize, Vec<OutsideScore>> = BTreeMap::new();
            for score in scores {
                by_example.entry(score.example).or_default().push(*score);
            }
            let rows: Vec<Vec<OutsideScore>> = by_example.into_values().collect();
            figures.extend(figure(name, (&rows, mean_area), bootstrap));
        }
        figures
    }

    /// Figures of one label.
    pub(super) fn label_figures(&self, label: &str, bootstrap: Bootstrap) -> Vec<Figure> {
        let Some(class) = self.names.iter().position(|name| name == label) else {
            return Vec::new();
        };
        let concerned: Vec<Vec<Pair>> = self
            .pairs()
            .into_iter()
            .filter(|pair| pair.iter().any(|(gold, given)| *gold == class || *given == class))
            .collect();
        let tally = move |pairs: &[Pair]| {
            let mut tally = Tally::default();
            pairs.iter().for_each(|(gold, given)| tally.add(*gold == class, *given == class));
            tally
        };
        let recall =
            figure("intent_recall", (&concerned, |p: &[Pair]| tally(p).recall()), bootstrap);
        let precision =
            figure("intent_precision", (&concerned, |p: &[Pair]| tally(p).precision()), bootstrap);
        let f1 = figure("intent_f1", (&concerned, |p: &[Pair]| tally(p).f1()), bootstrap);
        [recall, precision, f1].into_iter().flatten().collect()
    }

    /// Which intents are taken for which.
    pub(super) fn confusion(&self) -> Option<Confusion> {
        let pairs: Vec<Pair> = self.pairs().into_iter().flatten().collect();
        let counted = crate::metrics::classes::confusion(&pairs);
        let named = counted.into_iter().filter_map(|((gold, given), n)| {
            Some((self.names.get(gold)?.clone(), self.names.get(given)?.clone(), n))
        });
        let rows: Vec<_> = named.collect();
        (!rows.is_empty()).then_some(Confusion { name: "intent", rows })
    }

    fn pairs(&self) -> Vec<Vec<Pair>> {
        self.found.guesses.iter().map(|guess| vec![(guess.gold, guess.given)]).collect()
    }
}

fn right(pairs: &[Pair]) -> Option<f64> {
    let n_right = pairs.iter().filter(|(gold, given)| gold == given).count();
    (!pairs.is_empty()).then(|| real(n_right) / real(pairs.len()))
}

/// The area of each round, averaged: scores of different rounds are not comparable.
fn mean_area(scores: &[OutsideScore]) -> Option<f64> {
    let areas = (0..N_FOLDS).filter_map(|round| {
        let of_round = scores.iter().filter(|score| score.round == round);
        auroc(of_round.map(|score| (f64::from(score.in_scope), score.is_inside)))
    });
    let areas: Vec<f64> = areas.collect();
    (!areas.is_empty()).then(|| areas.iter().sum::<f64>() / real(areas.len()))
}

/// A figure over clusters of observations; none over nothing.
fn figure<T: Copy>(
    name: &'static str,
    (rows, of): (&[Vec<T>], impl Fn(&[T]) -> Option<f64>),
    bootstrap: Bootstrap,
) -> Option<Figure> {
    let all: Vec<T> = rows.iter().flatten().copied().collect();
    (!all.is_empty()).then(|| Figure {
        name,
        unit: Unit::Ratio,
        better: Better::Higher,
        n: rows.len(),
        value: of(&all),
        interval: interval(rows, of, bootstrap),
    })
}
