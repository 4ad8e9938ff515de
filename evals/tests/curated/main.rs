//! Reviewed pairs answer their own questions and no near misses, on the real answer path without
//! models.
#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

mod shop;

use std::path::Path;

use kefu_evals::{Dataset, EvalReport, RunOptions, Slice, Suite, Unobserved};

const MIN_PRECISION: f64 = 0.99;

async fn measure(half: &str) -> EvalReport {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("curated").join(half);
    let set = Dataset::load(&folder).unwrap();
    let subject = shop::subject(&folder.join("../documents")).await;
    let options =
        RunOptions { suites: vec![Suite::Curated], sample: None, seed: 1, n_resamples: 100 };
    let report = kefu_evals::run(&subject, &set, &options, &Unobserved).await.unwrap();
    assert!(report.items.len() >= 200 && report.items.iter().all(|item| item.failure.is_none()));
    report
}

fn check(report: &EvalReport, min_recall: f64) {
    let figure = |name: &str| {
        report.figure(Suite::Curated, Slice::AsAsked, name).and_then(|f| f.value).unwrap()
    };
    let faults: Vec<String> = report
        .items
        .iter()
        .filter(|item| {
            item.value("near_miss_answered") == Some(1.0) || item.value("recall") == Some(0.0)
        })
        .map(|item| format!("{} {}", item.id, item.question))
        .collect();
    let faults = faults.join("\n");
    assert!(figure("precision") >= MIN_PRECISION, "precision {}\n{faults}", figure("precision"));
    assert!(figure("recall") >= min_recall, "recall {}\n{faults}", figure("recall"));
    assert!(figure("verbatim") >= 1.0 && figure("pair_found") >= 1.0, "{faults}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pairs_answer_other_words_of_their_question_and_no_near_misses() {
    check(&measure("dev").await, 0.95);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_half_that_was_held_back_is_told_apart_as_well() {
    check(&measure("held-back").await, 0.89);
}
