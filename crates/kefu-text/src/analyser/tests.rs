use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::sentences;

static ANALYSER: LazyLock<Analyser> = LazyLock::new(Analyser::new);

fn terms(text: &str) -> BTreeSet<String> {
    ANALYSER.terms(text).into_iter().map(|term| term.text).collect()
}

fn content(text: &str) -> BTreeSet<String> {
    ANALYSER.content_terms(text).into_iter().map(|term| term.text).collect()
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn score(query: &SparseVector, passage: &SparseVector) -> f32 {
    let weight_of =
        |id: &u32| passage.indices().binary_search(id).map_or(0.0, |index| passage.values()[index]);
    query.indices().iter().zip(query.values()).map(|(id, value)| value * weight_of(id)).sum()
}

#[test]
fn codes_and_numbers_are_kept_whole_and_split() {
    assert_eq!(terms("iPhone15"), set(&["iphone15", "iphon", "15"]));
    assert_eq!(terms("E1603"), set(&["e1603", "1603"]));
    assert_eq!(terms("SKU-1234"), set(&["sku1234", "sku", "1234"]));
    assert_eq!(terms("12,345"), set(&["12345"]));
    assert_eq!(terms("$199.00"), set(&["199.00", "199"]));
    assert_eq!(terms("19.99"), set(&["19.99"]));
    assert_eq!(terms("7 天"), set(&["7", "天"]));
    assert_eq!(terms("2024-05-01"), set(&["2024-05-01", "2024", "05", "01"]));
    assert_eq!(terms("v5.4.5"), set(&["v5.4.5", "5", "4"]));
    assert!(terms("help@shop.example.com").contains("help@shop.example.com"));
    assert_eq!(terms("red,blue"), set(&["red", "blue"]));
}

#[test]
fn spellings_of_one_thing_share_their_terms() {
    assert_eq!(terms("e-mail"), terms("email").into_iter().chain(set(&["mail"])).collect());
    assert_eq!(terms("Returned"), terms("returns"));
    assert_eq!(terms("customer's"), terms("customers"));
    assert_eq!(terms("café"), terms("Cafe"));
    assert_eq!(terms("退貨與保養"), terms("退货与保养"));
    assert_eq!(terms("ＩＰＨＯＮＥ１５"), terms("iphone15"));
    assert_eq!(terms("優(yōu)化方案"), terms("优化方案"));
    assert_eq!(terms("infor-\nmation re\u{ad}fund"), terms("information refund"));
    assert!(terms("iPhone 15").is_subset(&terms("iPhone15")));
}

#[test]
fn chinese_is_cut_into_words_and_pairs() {
    let found = terms("七天无理由退货");
    for expected in ["退货", "理由", "无理", "七天"] {
        assert!(found.contains(expected), "{expected} not in {found:?}");
    }
    assert_eq!(terms("退"), set(&["退"]));
}

#[test]
fn stop_words_carry_no_content() {
    assert_eq!(content("How do I return it?"), set(&["return"]));
    assert_eq!(content("请问怎么退货呢？"), set(&["退货"]));
    assert_eq!(content("what is the"), set(&[]));
    assert!(content("Is it not refundable?").contains("not"));
}

#[test]
fn terms_point_at_their_source() {
    let text = "请看 SKU－1234 的退貨說明";
    for term in ANALYSER.terms(text) {
        assert!(term.span.of(text).is_some_and(|part| !part.is_empty()), "{term:?}");
    }
    let whole = ANALYSER.terms(text).into_iter().find(|term| term.text == "sku1234");
    assert_eq!(whole.and_then(|term| term.span.of(text)), Some("SKU－1234"));
}

#[test]
fn rarer_words_in_shorter_passages_weigh_more() {
    let once = ANALYSER.encode_passage("refund");
    let often = ANALYSER.encode_passage("refund refund refund");
    let diluted = ANALYSER.encode_passage(&format!("refund {}", "shipping parcel ".repeat(200)));
    let query = ANALYSER.encode_query(&[("refund", 1.0)]);
    assert!(score(&query, &often) > score(&query, &once));
    assert!(score(&query, &once) > score(&query, &diluted));
    assert!(score(&query, &diluted) > 0.0);
}

#[test]
fn query_terms_count_once_with_their_highest_weight() {
    let query = ANALYSER.encode_query(&[("refund refund", 1.0), ("refund shipping", 0.5)]);
    let mut values = query.values().to_vec();
    values.sort_by(f32::total_cmp);
    assert_eq!(values, [0.5, 1.0]);
}

#[test]
fn term_ids_are_stable() {
    assert_eq!(term_id("refund"), term_id("refund"));
    assert_ne!(term_id("refund"), term_id("refunds"));
    // Written down once: a change would orphan every index in use.
    assert_eq!([term_id("refund"), term_id("退货")], [2_336_195_408, 2_975_703_145]);
}

const HANDBOOK: &str = "自签收之日起七天内，您可以申请无理由退货。商品须保持完好！\
    運費由誰承擔？質量問題由我們承擔；其他情況由買家承擔。\
    耳机E1603保修12个月，电池除外。Returns are free within 30 days. Refunds take 5 days.";

#[test]
fn a_code_counts_more_than_a_word() {
    let query = ANALYSER.encode_query(&[("refund for E07", 1.0)]);
    let weight = |term: &str| {
        let idx = query.indices().iter().position(|id| *id == term_id(term));
        idx.map(|idx| query.values()[idx])
    };
    assert_eq!(weight("refund"), Some(1.0));
    assert_eq!(weight("e07"), Some(CODE_FACTOR));
}

#[test]
fn words_count_more_than_pairs_and_latin_words_more_among_chinese() {
    let query = ANALYSER.encode_query(&[("耳机无法用wifi联网", 1.0)]);
    let weight = |term: &str| {
        let idx = query.indices().iter().position(|id| *id == term_id(term));
        idx.map(|idx| query.values()[idx])
    };
    assert_eq!(weight("耳机"), Some(1.0));
    assert_eq!(weight("机无"), Some(PAIR_FACTOR));
    assert_eq!(weight("wifi"), Some(LATIN_FACTOR));
    let english = ANALYSER.encode_query(&[("wifi", 1.0)]);
    assert_eq!(english.values(), [1.0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_few_characters_of_a_sentence_find_it(pick in 0_usize..1000, from in 0_usize..1000, len in 2_usize..5) {
        let spans = sentences(HANDBOOK);
        let sentence = spans[pick % spans.len()].of(HANDBOOK).unwrap_or_default();
        let chars: Vec<char> = sentence.chars().collect();
        let start = from % chars.len();
        let part: Vec<char> = chars.into_iter().skip(start).take(len).collect();
        prop_assume!(part.len() == len && part.iter().all(|c| crate::is_han(*c)));
        let part: String = part.into_iter().collect();
        prop_assert!(!terms(&part).is_disjoint(&terms(sentence)), "{part} in {sentence}");
    }

    #[test]
    fn a_question_of_a_few_characters_scores_their_sentence(pick in 0_usize..1000, from in 0_usize..1000, len in 2_usize..5) {
        let spans = sentences(HANDBOOK);
        let sentence = spans[pick % spans.len()].of(HANDBOOK).unwrap_or_default();
        let borders: Vec<usize> =
            sentence.char_indices().map(|(at, _)| at).chain([sentence.len()]).collect();
        let first = from % borders.len();
        prop_assume!(first + len < borders.len());
        let (start, end) = (borders[first], borders[first + len]);
        let part = &sentence[start..end];
        prop_assume!(part.chars().all(crate::is_han));
        // Not cut out of function words alone, which nobody searches for.
        let says_something = |term: &Term| {
            start <= term.span.start && term.span.end <= end && term.text.chars().count() > 1
        };
        prop_assume!(ANALYSER.content_terms(sentence).iter().any(says_something));
        let query = ANALYSER.encode_query(&[(part, 1.0)]);
        prop_assert!(score(&query, &ANALYSER.encode_passage(sentence)) > 0.0, "{part} in {sentence}");
    }

    #[test]
    fn a_sentence_scores_its_passage(pick in 0_usize..1000) {
        let spans = sentences(HANDBOOK);
        let sentence = spans[pick % spans.len()].of(HANDBOOK).unwrap_or_default();
        let query = ANALYSER.encode_query(&[(sentence, 1.0)]);
        prop_assert!(score(&query, &ANALYSER.encode_passage(HANDBOOK)) > 0.0);
    }

    #[test]
    fn spans_are_valid_for_any_text(text in "\\PC{0,40}") {
        for term in ANALYSER.terms(&text) {
            prop_assert!(term.span.of(&text).is_some());
            prop_assert!(!term.text.is_empty());
        }
    }
}
