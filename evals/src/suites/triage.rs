//! Which labelled texts are handed to a person? One share for each label.

use kefu_core::TriageOutcome;

use super::{FigureSpec, Progress, SuiteRun};
use crate::dataset::Example;
use crate::metrics::share;
use crate::observe::EvalObserver;
use crate::options::Suite;
use crate::report::{ItemReport, Slice};
use crate::statistics::{Better, Unit};
use crate::subject::Subject;

const SPECS: &[FigureSpec] = &[FigureSpec::mean("escalated", Unit::Ratio, Better::Neither)];

pub(crate) fn run(
    subject: &dyn Subject,
    examples: &[(usize, &Example)],
    observer: &dyn EvalObserver,
) -> SuiteRun {
    let mut progress = Progress::start(observer, Suite::Triage, Slice::AsAsked, examples.len());
    let mut items = Vec::with_capacity(examples.len());
    for (number, example) in examples {
        let item = assess(subject, *number, example);
        progress.asked(item.failure.is_some());
        items.push(item);
    }
    progress.finish();
    SuiteRun { suite: Suite::Triage, slice: Slice::AsAsked, specs: SPECS, items, notes: Vec::new() }
}

fn assess(subject: &dyn Subject, number: usize, example: &Example) -> ItemReport {
    let verdict = subject.assess(example);
    let escalated = matches!(verdict, Some(TriageOutcome::Escalate(_)));
    let outcome = verdict.as_ref().map(|verdict| match verdict {
        TriageOutcome::Proceed => "proceed",
        TriageOutcome::Escalate(escalation) => escalation.reason.as_str(),
        TriageOutcome::Refuse(refusal) => refusal.reason.as_str(),
    });
    let failure = verdict.is_none().then(|| "the subject has no triage".to_owned());
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
        values: vec![("escalated", share(escalated))],
    }
}
