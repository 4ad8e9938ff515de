#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use std::path::PathBuf;

use kefu_core::Language;

use super::*;
use crate::options::{RunOptions, Suite};
use crate::subject::SubjectInfo;
use crate::suites::{SuiteRun, answers, groups};

/// A report of the answers suite in which question `n` has the measure's value `values[n]`.
fn report(measure: &'static str, values: &[f64]) -> EvalReport {
    let items = values.iter().enumerate().map(|(n, value)| ItemReport {
        suite: Suite::Answers,
        slice: Slice::AsAsked,
        id: format!("q{n}"),
        question: String::new(),
        language: Language::ENGLISH,
        features: Vec::new(),
        label: None,
        cluster: format!("question:q{n}"),
        failure: None,
        outcome: Some("answered"),
        lane: None,
        answer: None,
        confidence: None,
        documents: Vec::new(),
        values: vec![(measure, *value)],
    });
    let options =
        RunOptions { suites: vec![Suite::Answers], sample: None, seed: 3, n_resamples: 500 };
    let run = SuiteRun {
        suite: Suite::Answers,
        slice: Slice::AsAsked,
        specs: answers::SPECS,
        items: items.collect(),
        notes: Vec::new(),
    };
    EvalReport {
        dataset: "shop".to_owned(),
        dataset_hash: String::new(),
        n_questions: values.len(),
        n_examples: 0,
        subject: SubjectInfo {
            pipeline: "test".to_owned(),
            embedder: None,
            generator: None,
            reranker: None,
        },
        groups: groups(&run, Bootstrap { seed: options.seed, n_resamples: 500 }),
        notes: Vec::new(),
        confusions: Vec::new(),
        items: run.items,
        options,
    }
}

fn gate(figure: &str, limit: Option<f64>, max_drop: Option<f64>) -> GateSuite {
    let figure = figure.to_owned();
    GateSuite {
        dataset: PathBuf::from("shop"),
        sample: None,
        seed: 3,
        require: vec![Requirement { suite: Suite::Answers, figure, limit, max_drop }],
        must_pass: Vec::new(),
    }
}

/// The first `n` of `total` questions have the value 1.
fn hits(n: usize, total: usize) -> Vec<f64> {
    (0..total).map(|at| if at < n { 1.0 } else { 0.0 }).collect()
}

#[test]
fn a_large_fall_is_refused_and_a_rise_is_not() {
    let (good, bad) =
        (report("contains_gold", &hits(80, 100)), report("contains_gold", &hits(60, 100)));
    let suite = gate("contains_gold", None, Some(0.02));
    let verdict = judge(&suite, &bad, Some(&good));
    assert!(!verdict.passes(), "{}", verdict.to_table());
    assert!((verdict.findings[0].change.unwrap() + 0.2).abs() < 1e-9);
    assert!(verdict.findings[0].interval.unwrap().1 < 0.0);
    assert!(judge(&suite, &good, Some(&bad)).passes());
    assert!(judge(&suite, &bad, None).passes(), "there is nothing to fall behind");
}

#[test]
fn where_less_is_better_more_is_worse() {
    let (few, many) =
        (report("false_refusal", &hits(5, 100)), report("false_refusal", &hits(30, 100)));
    let suite = gate("false_refusal", Some(0.2), Some(0.0));
    let verdict = judge(&suite, &many, Some(&few));
    assert!(verdict.findings[0].failure.is_some());
    assert!((verdict.findings[0].change.unwrap() - 0.25).abs() < 1e-9);
    assert!(judge(&suite, &few, Some(&many)).passes());
}

#[test]
fn a_fall_that_may_be_chance_passes_but_a_limit_does_not_bend() {
    let mut before = hits(10, 20);
    before.reverse();
    let mut after = before.clone();
    // Two questions lost, one won.
    after[19] = 0.0;
    after[18] = 0.0;
    after[0] = 1.0;
    let (before, after) = (report("contains_gold", &before), report("contains_gold", &after));
    assert!(judge(&gate("contains_gold", None, Some(0.02)), &after, Some(&before)).passes());
    assert!(!judge(&gate("contains_gold", Some(0.5), None), &after, Some(&before)).passes());
}

#[test]
fn a_question_that_must_pass_and_an_unknown_figure_refuse() {
    let suite = GateSuite {
        must_pass: vec!["q0".to_owned(), "q9".to_owned(), "elsewhere".to_owned()],
        ..gate("no_such_figure", Some(0.1), None)
    };
    let verdict = judge(&suite, &report("contains_gold", &hits(5, 10)), None);
    let failed: Vec<bool> = verdict.findings.iter().map(|f| f.failure.is_some()).collect();
    assert_eq!(failed, [true, false, true, true], "{}", verdict.to_table());
    assert_eq!(verdict.to_json()["passes"], false);
}
