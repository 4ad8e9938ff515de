//! Chunks of a document's next revision.

use std::collections::HashSet;

use kefu_core::{ChunkDraft, Language, Span, Validity};
use kefu_ingest::{Budget, IsKnown, Marks, chunk, rechunk};
use proptest::prelude::*;

use crate::chunks::{count, parse};

const MAX_TOKENS: usize = 100;

fn first_chunks(paragraphs: &[String]) -> Vec<ChunkDraft> {
    let (document, blocks) = parse("handbook.md", &paragraphs.join("\n\n"));
    chunk(&document, &blocks, Marks::default(), &Budget { max_tokens: MAX_TOKENS, count: &count })
}

fn next_chunks(paragraphs: &[String], before: &[ChunkDraft]) -> Vec<ChunkDraft> {
    let (document, blocks) = parse("handbook.md", &paragraphs.join("\n\n"));
    let known: HashSet<&str> = before.iter().map(|draft| draft.index_text.as_str()).collect();
    let is_known: IsKnown<'_> = &|text: &str, _: Language, _: &Validity| known.contains(text);
    let budget = Budget { max_tokens: MAX_TOKENS, count: &count };
    let drafts = rechunk(&document, &blocks, Marks::default(), &budget, is_known);
    let mut at = 0;
    for draft in &drafts {
        assert!(draft.n_tokens as usize <= MAX_TOKENS);
        assert!(document.text[at..draft.span.start].trim().is_empty());
        at = draft.span.end;
    }
    assert!(document.text[at..].trim().is_empty());
    drafts
}

fn n_new(before: &[ChunkDraft], after: &[ChunkDraft]) -> usize {
    let known: HashSet<&str> = before.iter().map(|draft| draft.index_text.as_str()).collect();
    after.iter().filter(|draft| !known.contains(draft.index_text.as_str())).count()
}

/// Words that hardly repeat, made of a number.
fn words(seed: u64, n: usize) -> String {
    let word = |at: usize| format!("w{:x}", (seed + at as u64).wrapping_mul(0x9e37_79b9) >> 12);
    (0..n).map(word).collect::<Vec<_>>().join(" ")
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Heading,
    Short,
    Middle,
    LeadIn,
    Item,
    Table,
    Long,
}

fn paragraph(kind: Kind, seed: u64) -> String {
    let some = |least: u64, most: u64| (least + seed % (most - least)) as usize;
    match kind {
        Kind::Heading => format!("## {}", words(seed, 3)),
        Kind::Short => format!("{}.", words(seed, some(3, 12))),
        Kind::Middle => format!("{}.", words(seed, some(12, 80))),
        Kind::LeadIn => format!("{}:", words(seed, some(2, 8))),
        Kind::Item => format!("- {}", words(seed, some(4, 30))),
        Kind::Table => {
            let row = |n: u64| format!("| {} |\n", words(seed.wrapping_add(n * 977), 6));
            format!("| item |\n| --- |\n{}", (0..seed % 9).map(row).collect::<String>())
        }
        Kind::Long => {
            let sentence = |n: u64| format!("The {}.", words(seed.wrapping_add(n * 977), 11));
            (0..20 + seed % 20).map(sentence).collect::<Vec<_>>().join(" ")
        }
    }
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![
        1 => Just(Kind::Heading),
        4 => Just(Kind::Short),
        8 => Just(Kind::Middle),
        1 => Just(Kind::LeadIn),
        4 => Just(Kind::Item),
        1 => Just(Kind::Table),
        1 => Just(Kind::Long),
    ]
}

fn documents(n: usize) -> impl Strategy<Value = Vec<String>> {
    let one = (kinds(), any::<u32>()).prop_map(|(kind, seed)| paragraph(kind, u64::from(seed)));
    prop::collection::vec(one, 2..n)
}

#[derive(Clone, Debug)]
enum Edit {
    Change(u32),
    Insert(u32),
    Delete,
}

