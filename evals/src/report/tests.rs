#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use super::*;

fn figure(name: &'static str, value: Option<f64>, interval: Option<(f64, f64)>) -> Figure {
    let n = if value.is_some() { 40 } else { 0 };
    Figure { name, unit: Unit::Ratio, better: Better::Higher, n, value, interval }
}

fn report() -> EvalReport {
    let item = ItemReport {
        suite: Suite::Retrieval,
        slice: Slice::AsAsked,
        id: "q1".to_owned(),
        question: "Is <b> & \"c\" safe?".to_owned(),
        language: Language::ENGLISH,
        features: Vec::new(),
        label: None,
        cluster: "document:d".to_owned(),
        failure: None,
        outcome: None,
        lane: None,
        answer: None,
        confidence: None,
        documents: vec!["d".to_owned()],
        values: vec![("recall@10", 0.0)],
    };
    let group = FigureGroup {
        suite: Suite::Retrieval,
        slice: Slice::Alone,
        part: Part::All,
        n_items: 40,
        n_failed: 1,
        figures: vec![
            figure("recall@1", Some(0.8125), Some((0.7, 0.9))),
            figure("answer_in_top_3", None, None),
        ],
    };
    EvalReport {
        dataset: "shop".to_owned(),
        dataset_hash: "0123456789abcdef".to_owned(),
        n_questions: 50,
        n_examples: 0,
        options: RunOptions {
            suites: vec![Suite::Retrieval],
            sample: Some(40),
            seed: 3,
            n_resamples: 2_000,
        },
        subject: SubjectInfo {
            pipeline: "1".to_owned(),
            embedder: Some("minilm@ab".to_owned()),
            generator: None,
            reranker: None,
        },
        groups: vec![group],
        notes: vec!["something was left out".to_owned()],
        confusions: Vec::new(),
        items: vec![item],
    }
}

#[test]
fn the_table_is_aligned_and_says_what_is_missing() {
    let expected = "\
data set shop (0123456789abcdef), 50 questions, 0 examples, sample of 40, seed 3
pipeline 1, embedder minilm@ab, generator none

retrieval, without history: 40 asked, 1 failed
  figure                     value  95% interval            n
  recall@1                   0.812  [0.700, 0.900]         40
  answer_in_top_3                -                          0

note: something was left out
";
    assert_eq!(report().to_table(), expected);
}

#[test]
fn json_has_null_for_a_figure_over_nothing() {
    let json = report().to_json();
    let group = &json["groups"][0];
    assert_eq!(group["suite"], "retrieval");
    assert_eq!(group["slice"], "alone");
    assert_eq!(group["n_failed"], 1);
    assert_eq!(group["figures"]["recall@1"]["value"], 0.8125);
    assert_eq!(group["figures"]["recall@1"]["low"], 0.7);
    let empty = &group["figures"]["answer_in_top_3"];
    assert_eq!((&empty["n"], &empty["value"]), (&0.into(), &serde_json::Value::Null));
    assert_eq!(json["subject"]["generator"], serde_json::Value::Null);
    assert_eq!(json["items"][0]["measures"]["recall@10"], 0.0);
}

#[test]
fn the_page_escapes_text_and_needs_nothing_else() {
    let page = report().to_html();
    assert!(page.contains("Is &lt;b&gt; &amp; &quot;c&quot; safe?"));
    assert!(page.contains("<svg"));
    for outside in ["http:", "https:", "<script", "<link", "<img", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn a_figure_is_found_by_suite_slice_and_name() {
    let report = report();
    let found = report.figure(Suite::Retrieval, Slice::Alone, "recall@1").unwrap();
    assert_eq!(found.n, 40);
    assert!(report.figure(Suite::Retrieval, Slice::AsAsked, "recall@1").is_none());
}
