//! What triage makes of labelled texts: which are handed to a person, which signals are found, and
//! how well intents are told.

mod intents;
mod signals;

use kefu_core::TriageOutcome;

use super::{FigureSpec, Progress, SuiteRun};
use crate::dataset::{Example, TriageLabels};
use crate::metrics::share;
use crate::observe::EvalObserver;
use crate::options::Suite;
use crate::report::{Confusion, FigureGroup, ItemReport, Part, Slice};
use crate::statistics::{Better, Bootstrap, Unit};
use crate::subject::Subject;

use intents::Intents;
use signals::SIGNALS;

const SPECS: &[FigureSpec] = &[FigureSpec::mean("escalated", Unit::Ratio, Better::Neither)];

/// What came of the suite.
pub(crate) struct TriageRun {
    pub(crate) run: SuiteRun,
    intents: Option<Intents>,
}

pub(crate) async fn run(
    subject: &dyn Subject,
    examples: &[(usize, &Example)],
    labels: &TriageLabels,
    observer: &dyn EvalObserver,
) -> TriageRun {
    let mut progress = Progress::start(observer, Suite::Triage, Slice::AsAsked, examples.len());
    let mut items = Vec::with_capacity(examples.len());
    for (number, example) in examples {
        let item = assess(subject, (*number, example), labels);
        progress.asked(item.failure.is_some());
        items.push(item);
    }
    let intents = intents::run(subject, examples, labels, observer).await;
    progress.finish();
    if let Some(given) = intents.as_ref().map(Intents::given) {
        let of_item =
            |item: &ItemReport| given.get(&item.id.parse().ok()?).map(|s| (*s).to_owned());
        items.iter_mut().for_each(|item| item.answer = of_item(item));
    }
    let notes = intents.as_ref().map_or_else(Vec::new, |intents| intents.notes.clone());
    let (suite, slice) = (Suite::Triage, Slice::AsAsked);
    TriageRun { run: SuiteRun { suite, slice, specs: SPECS, items, notes }, intents }
}

fn assess(
    subject: &dyn Subject,
    (number, example): (usize, &Example),
    labels: &TriageLabels,
) -> ItemReport {
    let verdict = subject.assess(example);
    let escalated = matches!(verdict, Some(TriageOutcome::Escalate(_)));
    let outcome = verdict.as_ref().map(|verdict| match verdict {
        TriageOutcome::Proceed => "proceed",
        TriageOutcome::Escalate(escalation) => escalation.reason.as_str(),
        TriageOutcome::Refuse(refusal) => refusal.reason.as_str(),
    });
    let failure = verdict.is_none().then(|| "the subject has no triage".to_owned());
    let mut values = vec![("escalated", share(escalated))];
    let read = subject.signals(example);
    let verdict = verdict.unwrap_or(TriageOutcome::Proceed);
    for names in &SIGNALS {
        let (found, score) = signals::found(names.signal, &verdict, &read);
        values.push((names.gold, share(labels.means(&example.label, names.signal))));
        values.push((names.found, share(found)));
        values.extend(score.map(|score| (names.score, f64::from(score))));
    }
    ItemReport {
        suite: Suite::Triage,
        slice: Slice::AsAsked,
        id: number.to_string(),
        question: example.text.clone(),
        language: example.language,
        features: Vec::new(),
        label: Some(example.label.clone()),
        cluster: number.to_string(),
        failure,
        outcome,
        lane: None,
        answer: None,
        confidence: None,
        documents: Vec::new(),
        values,
    }
}

/// Adds the figures of signals and intents to the groups of the suite.
pub(crate) fn complete(groups: &mut [FigureGroup], triage: &TriageRun, bootstrap: Bootstrap) {
    for group in groups {
        let items: Vec<&ItemReport> = triage
            .run
            .items
            .iter()
            .filter(|item| super::figures::belongs(item, &group.part))
            .collect();
        match &group.part {
            Part::All => {
                group.figures.extend(signals::figures(&items, bootstrap));
                let intents = triage.intents.as_ref();
                group.figures.extend(intents.into_iter().flat_map(|i| i.figures(bootstrap)));
            }
            Part::Language(_) => group.figures.extend(signals::figures(&items, bootstrap)),
            Part::Label(label) => {
                let intents = triage.intents.as_ref();
                let figures = intents.into_iter().flat_map(|i| i.label_figures(label, bootstrap));
                group.figures.extend(figures);
            }
        }
    }
}

/// Which labels met which outcomes, and which intents are taken for which.
pub(crate) fn confusions(triage: &TriageRun) -> Vec<Confusion> {
    let mut outcomes = std::collections::BTreeMap::new();
    for item in &triage.run.items {
        let label = item.label.clone().unwrap_or_default();
        *outcomes.entry((label, item.outcome.unwrap_or("failed"))).or_insert(0_usize) += 1;
    }
    let rows = outcomes.into_iter().map(|((label, outcome), n)| (label, outcome.to_owned(), n));
    let outcomes = Confusion { name: "outcome", rows: rows.collect() };
    let intents = triage.intents.as_ref().and_then(Intents::confusion);
    [outcomes].into_iter().chain(intents).collect()
}
