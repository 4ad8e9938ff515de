use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::options::RunOptions;
use crate::report::{ItemReport, Slice};
use crate::subject::SubjectInfo;

const OPTIONS: CalibrateOptions =
    CalibrateOptions { fit_share: 0.6, seed: 1, max_false_refusals: 0.1, error_bound: None };

/// Questions whose answers are right with a probability that two features make up; a third one
/// only tells the sets apart, and a fourth says the opposite of what it should.
fn report(name: &str, seed: u64, ease: f64) -> EvalReport {
    let mut random = StdRng::seed_from_u64(seed);
    let items = (0..1_000).map(|n| {
        let (a, b) = (random.random::<f64>(), random.random::<f64>());
        let p = 1.0 / (1.0 + (-(6.0 * a + 3.0 * b - 4.5)).exp());
        let right = random.random::<f64>() < p;
        let answerable = right || random.random::<f64>() < 0.3;
        let feature = |name: &str, value: f64| (name.to_owned(), value as f32);
        ItemReport {
            suite: crate::options::Suite::Trust,
            slice: Slice::AsAsked,
            id: n.to_string(),
            question: String::new(),
            language: Language::ENGLISH,
            label: None,
            cluster: format!("document:{}", n / 3),
            failure: None,
            outcome: None,
            lane: None,
            answer: None,
            confidence: Some(0.5),
            features: vec![
                feature("passage_coverage", a),
                feature("margin", b),
                feature("lexical", ease),
                feature("proximity", 1.0 - a),
            ],
            documents: Vec::new(),
            values: vec![
                ("right", if right { 1.0 } else { 0.0 }),
                ("answerable", if answerable { 1.0 } else { 0.0 }),
            ],
        }
    });
    EvalReport {
        dataset: name.to_owned(),
        dataset_hash: String::new(),
        n_questions: 1_000,
        n_examples: 0,
        options: RunOptions { suites: Vec::new(), sample: None, seed: 0, n_resamples: 1 },
        subject: SubjectInfo {
            pipeline: "1".to_owned(),
            embedder: None,
            generator: None,
            reranker: None,
        },
        groups: Vec::new(),
        notes: Vec::new(),
        confusions: Vec::new(),
        items: items.collect(),
    }
}

fn value(figures: &SetFigures, name: &str) -> f64 {
    let found = figures.values.iter().find(|(found, _)| *found == name);
    found.and_then(|(_, value)| *value).unwrap()
}

#[test]
fn a_known_function_is_found_and_its_probabilities_hold_on_other_questions() {
    let reports = [report("one", 1, 0.2), report("two", 2, 0.8)];
    let Calibrated { calibration, report } = calibrate(&reports, "b", &OPTIONS).unwrap();
    let fit = calibration.fit(Language::ENGLISH, false).unwrap();
    let weight = |name: &str| fit.weights.iter().find(|(found, _)| found == name).map(|w| w.1);
    assert!(weight("passage_coverage").unwrap() > weight("margin").unwrap());
    assert_eq!(weight("proximity"), None);
    assert!(weight("lexical").unwrap_or(0.0).abs() < 0.1);
    let all = &report.figures[0];
    assert!(value(all, "ece") < 0.06, "{}", report.to_table());
    assert!(value(all, "auroc_right") > 0.8, "{}", report.to_table());
    assert!(value(all, "aurc") < all.best_signal.unwrap().1);
    let refused = value(all, "false_refusal");
    assert!((refused - 0.1).abs() < 0.05, "{refused}");
    assert_eq!(report.figures.len(), 3);
    assert!(all.n > 700 && all.n < 900, "{}", all.n);
}

#[test]
fn a_stated_bound_of_errors_holds() {
    let reports = [report("one", 1, 0.2), report("two", 2, 0.8)];
    let options = CalibrateOptions { error_bound: Some(0.1), ..OPTIONS };
    let calibrated = calibrate(&reports, "b", &options).unwrap();
    let wrong = value(&calibrated.report.figures[0], "wrong_of_answered");
    assert!(wrong < 0.13, "{wrong}");
    let impossible = CalibrateOptions { error_bound: Some(0.000_1), ..OPTIONS };
    let calibrated = calibrate(&reports, "b", &impossible).unwrap();
    assert_eq!(calibrated.calibration.fits[0].threshold.to_bits(), 1.0_f32.to_bits());
}

#[test]
fn a_calibration_survives_its_file_and_damage_is_noticed() {
    let calibrated = calibrate(&[report("one", 1, 0.2)], "b", &OPTIONS).unwrap();
    let json = calibration_to_json(&calibrated.calibration);
    assert_eq!(calibration_from_json(&json).unwrap(), calibrated.calibration);
    for bad in [
        "{}".to_owned(),
        json.replace("\"schema\": 1", "\"schema\": 2"),
        json.replace("\"lang\": \"en\"", "\"lang\": \"klingon\""),
        json.replace("\"steps\": [", "\"steps\": [[9, 0.5],"),
    ] {
        assert!(calibration_from_json(&bad).is_err());
    }
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let mut few = report("one", 1, 0.2);
    few.items.truncate(20);
    assert!(calibrate(&[few], "b", &OPTIONS).is_err());
    let all = [report("one", 1, 0.2)];
    for options in [
        CalibrateOptions { fit_share: 1.0, ..OPTIONS },
        CalibrateOptions { max_false_refusals: 0.0, ..OPTIONS },
        CalibrateOptions { error_bound: Some(2.0), ..OPTIONS },
    ] {
        assert!(calibrate(&all, "b", &options).is_err(), "{options:?}");
    }
    let mut other = report("two", 2, 0.2);
    other.subject.pipeline = "2".to_owned();
    assert!(calibrate(&[report("one", 1, 0.2), other], "b", &OPTIONS).is_err());
}
