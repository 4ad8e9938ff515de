use std::collections::BTreeSet;

use kefu_core::{
    Audience, Block, BlockKind, Document, DocumentId, DocumentKind, DocumentMeta, DocumentState,
    Language, Overlay, OverlayAction, OverlayId, Span,
};
use proptest::prelude::*;

use super::{Corrected, correct};

fn document(text: &str) -> Document {
    Document {
        id: DocumentId::new("returns.md").unwrap(),
        kind: DocumentKind::Article,
        text: text.to_owned(),
        meta: DocumentMeta {
            title: "Returns".to_owned(),
            language: Language::ENGLISH,
            url: None,
            audiences: BTreeSet::from([Audience::public()]),
            valid_from: None,
            valid_to: None,
            sections: Vec::new(),
            state: DocumentState::Approved,
        },
    }
}

fn overlay(passage: &str, occurrence: u32, action: OverlayAction) -> Overlay {
    Overlay {
        id: OverlayId::generate(),
        document_id: DocumentId::new("returns.md").unwrap(),
        passage: passage.to_owned(),
        occurrence,
        action,
        note: String::new(),
        created_at_ms: 0,
    }
}

fn edit(passage: &str, text: &str) -> Overlay {
    overlay(passage, 1, OverlayAction::Edit { text: text.to_owned() })
}

/// A block for each line.
fn lines(text: &str) -> Vec<Block> {
    let mut start = 0;
    let blocks = text.split_inclusive('\n').map(|line| {
        let end = start + line.trim_end_matches('\n').len();
        let kind = match line.strip_prefix("# ") {
            Some(title) => BlockKind::Heading { level: 1, title: title.trim().to_owned() },
            None => BlockKind::Paragraph,
        };
        let block = Block { kind, start, end };
        start += line.len();
        block
    });
    blocks.filter(|block| block.start < block.end).collect()
}

fn spans(corrected: &Corrected) -> Vec<Option<&str>> {
    let text = |span: Option<Span>| span.and_then(|span| span.of(&corrected.document.text));
    corrected.corrections.iter().map(|correction| text(correction.span)).collect()
}

#[test]
fn edits_change_text_structure_and_the_places_of_the_others() {
    let text = "# Returns\nWithin 30 days.\nUnopened only.\nFree of charge.\n";
    let overlays = [
        overlay("Free of charge.", 1, OverlayAction::Hide),
        edit("Returns", "Sending goods back"),
        edit("30 days.\nUnopened only.", "14 days, opened or not."),
        overlay("Within 30 days.", 1, OverlayAction::Pin { phrases: vec!["退货".to_owned()] }),
        edit("days", "weeks"),
        edit("never there", "x"),
    ];
    let corrected = correct(document(text), lines(text), &overlays);
    let now = "# Sending goods back\nWithin 14 days, opened or not.\nFree of charge.\n";
    assert_eq!(corrected.document.text, now);
    assert_eq!(
        spans(&corrected),
        [
            Some("Free of charge."),
            Some("Sending goods back"),
            Some("14 days, opened or not."),
            Some("Within 14 days, opened or not."),
            None,
            None
        ]
    );
    let seen: Vec<_> = corrected.blocks.iter().map(|b| (&b.kind, &now[b.start..b.end])).collect();
    let heading = BlockKind::Heading { level: 1, title: "Sending goods back".to_owned() };
    let paragraph = BlockKind::Paragraph;
    assert_eq!(
        seen,
        [
            (&heading, "# Sending goods back"),
            (&paragraph, "Within 14 days, opened or not."),
            (&paragraph, "Free of charge.")
        ]
    );
    assert_eq!(corrected.hidden[0].of(now), Some("Free of charge."));
    assert_eq!(corrected.source_text.text.as_deref(), Some(text));
    assert_eq!(corrected.source_text.blocks, lines(text));
}

