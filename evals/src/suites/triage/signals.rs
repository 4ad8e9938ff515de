//! Signals that labels promise against those that triage finds.

use kefu_core::{EscalationReason, Reason, Risk, Signals, TriageOutcome};

use crate::dataset::TriageSignal;
use crate::metrics::classes::{Tally, auroc};
use crate::metrics::{real, share};
use crate::report::{Figure, ItemReport};
use crate::statistics::{Better, Bootstrap, Unit, interval};

/// From this on a score counts as found, where it is not the decision itself that counts.
const FOUND: f32 = 0.5;
/// Moods at and below this count as not content.
const UNHAPPY: f32 = -0.25;

/// Names of a signal's measures and figures.
pub(super) struct Names {
    pub(super) signal: TriageSignal,
    /// Whether the label promises it, whether triage found it, and how sure triage is.
    pub(super) gold: &'static str,
    pub(super) found: &'static str,
    pub(super) score: &'static str,
    recall: &'static str,
    precision: &'static str,
    f1: &'static str,
    macro_f1: &'static str,
    false_alarms: &'static str,
    auroc: &'static str,
}

macro_rules! names {
    ($signal:ident, $word:literal) => {
        Names {
            signal: TriageSignal::$signal,
            gold: concat!($word, "_gold"),
            found: concat!($word, "_found"),
            score: concat!($word, "_score"),
            recall: concat!($word, "_recall"),
            precision: concat!($word, "_precision"),
            f1: concat!($word, "_f1"),
            macro_f1: concat!($word, "_macro_f1"),
            false_alarms: concat!($word, "_false_alarms"),
            auroc: concat!($word, "_auroc"),
        }
    };
}

/// What triage is held against; what is out of scope is judged with the intents.
pub(super) const SIGNALS: [Names; 6] = [
    names!(Human, "human"),
    names!(Complaint, "complaint"),
    names!(Dissatisfaction, "dissatisfaction"),
    names!(Abuse, "abuse"),
    names!(MoneySafety, "money_safety"),
    names!(Unsafe, "unsafe"),
];

/// Whether triage found a signal, and its score where it has one.
pub(super) fn found(
    signal: TriageSignal,
    outcome: &TriageOutcome,
    signals: &Signals,
) -> (bool, Option<f32>) {
    let has_reason = |reason: EscalationReason| match outcome {
        TriageOutcome::Escalate(escalation) => escalation.reason == reason,
        TriageOutcome::Proceed | TriageOutcome::Refuse(_) => false,
    };
    let complains = has_reason(EscalationReason::Complaint) || signals.complaint >= FOUND;
    match signal {
        TriageSignal::Human => (has_reason(EscalationReason::HumanRequested), None),
        TriageSignal::Complaint => (complains, Some(signals.complaint)),
        TriageSignal::Dissatisfaction => {
            (complains || signals.sentiment <= UNHAPPY, Some(-signals.sentiment))
        }
        TriageSignal::Abuse => {
            let is_abuse = has_reason(EscalationReason::Abuse) || signals.abuse >= FOUND;
            (is_abuse, Some(signals.abuse))
        }
        TriageSignal::MoneySafety => {
            (has_reason(EscalationReason::MoneySafety) || signals.has(Risk::Money), None)
        }
        TriageSignal::Unsafe => {
            let refused = |refusal: &kefu_core::Refusal| refusal.reason == Reason::Unsafe;
            (matches!(outcome, TriageOutcome::Refuse(refusal) if refused(refusal)), None)
        }
        TriageSignal::OutOfScope => (false, None),
    }
}

#[derive(Clone, Copy)]
struct Seen {
    gold: bool,
    found: bool,
    score: Option<f64>,
}

type Measure = fn(&[Seen]) -> Option<f64>;

/// Figures of all signals over some items. A signal that no label of the set promises has its false
/// alarms only.
pub(super) fn figures(items: &[&ItemReport], bootstrap: Bootstrap) -> Vec<Figure> {
    SIGNALS.iter().flat_map(|names| of_signal(names, items, bootstrap)).collect()
}

fn of_signal(names: &Names, items: &[&ItemReport], bootstrap: Bootstrap) -> Vec<Figure> {
    let is = |item: &ItemReport, name| item.value(name).is_some_and(|value| value > 0.5);
    let seen = |item: &&ItemReport| Seen {
        gold: is(item, names.gold),
        found: is(item, names.found),
        score: item.value(names.score),
    };
    let rows: Vec<Vec<Seen>> = items.iter().map(|item| vec![seen(item)]).collect();
    let all: Vec<Seen> = rows.iter().flatten().copied().collect();
    let figure = |name: &'static str, better: Better, (of, n): (Measure, usize)| Figure {
        name,
        unit: Unit::Ratio,
        better,
        n,
        value: of(&all),
        interval: interval(&rows, of, bootstrap),
    };
    let n_gold = all.iter().filter(|row| row.gold).count();
    let n_found = all.iter().filter(|row| row.found).count();
    let n_other = all.len() - n_gold;
    let mut figures = Vec::new();
    if n_gold > 0 {
        figures.push(figure(names.recall, Better::Higher, (|rows| tally(rows).recall(), n_gold)));
        let precision: Measure = |rows| tally(rows).precision();
        figures.push(figure(names.precision, Better::Higher, (precision, n_found)));
        figures.push(figure(names.f1, Better::Higher, (|rows| tally(rows).f1(), all.len())));
    }
    if n_gold > 0 && n_other > 0 {
        figures.push(figure(names.macro_f1, Better::Higher, (macro_f1, all.len())));
        // A score that never differs is none.
        let first = all.first().and_then(|row| row.score);
        if first.is_some() && all.iter().any(|row| row.score != first) {
            figures.push(figure(names.auroc, Better::Higher, (area, all.len())));
        }
    }
    if n_other > 0 {
        figures.push(figure(names.false_alarms, Better::Lower, (false_alarms, n_other)));
    }
    figures
}

fn tally(rows: &[Seen]) -> Tally {
    let mut tally = Tally::default();
    rows.iter().for_each(|row| tally.add(row.gold, row.found));
    tally
}

/// Mean F1 of having the signal and of not having it.
fn macro_f1(rows: &[Seen]) -> Option<f64> {
    let mut without = Tally::default();
    rows.iter().for_each(|row| without.add(!row.gold, !row.found));
    Some((tally(rows).f1()? + without.f1()?) / 2.0)
}

fn area(rows: &[Seen]) -> Option<f64> {
    auroc(rows.iter().filter_map(|row| Some((row.score?, row.gold))))
}

fn false_alarms(rows: &[Seen]) -> Option<f64> {
    let others = || rows.iter().filter(|row| !row.gold);
    let n = others().count();
    (n > 0).then(|| others().map(|row| share(row.found)).sum::<f64>() / real(n))
}
