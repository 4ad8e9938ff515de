//! Measures triage on labelled texts.
//!
//! ```text
//! judge rates FILE...            outcomes and signals by label
//! judge wrong LABEL FILE...      texts whose outcome is not LABEL (`human`, `complaint`, `proceed` …)
//! judge scores FILE...           a line for each text, tab-separated: label, outcome, rule, complaint,
//!                                sentiment, urgency, abuse; no text
//! judge mood POSITIVE NEGATIVE   AUROC of the mood score between two files
//! judge time FILE...             time of the decision and of the signals, p50 and p99
//! judge folds FILE LABEL         text head, five folds: macro-F1 and AUROC for LABEL
//! judge fit OUT FILE [OTHER...]  fits a text head on the whole file; texts of the other files are
//!                                further examples of its label `other`
//! ```
//!
//! A file is `.jsonl` with `text` or `question` and perhaps `label`, or plain lines below
//! `== label` headings.

#![expect(clippy::print_stdout, reason = "the output of a measuring tool")]

#[path = "judge/figures.rs"]
mod figures;
#[path = "judge/texts.rs"]
mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::{Context, bail};
use kefu_core::{Language, Signals, Triage, TriageInput, TriageOutcome};
use kefu_desk::{LabelledText, Rules, RulesSettings, TextHead, TextHeadSettings};

use texts::Labelled;

const N_FOLDS: usize = 5;
/// More labels than this are printed as one.
const MANY_LABELS: usize = 12;

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["rates", files @ ..] => rates(&texts::all(files)?),
        ["wrong", label, files @ ..] => wrong(label, &texts::all(files)?),
        ["scores", files @ ..] => scores(&texts::all(files)?),
        ["mood", positive, negative] => mood(&texts::all(&[positive])?, &texts::all(&[negative])?),
        ["time", files @ ..] => time(&texts::all(files)?),
        ["folds", file, label] => folds(&texts::all(&[file])?, label)?,
        ["fit", out, file, others @ ..] => fit(out, &texts::all(&[file])?, &texts::all(others)?)?,
        _ => bail!("say rates, wrong, scores, mood, time, folds or fit; see the top of judge.rs"),
    }
    Ok(())
}

fn rules() -> Rules {
    Rules::new(RulesSettings { escalate_after_failures: 2 })
}

fn judged(rules: &Rules, text: &str) -> (&'static str, &'static str, Signals) {
    let input = TriageInput { text, language: Language::UNDETERMINED, history: &[] };
    let (outcome, signals) = (rules.assess(&input), rules.signals(&input));
    let (outcome, rule) = match outcome {
        TriageOutcome::Proceed => ("proceed", ""),
        TriageOutcome::Refuse(refusal) => ("refuse", refusal.rule),
        TriageOutcome::Escalate(escalation) => (escalation.reason.as_str(), escalation.rule),
    };
    (outcome, rule, signals)
}

fn rates(all: &[Labelled]) {
    let rules = rules();
    let n_labels = all.iter().map(|one| &one.label).collect::<BTreeSet<_>>().len();
    let label_of = |one: &'_ Labelled| -> String {
        if n_labels > MANY_LABELS { "all labels".to_owned() } else { one.label.clone() }
    };
    let mut by_label: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let mut n_of: BTreeMap<String, usize> = BTreeMap::new();
    for one in all {
        let (outcome, _, signals) = judged(&rules, &one.text);
        *n_of.entry(label_of(one)).or_default() += 1;
        let counts = by_label.entry(label_of(one)).or_default();
        *counts.entry(outcome.to_owned()).or_default() += 1;
        if let Some(problem) = signals.problem {
            *counts.entry(format!("problem={}", problem.as_str())).or_default() += 1;
        }
        if signals.complaint >= 0.5 {
            *counts.entry("complaint>=0.5".to_owned()).or_default() += 1;
        }
        for risk in &signals.risks {
            *counts.entry(format!("risk={}", risk.as_str())).or_default() += 1;
        }
        if signals.urgency.level > kefu_core::UrgencyLevel::None {
            *counts.entry(format!("urgency={}", signals.urgency.level.as_str())).or_default() += 1;
        }
        let mood = if signals.sentiment < -0.1 {
            "mood-"
        } else if signals.sentiment > 0.1 {
            "mood+"
        } else {
            "mood0"
        };
        *counts.entry(mood.to_owned()).or_default() += 1;
    }
    for (label, counts) in &by_label {
        let n = n_of[label];
        println!("{label} ({n})");
        for (name, count) in counts {
            println!("    {name:24} {count:6} {:6.3}", figures::share(*count, n));
        }
    }
}

