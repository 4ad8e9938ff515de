//! Chunks of documents.

use std::collections::BTreeSet;

use kefu_core::{
    Audience, ChunkDraft, Document, DocumentId, DocumentKind, DocumentMeta, Language, Span,
};
use kefu_ingest::{Block, Budget, FileInput, Marks, Parser, chunk, fallback_count};
use proptest::prelude::*;

use crate::world::InProcess;

pub(crate) fn parse(name: &str, text: &str) -> (Document, Vec<Block>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let file = FileInput { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let parsed = runtime.block_on(InProcess.parse(&file)).unwrap().documents.remove(0);
    let document = Document {
        id: DocumentId::new(name).unwrap(),
        kind: parsed.kind,
        text: parsed.text,
        meta: DocumentMeta {
            title: parsed.title.unwrap(),
            language: Language::ENGLISH,
            url: None,
            audiences: BTreeSet::from([Audience::public()]),
            valid_from: None,
            valid_to: None,
            sections: Vec::new(),
            state: kefu_core::DocumentState::Approved,
        },
    };
    (document, parsed.blocks)
}

/// White-space words and Han characters, and two special tokens.
pub(crate) fn count(text: &str) -> usize {
    let n_han = text.chars().filter(|c| kefu_text::is_han(*c)).count();
    text.split_whitespace().count() + n_han + 2
}

fn chunks(name: &str, text: &str, max_tokens: usize) -> (Document, Vec<ChunkDraft>) {
    let (document, blocks) = parse(name, text);
    let drafts = chunk(&document, &blocks, Marks::default(), &Budget { max_tokens, count: &count });
    (document, drafts)
}

fn texts<'a>(document: &'a Document, drafts: &[ChunkDraft]) -> Vec<&'a str> {
    drafts.iter().map(|draft| draft.span.of(&document.text).unwrap()).collect()
}

#[test]
fn every_section_is_a_chunk_under_its_headings() {
    let text =
        "# Returns\n\n## Time\n\nWithin 30 days.\n\n## Cost\n\n### Abroad\n\n见[运费](/f)。\n";
    let (document, drafts) = chunks("returns.md", text, 60);
    assert_eq!(
        texts(&document, &drafts),
        ["# Returns\n\n## Time\n\nWithin 30 days.", "## Cost\n\n### Abroad\n\n见[运费](/f)。"]
    );
    assert_eq!(drafts[0].index_text, "Returns > Time\nWithin 30 days.");
    assert_eq!(drafts[1].index_text, "Returns > Cost > Abroad\n见运费。");
    assert_eq!(drafts[1].heading, "Cost > Abroad");
    assert_eq!(drafts[1].language, Language::CHINESE);
    assert_eq!(drafts[1].ordinal, 1);
}

#[test]
fn long_prose_is_cut_at_sentences_into_even_parts() {
    let sentence = "Every order ships within two working days of payment. ";
    let (document, drafts) = chunks("long.md", &sentence.repeat(6), 40);
    assert_eq!(drafts.len(), 2);
    for text in texts(&document, &drafts) {
        assert!(text.starts_with("Every") && text.ends_with("payment."), "{text}");
    }
    let sizes: Vec<u32> = drafts.iter().map(|d| d.n_tokens).collect();
    assert_eq!(sizes, [30, 30], "not 39 and 21");
}

#[test]
fn rows_are_packed_under_their_repeated_header() {
    let rows: String = (1..=12).map(|n| format!("| cup {n} | ${n} |\n")).collect();
    let text = format!("# Prices\n\nAll prices:\n\n| Item | Price |\n| --- | --- |\n{rows}");
    let (document, drafts) = chunks("prices.md", &text, 40);
    assert!(drafts.len() > 2);
    for (draft, text) in drafts.iter().zip(texts(&document, &drafts)) {
        assert!(draft.index_text.contains("| Item | Price |"), "{}", draft.index_text);
        assert!(text.ends_with('|'));
    }
    assert!(drafts[0].index_text.contains("All prices:"));
    assert!(drafts[1].index_text.starts_with("Prices\n| Item | Price |\n| cup"));
    assert!(!texts(&document, &drafts)[1].contains("Item"));
}

#[test]
fn a_line_that_announces_a_list_stays_with_it() {
    let intro = "one two three four five six seven eight nine ten. ".repeat(2);
    let text = format!("{intro}\n\nYou need:\n\n- the slip\n- the box in its wrapping\n");
    let (document, drafts) = chunks("list.md", &text, 26);
    assert!(texts(&document, &drafts)[1].starts_with("You need:"), "{drafts:#?}");
}

#[test]
fn a_pair_is_one_chunk_of_question_and_answer() {
    let text = r#"{"question":"多久退款？","answer":"七个工作日。\n\n原路退回。"}"#;
    let (document, drafts) = chunks("faq.jsonl", text, 60);
    assert!(matches!(document.kind, DocumentKind::Pair { .. }));
    assert_eq!(drafts.len(), 1);
    assert_eq!(drafts[0].span.of(&document.text), Some(document.text.as_str()));
    assert_eq!(drafts[0].index_text, "多久退款？\n七个工作日。\n\n原路退回。");
}

