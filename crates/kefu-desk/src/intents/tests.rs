#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use std::sync::Mutex;

use kefu_core::ports::{EmbedKind, Embedder};
use kefu_core::{IntentSource, Language};
use kefu_testkit::fakes::FakeEmbedder;

use super::*;

const SUBJECTS: [(&str, [&str; 4]); 12] = [
    ("refund", ["refund", "money", "repaid", "reimburse"]),
    ("parcel", ["parcel", "courier", "tracking", "shipped"]),
    ("warranty", ["warranty", "repair", "broken", "guarantee"]),
    ("invoice", ["invoice", "receipt", "vat", "bill"]),
    ("password", ["password", "login", "locked", "account"]),
    ("voucher", ["voucher", "coupon", "discount", "code"]),
    ("size", ["size", "fit", "large", "narrow"]),
    ("stock", ["stock", "sold", "available", "restock"]),
    ("退货", ["退货", "退回", "不要了", "寄回"]),
    ("发票", ["发票", "抬头", "开票", "税号"]),
    ("物流", ["物流", "快递", "包裹", "到哪"]),
    ("积分", ["积分", "会员", "兑换", "等级"]),
];
const FRAMES: [(&str, &str); 6] = [
    ("about my ", " please"),
    ("tell me of the ", ""),
    ("where is the ", " now"),
    ("i need help with ", " today"),
    ("question: ", "?"),
    ("is there any ", " for me"),
];
const FRAMES_ZH: [(&str, &str); 6] = [
    ("我想问", "的事"),
    ("请问", "怎么办"),
    ("", "在哪里看"),
    ("帮我查一下", ""),
    ("关于", ""),
    ("", "可以吗"),
];

/// Texts made of a subject's words in a frame that all subjects share.
fn catalogue() -> IntentCatalogue {
    let mut catalogue = IntentCatalogue::open();
    for (label, words) in SUBJECTS {
        let frames = if label.is_ascii() { FRAMES } else { FRAMES_ZH };
        for (number, (before, after)) in frames.iter().enumerate() {
            let word = words[number % words.len()];
            catalogue.add(label, &format!("{before}{word}{after}")).unwrap();
            let (a, b) = (words[(number + 1) % 4], words[(number + 2) % 4]);
            catalogue.add(label, &format!("{before}{a} {b}{after}")).unwrap();
        }
    }
    for text in ["will it rain", "sing a song", "who won the match", "明天下雨吗", "唱首歌"]
    {
        catalogue.add("oos", text).unwrap();
    }
    catalogue
}

async fn vectors(catalogue: &IntentCatalogue, embedder: &FakeEmbedder) -> ExampleVectors {
    let mut rows = Vec::new();
    for (text, _) in catalogue.examples() {
        let is_english = kefu_text::detect(text) == Language::ENGLISH;
        rows.push(if is_english { Some(embed(embedder, text).await) } else { None });
    }
    let info = embedder.info();
    ExampleVectors { embedder: info.id.clone(), dimensions: info.dimensions, rows }
}

async fn embed(embedder: &FakeEmbedder, text: &str) -> Vec<f32> {
    embedder.embed(EmbedKind::Query, &[text.to_owned()]).await.unwrap().pop().unwrap()
}

fn embedder() -> FakeEmbedder {
    FakeEmbedder::new(64, &[Language::ENGLISH])
}

async fn fitted() -> (IntentHead, FitReport, FakeEmbedder) {
    let (catalogue, embedder) = (catalogue(), embedder());
    let vectors = vectors(&catalogue, &embedder).await;
    let (head, report) = IntentHead::fit(&catalogue, Some(&vectors), &()).unwrap();
    (head, report, embedder)
}