fn wrong(label: &str, all: &[Labelled]) {
    let rules = rules();
    let mut n_wrong = 0;
    for one in all {
        let (outcome, rule, signals) = judged(&rules, &one.text);
        if outcome != label {
            n_wrong += 1;
            let text: String = one.text.chars().take(300).collect();
            let text = text.replace('\n', " ");
            println!(
                "{outcome} {rule} c={:.2} s={:.2} [{}] {text}",
                signals.complaint, signals.sentiment, one.label
            );
        }
    }
    println!("{n_wrong} of {} are not {label}", all.len());
}

fn scores(all: &[Labelled]) {
    let rules = rules();
    for one in all {
        let (outcome, rule, signals) = judged(&rules, &one.text);
        println!(
            "{}\t{outcome}\t{rule}\t{:.3}\t{:.3}\t{}\t{:.3}",
            one.label,
            signals.complaint,
            signals.sentiment,
            signals.urgency.level.as_str(),
            signals.abuse
        );
    }
}

fn mood(positive: &[Labelled], negative: &[Labelled]) {
    let rules = rules();
    let scores = |all: &[Labelled]| -> Vec<f32> {
        all.iter().map(|one| judged(&rules, &one.text).2.sentiment).collect()
    };
    println!("AUROC {:.4}", figures::auroc(&scores(positive), &scores(negative)));
}

fn time(all: &[Labelled]) {
    let rules = rules();
    // Automata are built as texts need them; that is paid once.
    for one in all {
        judged(&rules, &one.text);
    }
    let input = |one: &Labelled| (one.text.clone(), Language::UNDETERMINED);
    let timed = |what: &str, work: &dyn Fn(&TriageInput<'_>)| {
        let mut micros: Vec<u128> = Vec::new();
        for (text, language) in all.iter().map(input) {
            let input = TriageInput { text: &text, language, history: &[] };
            let started = Instant::now();
            work(&input);
            micros.push(started.elapsed().as_micros());
        }
        micros.sort_unstable();
        let at = |part: usize| micros.get(micros.len() * part / 100).copied().unwrap_or(0);
        let most = micros.last().copied().unwrap_or(0);
        println!("{what}: n {} p50 {} us, p99 {} us, max {most} us", micros.len(), at(50), at(99));
    };
    timed("decision", &|input| drop(std::hint::black_box(rules.assess(input))));
    timed("signals", &|input| drop(std::hint::black_box(rules.signals(input))));
}

fn folds(all: &[Labelled], label: &str) -> anyhow::Result<()> {
    let settings = TextHeadSettings::for_short_texts();
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for fold in 0..N_FOLDS {
        let is_held = |idx: usize| (idx * 7919 + idx / 11) % N_FOLDS == fold;
        let shown: Vec<LabelledText<'_>> = (all.iter().enumerate())
            .filter(|(idx, _)| !is_held(*idx))
            .map(|(_, one)| LabelledText { text: &one.text, label: &one.label })
            .collect();
        let head = TextHead::fit(&shown, &settings)?;
        for (_, one) in all.iter().enumerate().filter(|(idx, _)| is_held(*idx)) {
            let likely = head.probability(&one.text, label);
            if one.label == label { with.push(likely) } else { without.push(likely) }
        }
    }
    println!("{} texts: AUROC {:.4}", all.len(), figures::auroc(&with, &without));
    for limit in [0.4, 0.5, 0.6, 0.7, 0.8] {
        println!("    macro-F1 {:.4} from {limit} on", figures::macro_f1(&with, &without, limit));
    }
    Ok(())
}

fn fit(out: &str, all: &[Labelled], others: &[Labelled]) -> anyhow::Result<()> {
    let labelled = all.iter().map(|one| LabelledText { text: &one.text, label: &one.label });
    let others = others.iter().map(|one| LabelledText { text: &one.text, label: "other" });
    let shown: Vec<LabelledText<'_>> = labelled.chain(others).collect();
    let bytes = TextHead::fit(&shown, &TextHeadSettings::for_short_texts())?.to_bytes();
    std::fs::write(out, &bytes).with_context(|| format!("cannot write {out}"))?;
    println!("{} bytes", bytes.len());
    Ok(())
}