#[test]
fn a_pair_beyond_the_budget_repeats_its_question() {
    let answer = "步骤很多。".repeat(20);
    let text = format!(r#"{{"question":"怎么退？","answer":"{answer}"}}"#);
    let (_, drafts) = chunks("faq.jsonl", &text, 50);
    assert!(drafts.len() > 1);
    assert!(drafts.iter().all(|d| d.index_text.starts_with("怎么退？\n步骤")));
}

#[test]
fn an_edit_moves_chunks_of_its_section_only() {
    let text = crate::world::page(6);
    let (_, before) = chunks("fees.md", &text, 60);
    let (_, after) = chunks("fees.md", &text.replace("number 3 is", "number 3, by card, is"), 60);
    let differing = before.iter().zip(&after).filter(|(b, a)| b.index_text != a.index_text);
    assert_eq!((before.len(), after.len(), differing.count()), (6, 6, 1));
}

#[test]
fn what_is_omitted_is_in_no_chunk_and_parts_what_is_around_it() {
    let text = "# Returns\n\nHome > Help\n\nWithin 30 days. Share this! Free of charge.\n";
    let (document, blocks) = parse("returns.md", text);
    let omitted = ["Home > Help", "Share this!"].map(|cut| {
        let start = text.find(cut).unwrap();
        Span { start, end: start + cut.len() }
    });
    let marks = Marks { omitted: &omitted, ..Marks::default() };
    let drafts = chunk(&document, &blocks, marks, &Budget { max_tokens: 60, count: &count });
    assert_eq!(texts(&document, &drafts), ["# Returns", "Within 30 days.", "Free of charge."]);
    assert_eq!(drafts[2].index_text, "Returns\nFree of charge.");
}

#[test]
fn tokens_are_estimated_without_a_tokenizer() {
    assert_eq!(fallback_count("退货 policy for all"), 6);
    assert_eq!(fallback_count(""), 0);
}

/// Ordered, disjoint ranges on character borders.
fn ranges(text: &str, cuts: &[(usize, usize)]) -> Vec<Span> {
    let mut cuts = cuts.to_vec();
    cuts.sort_unstable();
    let mut ranges: Vec<Span> = Vec::new();
    for (start, len) in cuts {
        let start = start.max(ranges.last().map_or(0, |last| last.end));
        let span = Span {
            start: text.floor_char_boundary(start),
            end: text.floor_char_boundary(start + len),
        };
        if !span.is_empty() {
            ranges.push(span);
        }
    }
    ranges
}

fn markup() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "# Title\n\n",
        "## Section\n\n",
        "### Deep\n\n",
        "- item one\n",
        "1. step\n",
        "> quote\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n",
        "| 3 | 4 |\n",
        "```\ncode line\n```\n",
        "\n\n",
        "\n",
        "A short sentence. ",
        "A considerably longer sentence with many words in it, really. ",
        "七天无理由退货。",
        "没有标点的长长长长长长长长长长句子",
        "word ",
        "unbroken_word_of_some_length",
        "  ",
        "[link](http://example.com/a)",
        "You need:\n\n",
        "\u{3000}",
        "---\n",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn spans_tile_the_text_within_the_budget(text in markup(), max_tokens in 20_usize..80) {
        let (document, drafts) = chunks("a.md", &text, max_tokens);
        let mut at = 0;
        for (n, draft) in drafts.iter().enumerate() {
            prop_assert_eq!(draft.ordinal as usize, n);
            prop_assert!(!draft.span.is_empty() && draft.span.of(&document.text).is_some());
            prop_assert!(document.text[at..draft.span.start].trim().is_empty());
            prop_assert!(draft.n_tokens as usize <= max_tokens, "{:?}", draft);
            prop_assert_eq!(draft.n_tokens as usize, count(&draft.index_text));
            at = draft.span.end;
        }
        prop_assert!(document.text[at..].trim().is_empty());
    }

    #[test]
    fn omitted_ranges_and_chunks_tile_the_text(
        text in markup(),
        cuts in prop::collection::vec((0_usize..600, 1_usize..60), 0..8),
        max_tokens in 20_usize..80,
        is_pair in any::<bool>(),
    ) {
        let (mut document, blocks) = parse("a.md", &text);
        let omitted = ranges(&document.text, &cuts);
        if is_pair {
            let end = document.text.len();
            let start = document.text.floor_char_boundary(end / 2);
            document.kind = DocumentKind::Pair { answer: Span { start, end } };
        }
        let budget = Budget { max_tokens, count: &count };
        let marks = Marks { omitted: &omitted, ..Marks::default() };
        let drafts = chunk(&document, &blocks, marks, &budget);
        let mut pieces: Vec<Span> = drafts.iter().map(|draft| draft.span).collect();
        prop_assert!(pieces.is_sorted(), "chunks are in order");
        prop_assert!(drafts.iter().all(|d| d.n_tokens as usize <= max_tokens));
        pieces.extend(&omitted);
        pieces.sort();
        let mut at = 0;
        for piece in pieces {
            prop_assert!(piece.start >= at, "{piece:?} overlaps with what ends at {at}");
            prop_assert!(document.text[at..piece.start].trim().is_empty());
            at = piece.end;
        }
        prop_assert!(document.text[at..].trim().is_empty());
    }

    #[test]
    fn plain_blocks_of_any_text_tile_it_too(text in "\\PC{0,300}", max_tokens in 20_usize..60) {
        let (mut document, _) = parse("a.md", "x");
        document.text = text;
        let drafts = chunk(&document, &[], Marks::default(), &Budget { max_tokens, count: &count });
        let covered: String = texts(&document, &drafts).concat();
        let squash = |t: &str| t.split_whitespace().collect::<String>();
        prop_assert_eq!(squash(&covered), squash(&document.text));
        prop_assert!(drafts.iter().all(|d| d.n_tokens as usize <= max_tokens));
    }
}