#[tokio::test]
async fn both_languages_are_told_apart() {
    let (head, report, embedder) = fitted().await;
    assert!(report.accuracy > 0.9, "{report:?}");
    assert_eq!((report.n_intents, report.n_out_of_scope), (12, 5));
    assert_eq!(report.accuracy_by_fold.len(), N_FOLDS);
    for (text, label, source) in [
        ("so what about reimburse and repaid", "refund", IntentSource::Vector),
        ("my courier lost its tracking", "parcel", IntentSource::Vector),
        ("开票要抬头吧", "发票", IntentSource::Words),
        ("About my REFUND, please!", "refund", IntentSource::Phrase),
    ] {
        let vector = match source {
            IntentSource::Vector => Some(embed(&embedder, text).await),
            _ => None,
        };
        let verdict = head.judge(text, vector.as_deref());
        assert_eq!(verdict.intent.map(|intent| intent.name).as_deref(), Some(label), "{text}");
        assert_eq!(verdict.source, source, "{text}");
        assert!(verdict.confidence > 0.3, "{text}: {}", verdict.confidence);
    }
}

#[tokio::test]
async fn what_is_not_business_looks_like_it() {
    let (head, _, embedder) = fitted().await;
    let in_scope = async |text: &str| {
        let vector = embed(&embedder, text).await;
        head.judge(text, Some(&vector)).in_scope
    };
    let inside = in_scope("is the warranty good for a repair").await;
    let outside = in_scope("penguins dance under violet moonlight").await;
    assert!(inside > outside + 0.2, "{inside} {outside}");
    assert!(head.judge("Will it rain?", None).is_out_of_scope());
    assert_eq!(head.judge("Will it rain?", None).intent, None);
}

#[tokio::test]
async fn the_same_examples_give_the_same_bytes_which_hold_none_of_the_texts() {
    let (one, _, _) = fitted().await;
    let (other, _, _) = fitted().await;
    let bytes = one.to_bytes();
    assert_eq!(bytes, other.to_bytes());
    let text = String::from_utf8_lossy(&bytes);
    assert!(!text.contains("reimburse") && !text.contains("抬头"));
    assert!(text.contains("refund"));
}

#[tokio::test]
async fn a_head_is_read_as_it_was_written() {
    let (head, _, embedder) = fitted().await;
    let read = IntentHead::from_bytes(&head.to_bytes()).unwrap();
    assert_eq!(read, head);
    let text = "what of the coupon code";
    let vector = embed(&embedder, text).await;
    assert_eq!(read.judge(text, Some(&vector)), head.judge(text, Some(&vector)));
    let words = read.without_vectors();
    assert_eq!(words.embedder(), None);
    assert_eq!(words.judge(text, Some(&vector)).source, IntentSource::Words);
    assert_eq!(IntentHead::from_bytes(&words.to_bytes()).unwrap(), words);
}

#[tokio::test]
async fn a_head_of_another_embedder_is_refused_with_what_to_do() {
    let (head, _, embedder) = fitted().await;
    let own = embedder.info().id.as_str();
    head.check_embedder(Some(own)).unwrap();
    head.check_embedder(None).unwrap();
    let error = head.check_embedder(Some("other@1")).unwrap_err().to_string();
    for part in [own, "other@1", "kefu triage fit"] {
        assert!(error.contains(part), "{error}");
    }
}

#[tokio::test]
async fn damaged_heads_are_refused() {
    let (head, _, _) = fitted().await;
    let bytes = head.to_bytes();
    for cut in [0, 7, 40, bytes.len() / 2, bytes.len() - 1] {
        assert!(matches!(IntentHead::from_bytes(&bytes[..cut]), Err(IntentError::Damaged { .. })));
    }
    for at in (12..bytes.len()).step_by(bytes.len() / 23) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x40;
        assert!(IntentHead::from_bytes(&bytes).is_err(), "{at}");
    }
}

