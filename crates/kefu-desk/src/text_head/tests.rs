#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use proptest::prelude::*;

use super::*;

fn settings() -> TextHeadSettings {
    TextHeadSettings { n_buckets_log2: 12, ..TextHeadSettings::for_short_texts() }
}

fn examples() -> Vec<LabelledText<'static>> {
    let hot = ["太辣了受不了", "辣得很", "so spicy it burns", "the spicy soup", "辣椒放多了"];
    let cold = ["冰得牙疼", "太冰了", "ice cold tea", "frozen and cold", "冰块放多了"];
    let label = |texts: [&'static str; 5], label| texts.map(|text| LabelledText { text, label });
    [label(hot, "hot"), label(cold, "cold")].concat()
}

#[test]
fn a_head_tells_what_it_was_shown() {
    let head = TextHead::fit(&examples(), &settings()).unwrap();
    assert_eq!(head.labels(), ["cold", "hot"]);
    for example in examples() {
        assert!(head.probability(example.text, example.label) > 0.5, "{}", example.text);
    }
    assert!(head.probability("有点辣", "hot") > 0.5);
    assert!((head.probability("有点辣", "sour")).abs() < f32::EPSILON);
}

#[test]
fn three_labels_share_what_is_likely() {
    let mut examples = examples();
    examples
        .extend(["太酸", "酸掉牙", "sour lemon"].map(|text| LabelledText { text, label: "sour" }));
    let head = TextHead::fit(&examples, &settings()).unwrap();
    let likely = head.probabilities("柠檬真酸");
    assert_eq!(likely.len(), 3);
    assert!((likely.iter().sum::<f32>() - 1.0).abs() < 1e-4 && likely[2] > 0.4, "{likely:?}");
}

#[test]
fn fitting_is_repeatable_and_artefacts_come_back_whole() {
    let head = TextHead::fit(&examples(), &settings()).unwrap();
    let bytes = head.to_bytes();
    assert_eq!(TextHead::fit(&examples(), &settings()).unwrap().to_bytes(), bytes);
    assert_eq!(TextHead::from_bytes(&bytes).unwrap(), head);
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    assert!(TextHead::fit(&examples()[..5], &settings()).is_err());
    let wide = TextHeadSettings { n_buckets_log2: 40, ..settings() };
    assert!(TextHead::fit(&examples(), &wide).is_err());
}

proptest! {
    #[test]
    fn damaged_artefacts_are_refused(at in 0_usize..4_000, flip in 1_u8..=255) {
        let mut bytes = TextHead::fit(&examples(), &settings()).unwrap().to_bytes();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        prop_assert!(TextHead::from_bytes(&bytes).is_err());
        prop_assert!(TextHead::from_bytes(&bytes[..at]).is_err());
    }

    #[test]
    fn any_text_has_probabilities(text in "\\PC{0,200}") {
        let head = TextHead::fit(&examples(), &settings()).unwrap();
        let likely = head.probabilities(&text);
        prop_assert!(likely.iter().all(|p| (0.0..=1.0).contains(p)));
    }
}

#[test]
fn what_was_not_shown_is_told_and_counted() {
    use std::sync::atomic::{AtomicUsize, Ordering};

    struct Count(AtomicUsize, AtomicUsize);

    impl crate::intents::FitObserver for Count {
        fn observe(&self, n_done: usize, n_total: usize) {
            self.0.store(n_done, Ordering::Relaxed);
            self.1.store(n_total, Ordering::Relaxed);
        }
    }

    let hot: Vec<String> = (0..12).map(|n| format!("很辣的菜{n}，辣死了")).collect();
    let cold: Vec<String> = (0..12).map(|n| format!("冰水{n}杯，冰得很")).collect();
    let label = |texts: &'static [String], label| {
        texts.iter().map(move |text| LabelledText { text, label }).collect::<Vec<_>>()
    };
    let examples = [label(hot.leak(), "hot"), label(cold.leak(), "cold")].concat();
    let count = Count(AtomicUsize::new(0), AtomicUsize::new(0));
    let (head, report) = TextHead::fit_measured(&examples, &settings(), &count).unwrap();
    assert_eq!(head, TextHead::fit(&examples, &settings()).unwrap(), "measuring changes nothing");
    assert_eq!((report.n_examples, report.accuracy_by_fold.len()), (24, 5));
    assert!(report.accuracy > 0.9 && report.macro_f1 > 0.9, "{report:?}");
    let labels: Vec<_> = report.labels.iter().map(|l| (l.label.as_str(), l.n_examples)).collect();
    assert_eq!(labels, [("cold", 12), ("hot", 12)]);
    assert_eq!(count.0.into_inner(), count.1.into_inner(), "progress comes to its end");
    assert_eq!(head.likeliest("辣"), "hot");

    // Labels that nothing tells apart are measured as such, however often a text is repeated.
    let same = ["aaa", "bbb", "ccc", "ddd", "eee", "fff"];
    let noise: Vec<LabelledText<'_>> = (0..60)
        .map(|n| LabelledText { text: same[n % 6], label: if n % 6 < 3 { "x" } else { "y" } })
        .collect();
    let (_, report) = TextHead::fit_measured(&noise, &settings(), &()).unwrap();
    assert!(report.accuracy < 0.7, "repeated texts were seen before: {report:?}");

    let lonely = [("hot", "a"), ("hot", "b"), ("cold", "c"), ("cold", " C ")];
    let lonely = lonely.map(|(label, text)| LabelledText { text, label });
    assert!(TextHead::fit_measured(&lonely, &settings(), &()).is_err());
}
