//! What turns of no class look like, learnt from classes that a model has not seen.

use super::corpus::Corpus;
use super::model::{Judged, Model};
use super::scope::Scope;

/// Groups of classes that are left out in turn.
pub(crate) const N_GROUPS: usize = 3;

/// A model fitted without a group of classes and without a part of the examples of the others, and
/// what it makes of both.
pub(crate) struct LeftOut {
    /// `None` where nothing was left to fit.
    model: Option<Model>,
    group: usize,
    judgements: Judgements,
}

impl LeftOut {
    /// Leaves out the group with this number, below [`N_GROUPS`], of examples that are the service's
    /// business.
    pub(crate) fn fit(corpus: &Corpus<'_>, inside: &[usize], group: usize) -> Self {
        let mut classes: Vec<usize> = inside.iter().map(|row| corpus.rows[*row].class).collect();
        classes.sort_unstable();
        classes.dedup();
        // With few classes none is left out: then only examples of what is outside show it.
        let place = |class: usize| classes.partition_point(|other| *other < class);
        let is_left_out = |index: &usize| {
            classes.len() > N_GROUPS && place(corpus.rows[*index].class) % N_GROUPS == group
        };
        let is_unseen = |index: &usize| is_unseen(corpus, *index, group);
        let seen: Vec<usize> =
            inside.iter().copied().filter(|i| !is_left_out(i) && !is_unseen(i)).collect();
        let model = (!seen.is_empty()).then(|| Model::fit(corpus, &seen));
        let mut judgements = Judgements::default();
        for index in inside.iter().filter(|_| model.is_some()) {
            let is_inside = !is_left_out(index);
            if !is_inside || is_unseen(index) {
                judgements.add(corpus, (model.as_ref(), *index), is_inside);
            }
        }
        Self { model, group, judgements }
    }
}

fn is_unseen(corpus: &Corpus<'_>, index: usize, group: usize) -> bool {
    corpus.rows[index].deal % N_GROUPS == group
}

/// Measures of turns that are the service's business and of others.
#[derive(Clone, Default)]
struct Measures {
    inside: Vec<Vec<f32>>,
    outside: Vec<Vec<f32>>,
}

/// Measures with and without a vector.
#[derive(Clone, Default)]
struct Judgements {
    by_vector: Measures,
    by_words: Measures,
}

impl Judgements {
    fn add(
        &mut self,
        corpus: &Corpus<'_>,
        (model, index): (Option<&Model>, usize),
        is_inside: bool,
    ) {
        let Some(model) = model else { return };
        let row = &corpus.rows[index];
        let add = |to: &mut Measures, judged: Judged| {
            let kind = if is_inside { &mut to.inside } else { &mut to.outside };
            kind.push(judged.measures);
        };
        if row.vector.is_some() && model.has_vectors() {
            add(&mut self.by_vector, model.judge(&row.grams, row.vector));
        }
        add(&mut self.by_words, model.judge(&row.grams, None));
    }

    fn extend(&mut self, other: &Self) {
        let pairs =
            [(&mut self.by_vector, &other.by_vector), (&mut self.by_words, &other.by_words)];
        for (own, other) in pairs {
            own.inside.extend(other.inside.iter().cloned());
            own.outside.extend(other.outside.iter().cloned());
        }
    }
}

/// Whether a turn is the service's business, for turns with and without a vector.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scopes {
    pub(crate) by_vector: Scope,
    pub(crate) by_words: Scope,
}

impl Scopes {
    /// Learns from groups that were left out, and from examples that show what is out of scope.
    pub(crate) fn fit(corpus: &Corpus<'_>, left_out: &[LeftOut], outside: &[usize]) -> Self {
        let mut all = Judgements::default();
        for LeftOut { model, group, judgements } in left_out {
            all.extend(judgements);
            for index in outside.iter().filter(|index| is_unseen(corpus, **index, *group)) {
                all.add(corpus, (model.as_ref(), *index), false);
            }
        }
        Self {
            by_vector: Scope::fit(&all.by_vector.inside, &all.by_vector.outside),
            by_words: Scope::fit(&all.by_words.inside, &all.by_words.outside),
        }
    }

    /// Probability that a judged turn is the service's business.
    pub(crate) fn probability(&self, judged: &Judged) -> f32 {
        let scope = if judged.by_vector.is_some() { &self.by_vector } else { &self.by_words };
        scope.probability(&judged.measures)
    }
}