#[test]
fn too_few_examples_are_named() {
    let mut catalogue = IntentCatalogue::open();
    for text in ["one", "two", "three", "four"] {
        catalogue.add("a", text).unwrap();
    }
    let error = IntentHead::fit(&catalogue, None, &()).unwrap_err();
    assert_eq!(error, IntentError::TooFewLabels { n: 1 });
    // The same words three times are one example.
    for text in ["five", "Five!", "FIVE"] {
        catalogue.add("b", text).unwrap();
    }
    let error = IntentHead::fit(&catalogue, None, &()).unwrap_err();
    let expected =
        IntentError::TooFewExamples { label: "b".to_owned(), n: 1, needed: MIN_EXAMPLES };
    assert_eq!(error, expected);
    // A class that is listed and has no examples is named too.
    let listed = ["a", "b"].map(IntentSpec::named).to_vec();
    let mut catalogue = IntentCatalogue::of(listed).unwrap();
    catalogue.add("a", "one").unwrap();
    assert!(IntentHead::fit(&catalogue, None, &()).is_err());
}

#[test]
fn an_intent_that_words_alone_tell_needs_no_vectors() {
    let (head, report) = IntentHead::fit(&catalogue(), None, &()).unwrap();
    assert_eq!((head.embedder(), report.accuracy_by_vector), (None, None));
    let verdict = head.judge("any news of the courier and its tracking", None);
    assert_eq!(verdict.intent.map(|intent| intent.name).as_deref(), Some("parcel"));
}

#[test]
fn progress_reaches_its_end() {
    struct Seen(Mutex<Vec<(usize, usize)>>);
    impl FitObserver for Seen {
        fn observe(&self, n_done: usize, n_total: usize) {
            self.0.lock().unwrap().push((n_done, n_total));
        }
    }
    let seen = Seen(Mutex::default());
    IntentHead::fit(&catalogue(), None, &seen).unwrap();
    let (first, last) = {
        let seen = seen.0.lock().unwrap();
        (seen[0], seen[seen.len() - 1])
    };
    assert_eq!(first.0, 0);
    assert_eq!(last.0, last.1);
}

#[test]
fn cross_validation_judges_every_example_once_and_never_by_what_has_seen_it() {
    // The label of these says nothing: only a head that has seen a text could give its label.
    let mut catalogue = IntentCatalogue::open();
    let noise = |number: usize| {
        let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
        let word = |n: usize| (0..6).map(|i| letter(n * 7 + i * i * (n + 3))).collect::<String>();
        format!("{} {}", word(number), word(number * 31 + 5))
    };
    for number in 0..240 {
        let label = format!("label{}", (number * 7919 + number / 11) % 6);
        catalogue.add(&label, &noise(number)).unwrap();
    }
    let found = cross_validate(&catalogue, None, &()).unwrap();
    let mut judged: Vec<usize> = found.guesses.iter().map(|guess| guess.example).collect();
    judged.sort_unstable();
    assert_eq!(judged, (0..catalogue.examples().len()).collect::<Vec<_>>());
    let n_right = found.guesses.iter().filter(|guess| guess.gold == guess.given).count();
    assert!(n_right < 90, "{n_right} of 240 labels without a meaning were told");
}

#[test]
fn what_is_outside_is_judged_with_and_without_examples_of_it() {
    let catalogue = catalogue();
    let found = cross_validate(&catalogue, None, &()).unwrap();
    let n_inside = catalogue.examples().iter().filter(|(_, c)| !catalogue.specs()[*c].out_of_scope);
    let n_inside = n_inside.count();
    let count = |scores: &[OutsideScore], inside: bool| {
        scores.iter().filter(|score| score.is_inside == inside).count()
    };
    assert_eq!(found.guesses.len(), n_inside);
    assert_eq!(count(&found.unknown_outside, true), n_inside);
    assert_eq!(count(&found.unknown_outside, false), 5 * N_FOLDS);
    assert_eq!(count(&found.known_outside, false), 5);
    // Every example is once of an intent that was not enrolled.
    assert_eq!(count(&found.never_enrolled, false), n_inside);
    for score in found.unknown_outside.iter().chain(&found.never_enrolled) {
        assert!((0.0..=1.0).contains(&score.in_scope));
    }
}
