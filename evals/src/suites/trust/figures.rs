use std::collections::{BTreeMap, BTreeSet};

use kefu_core::Language;

use super::{ANSWERABLE, RIGHT};
use crate::metrics::trust::{self, Judged};
use crate::metrics::{real, share};
use crate::options::Suite;
use crate::report::{Figure, FigureGroup, ItemReport, Part, Slice};
use crate::statistics::{Better, Bootstrap, Unit, interval};

/// The share of answerable questions that a threshold may refuse, for `refused_unanswerable@10`.
const FALSE_REFUSALS: f64 = 0.1;
/// The share of answers that may be wrong, for `coverage@5`.
const RISK: f64 = 0.05;

struct Spec {
    name: &'static str,
    better: Better,
    of: fn(&[Judged]) -> Option<f64>,
}

const SPECS: [Spec; 8] = [
    Spec { name: "right_if_all_answered", better: Better::Higher, of: right },
    Spec { name: "auroc_answerable", better: Better::Higher, of: answerable },
    Spec { name: "auroc_right", better: Better::Higher, of: |all| trust::auroc(all, |j| j.right) },
    Spec { name: "aurc", better: Better::Lower, of: trust::aurc },
    Spec { name: "aurc_of_a_perfect_signal", better: Better::Neither, of: perfect },
    Spec {
        name: "coverage@5",
        better: Better::Higher,
        of: |all| trust::coverage_at_risk(all, RISK),
    },
    Spec {
        name: "refused_unanswerable@10",
        better: Better::Higher,
        of: |all| trust::refused_at(all, FALSE_REFUSALS),
    },
    Spec { name: "ece", better: Better::Lower, of: trust::ece },
];

fn right(all: &[Judged]) -> Option<f64> {
    let n_right = all.iter().filter(|j| j.right).count();
    (!all.is_empty()).then(|| real(n_right) / real(all.len()))
}

fn answerable(all: &[Judged]) -> Option<f64> {
    trust::auroc(all, |j| j.answerable)
}

fn perfect(all: &[Judged]) -> Option<f64> {
    let sure: Vec<Judged> =
        all.iter().map(|j| Judged { confidence: share(j.right), ..*j }).collect();
    trust::aurc(&sure)
}

/// What an item of the suite says.
pub(crate) fn judged(item: &ItemReport) -> Judged {
    let is = |name| item.value(name).is_some_and(|value| value > 0.5);
    Judged {
        confidence: item.confidence.map_or(0.0, f64::from),
        right: is(RIGHT),
        answerable: is(ANSWERABLE),
    }
}

/// Figures over the whole set, then by language where it has several.
pub(crate) fn groups(items: &[ItemReport], bootstrap: Bootstrap) -> Vec<FigureGroup> {
    let languages: BTreeSet<Language> = items.iter().map(|item| item.language).collect();
    let mut parts = vec![Part::All];
    if languages.len() > 1 {
        parts.extend(languages.into_iter().map(Part::Language));
    }
    let belongs = |item: &&ItemReport, part: &Part| match part {
        Part::Language(language) => item.language == *language,
        Part::All | Part::Label(_) => true,
    };
    let group = |part: Part| {
        let items: Vec<&ItemReport> = items.iter().filter(|item| belongs(item, &part)).collect();
        let mut clusters: BTreeMap<&str, Vec<Judged>> = BTreeMap::new();
        for item in &items {
            clusters.entry(&item.cluster).or_default().push(judged(item));
        }
        let clusters: Vec<Vec<Judged>> = clusters.into_values().collect();
        let all: Vec<Judged> = clusters.iter().flatten().copied().collect();
        let figure = |spec: &Spec| Figure {
            name: spec.name,
            unit: Unit::Ratio,
            better: spec.better,
            n: all.len(),
            value: (spec.of)(&all),
            interval: interval(&clusters, spec.of, bootstrap),
        };
        FigureGroup {
            suite: Suite::Trust,
            slice: Slice::AsAsked,
            n_items: items.len(),
            n_failed: items.iter().filter(|item| item.failure.is_some()).count(),
            figures: SPECS.iter().map(figure).collect(),
            part,
        }
    };
    parts.into_iter().map(group).collect()
}
