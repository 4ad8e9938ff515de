use std::collections::BTreeSet;

use kefu_core::Language;

use super::{FigureSpec, SuiteRun};
use crate::report::{Figure, FigureGroup, ItemReport, Part};
use crate::statistics::{Bootstrap, Observation, estimate};

/// Figures over the whole set, then by language where it has several, then by label.
pub(crate) fn groups(run: &SuiteRun, bootstrap: Bootstrap) -> Vec<FigureGroup> {
    let languages: BTreeSet<Language> = run.items.iter().map(|item| item.language).collect();
    let labels: BTreeSet<&str> = run.items.iter().filter_map(|i| i.label.as_deref()).collect();
    let mut parts = vec![Part::All];
    if languages.len() > 1 {
        parts.extend(languages.into_iter().map(Part::Language));
    }
    parts.extend(labels.into_iter().map(|label| Part::Label(label.to_owned())));
    parts.into_iter().map(|part| group(run, part, bootstrap)).collect()
}

fn group(run: &SuiteRun, part: Part, bootstrap: Bootstrap) -> FigureGroup {
    let items: Vec<&ItemReport> = run.items.iter().filter(|item| belongs(item, &part)).collect();
    FigureGroup {
        suite: run.suite,
        slice: run.slice,
        n_items: items.len(),
        n_failed: items.iter().filter(|item| item.failure.is_some()).count(),
        figures: run.specs.iter().map(|spec| figure(spec, &items, bootstrap)).collect(),
        part,
    }
}

pub(super) fn belongs(item: &ItemReport, part: &Part) -> bool {
    match part {
        Part::All => true,
        Part::Language(language) => item.language == *language,
        Part::Label(label) => item.label.as_ref() == Some(label),
    }
}

fn figure(spec: &FigureSpec, items: &[&ItemReport], bootstrap: Bootstrap) -> Figure {
    let observed = items.iter().filter_map(|item| {
        item.value(spec.measure).map(|value| Observation { cluster: &item.cluster, value })
    });
    let observations: Vec<Observation<'_>> = observed.collect();
    let found = estimate(&observations, spec.statistic, bootstrap);
    Figure {
        name: spec.name,
        unit: spec.unit,
        better: spec.better,
        n: observations.len(),
        value: found.map(|f| f.value),
        interval: found.and_then(|f| f.interval),
    }
}
