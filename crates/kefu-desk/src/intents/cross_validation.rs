//! How well intents and what is out of scope are told, on examples that were not seen.

use super::catalogue::IntentCatalogue;
use super::corpus::{Corpus, ExampleVectors};
use super::error::IntentError;
use super::fit::{FitObserver, N_FOLDS, Steps, Unseen, prepare, split, unseen};
use super::model::Model;
use super::parallel;
use super::scopes::{LeftOut, N_GROUPS, Scopes};

/// What an unseen example was given; classes are those of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess {
    /// Its number in the catalogue, from 0.
    pub example: usize,
    /// The fold that it was left out with.
    pub fold: usize,
    /// Its class.
    pub gold: usize,
    /// What the head gives.
    pub given: usize,
    /// What a plain regression on vectors gives, where the example has one.
    pub by_vector: Option<usize>,
    /// What a regression on words gives.
    pub by_words: usize,
}

/// How surely an unseen example was taken for the service's business.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutsideScore {
    /// Its number in the catalogue, from 0.
    pub example: usize,
    /// The round in which it was judged: scores of different rounds come of different heads.
    pub round: usize,
    /// Whether it is the service's business, as far as the round's head could know.
    pub is_inside: bool,
    /// What the head says, 0 to 1.
    pub in_scope: f32,
}

/// What came of judging every example by heads that had not seen it. Rules that know examples word
/// for word take no part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CrossValidation {
    /// One for each example that is the service's business.
    pub guesses: Vec<Guess>,
    /// Examples of what is out of scope against unseen ones that are not, by heads that had seen
    /// none of the first kind.
    pub unknown_outside: Vec<OutsideScore>,
    /// The same by heads that had seen those of the other folds.
    pub known_outside: Vec<OutsideScore>,
    /// Examples of intents that the head was never fitted on, against unseen ones of the others.
    pub never_enrolled: Vec<OutsideScore>,
}

/// Judges every example by heads fitted without its fold; then leaves out every fifth intent in
/// turn and judges those. Examples of equal words share a fold, and those of an intent are dealt out
/// in their order, so the folds are the same on every machine.
///
/// # Errors
/// As [`super::IntentHead::fit`].
pub fn cross_validate(
    catalogue: &IntentCatalogue,
    vectors: Option<&ExampleVectors>,
    observer: &dyn FitObserver,
) -> Result<CrossValidation, IntentError> {
    let corpus = prepare(catalogue, vectors)?;
    let (inside, outside) = (corpus.of_kind(false), corpus.of_kind(true));
    let classes = corpus.classes();
    let leaves_out = classes.len() >= 2 * N_FOLDS;
    let n_rounds = if leaves_out { 2 * N_FOLDS } else { N_FOLDS };
    let n_strange = if leaves_out { N_FOLDS } else { 0 };
    let n_blind = if outside.is_empty() { 0 } else { N_FOLDS };
    let steps = Steps::of(observer, n_rounds + (n_blind + n_strange) * N_GROUPS);
    let left_out = |seen: &[usize]| -> Vec<LeftOut> {
        let groups = (0..N_GROUPS).map(|group| {
            steps.step();
            LeftOut::fit(&corpus, seen, group)
        });
        groups.collect()
    };
    let fold = |fold: usize| {
        let (kept, seen) = split(&corpus, &inside, fold);
        let (kept_outside, seen_outside) = split(&corpus, &outside, fold);
        let model = Model::fit(&corpus, &seen);
        steps.step();
        let guess = |one: Unseen| Guess {
            example: one.index,
            fold,
            gold: corpus.rows[one.index].class,
            given: one.given,
            by_vector: one.given_by_vector,
            by_words: one.given_by_words,
        };
        let guesses = unseen(&corpus, &model, &kept).into_iter().map(guess).collect();
        let mut found = CrossValidation { guesses, ..CrossValidation::default() };
        if !outside.is_empty() {
            let left_out = left_out(&seen);
            let judge = |seen: &[usize], rows: (&[usize], &[usize])| {
                scores(&corpus, (&model, &Scopes::fit(&corpus, &left_out, seen)), rows, fold)
            };
            found.unknown_outside = judge(&[], (&kept, &outside));
            found.known_outside = judge(&seen_outside, (&kept, &kept_outside));
        }
        found
    };
    let strangers = |round: usize| {
        let is_enrolled = |row: &usize| {
            let class = corpus.rows[*row].class;
            classes.partition_point(|other| *other < class) % N_FOLDS != round
        };
        let (enrolled, strange): (Vec<usize>, Vec<usize>) =
            inside.iter().copied().partition(is_enrolled);
        let (kept, seen) = split(&corpus, &enrolled, round);
        let model = Model::fit(&corpus, &seen);
        steps.step();
        let scopes = Scopes::fit(&corpus, &left_out(&seen), &[]);
        let never_enrolled = scores(&corpus, (&model, &scopes), (&kept, &strange), round);
        CrossValidation { never_enrolled, ..CrossValidation::default() }
    };
    let rounds = parallel::map(n_rounds, |round| {
        if round < N_FOLDS { fold(round) } else { strangers(round - N_FOLDS) }
    });
    let mut found = CrossValidation::default();
    for round in rounds {
        found.guesses.extend(round.guesses);
        found.unknown_outside.extend(round.unknown_outside);
        found.known_outside.extend(round.known_outside);
        found.never_enrolled.extend(round.never_enrolled);
    }
    Ok(found)
}

fn scores(
    corpus: &Corpus<'_>,
    (model, scopes): (&Model, &Scopes),
    (inside, outside): (&[usize], &[usize]),
    round: usize,
) -> Vec<OutsideScore> {
    let score = |example: usize, is_inside: bool| {
        let row = &corpus.rows[example];
        let in_scope = scopes.probability(&model.judge(&row.grams, row.vector));
        OutsideScore { example, round, is_inside, in_scope }
    };
    let inside = inside.iter().map(|example| score(*example, true));
    inside.chain(outside.iter().map(|example| score(*example, false))).collect()
}