#[test]
fn without_edits_the_text_stays_and_the_fingerprint_tells_outcomes_apart() {
    let text = "One.\nTwo.\n";
    let none = correct(document(text), lines(text), &[]);
    assert_eq!((none.document.text.as_str(), none.fingerprint().as_str()), (text, ""));
    assert_eq!(none.source_text.text, None);
    let hide = [overlay("Two.", 1, OverlayAction::Hide)];
    let met = correct(document(text), lines(text), &hide);
    let again = correct(document(text), lines(text), &hide);
    let lost = correct(document("One.\n"), lines("One.\n"), &hide);
    assert_eq!(met.fingerprint(), again.fingerprint());
    assert_ne!(met.fingerprint(), lost.fingerprint());
    assert_eq!(lost.corrections[0].span, None);
}

/// A word that stands once in the text of the property below.
fn word(n: usize) -> String {
    format!("w{n:03}.")
}

proptest! {
    /// Every word is its own passage, so what edits must do can be said word by word.
    #[test]
    fn each_edit_is_applied_once_and_nothing_else_changes(
        breaks in prop::collection::vec(0_usize..4, 1..60),
        wanted in prop::collection::vec((0_usize..60, 1_usize..6, "[a-zé天\n]{1,12}"), 0..12),
        hidden in prop::collection::vec(0_usize..60, 0..4),
    ) {
        let separators = [" ", "\n", "\n\n", "\u{3000}"];
        let n_words = breaks.len();
        let mut text = String::new();
        for (n, separator) in breaks.iter().enumerate() {
            text.push_str(&word(n));
            text.push_str(separators[*separator]);
        }
        // Edits of runs of words that do not overlap; the others are refused by the oracle too.
        let mut taken = vec![None; n_words];
        let (mut overlays, mut expected) = (Vec::new(), Vec::new());
        for (first, length, new) in &wanted {
            let run = (*first).min(n_words - 1)..(first + length).min(n_words).max(1);
            if run.is_empty() || new.trim().is_empty() {
                continue;
            }
            let passage: String = run.clone().map(word).collect();
            let is_free = taken[run.clone()].iter().all(Option::is_none);
            if is_free {
                for place in &mut taken[run] {
                    *place = Some(overlays.len());
                }
            }
            overlays.push(edit(&passage, new));
            expected.push(is_free.then(|| new.clone()));
        }
        let n_edits = overlays.len();
        for n in hidden.iter().filter(|n| **n < n_words) {
            overlays.push(overlay(&word(*n), 1, OverlayAction::Hide));
        }
        let corrected = correct(document(&text), lines(&text), &overlays);

        // The words in order, runs of edited ones replaced by the edit's text.
        let mut rest = corrected.document.text.as_str();
        let mut last = None;
        for (n, by) in taken.iter().enumerate() {
            let next = match by {
                Some(by) if last == Some(*by) => continue,
                Some(by) => expected[*by].clone().unwrap(),
                None => word(n),
            };
            last = *by;
            let at = rest.find(&next);
            prop_assert!(at.is_some_and(|at| rest[..at].trim().is_empty()), "{next:?} in {rest:?}");
            rest = &rest[at.unwrap() + next.len()..];
        }
        prop_assert!(rest.trim().is_empty());

        let found = spans(&corrected);
        for (found, expected) in found.iter().zip(&expected) {
            prop_assert_eq!(*found, expected.as_deref());
        }
        prop_assert!(found[n_edits..].iter().all(Option::is_some));

        let mut floor = 0;
        for block in &corrected.blocks {
            prop_assert!(block.start >= floor && block.start < block.end);
            prop_assert!(corrected.document.text.get(block.start..block.end).is_some());
            floor = block.end;
        }
        // No word of the text is outside of a block, as none was before.
        let inside: String =
            corrected.blocks.iter().map(|b| &corrected.document.text[b.start..b.end]).collect();
        let without = |text: &str| text.split_whitespace().collect::<String>();
        prop_assert_eq!(without(&inside), without(&corrected.document.text));
    }
}