fn edits() -> impl Strategy<Value = (Edit, prop::sample::Index)> {
    let edit = prop_oneof![
        any::<u32>().prop_map(Edit::Change),
        any::<u32>().prop_map(Edit::Insert),
        Just(Edit::Delete),
    ];
    (edit, any::<prop::sample::Index>())
}

/// Changes one paragraph of prose; `None` when the place holds something else.
fn edited(paragraphs: &[String], edit: &Edit, at: &prop::sample::Index) -> Option<Vec<String>> {
    let mut paragraphs = paragraphs.to_vec();
    let at = at.index(paragraphs.len());
    let place = &mut paragraphs[at];
    if place.starts_with(['#', '|']) {
        return None;
    }
    match edit {
        Edit::Change(seed) => match place.match_indices(". ").nth(*seed as usize % 30) {
            // One sentence of a long paragraph.
            Some((end, _)) => place.insert_str(end, &words(u64::from(*seed), 9)),
            None => *place = paragraph(Kind::Middle, u64::from(*seed)),
        },
        Edit::Insert(seed) => paragraphs.insert(at, paragraph(Kind::Middle, u64::from(*seed))),
        Edit::Delete if place.len() < 600 => drop(paragraphs.remove(at)),
        Edit::Delete => return None,
    }
    (!paragraphs.is_empty()).then_some(paragraphs)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn one_edit_makes_three_new_chunks_at_most(
        document in documents(60),
        edits in prop::collection::vec(edits(), 1..8),
    ) {
        let mut paragraphs = document;
        let mut before = first_chunks(&paragraphs);
        prop_assert_eq!(n_new(&before, &next_chunks(&paragraphs, &before)), 0);
        for (edit, at) in &edits {
            let Some(next) = edited(&paragraphs, edit, at) else { continue };
            paragraphs = next;
            let after = next_chunks(&paragraphs, &before);
            let n = n_new(&before, &after);
            prop_assert!(n <= 3, "{n} new chunks after {edit:?}");
            before = after;
        }
        let n_fresh = first_chunks(&paragraphs).len();
        prop_assert!(before.len() <= n_fresh + n_fresh / 2 + 2, "{} for {n_fresh}", before.len());
    }
}

#[test]
fn an_edit_near_the_front_of_a_long_section_leaves_five_hundred_chunks_alone() {
    let kind = |n: u64| if n.is_multiple_of(5) { Kind::Item } else { Kind::Middle };
    let paragraphs: Vec<String> = (0..1_000).map(|n| paragraph(kind(n), n * 7_919)).collect();
    let before = first_chunks(&paragraphs);
    assert!(before.len() > 500);
    for at in [0, 1, 7, 500, 998] {
        let mut changed = paragraphs.clone();
        changed[at] = paragraph(Kind::Middle, 4_321);
        assert!(n_new(&before, &next_chunks(&changed, &before)) <= 3);
        changed.insert(at, paragraph(Kind::Short, 99));
        assert!(n_new(&before, &next_chunks(&changed, &before)) <= 6, "two edits");
        changed.drain(at..at + 2);
        assert!(n_new(&before, &next_chunks(&changed, &before)) <= 3);
    }
}

#[test]
fn a_line_of_megabytes_is_cut_in_linear_time() {
    let text = "没有标点的长长长长长长长长长长句子".repeat(20_000);
    let (mut document, _) = parse("a.md", "x");
    document.text = text;
    let budget = Budget { max_tokens: MAX_TOKENS, count: &count };
    let started = std::time::Instant::now();
    let drafts = chunk(&document, &[], Marks::default(), &budget);
    let is_known: IsKnown<'_> = &|_, _, _| false;
    let again = rechunk(&document, &[], Marks::default(), &budget, is_known);
    assert_eq!(drafts, again);
    assert_eq!(drafts.first().map(|d| d.span.start), Some(0));
    assert_eq!(
        drafts.last().map(|d| d.span),
        Some(Span { start: drafts[drafts.len() - 1].span.start, end: document.text.len() })
    );
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
