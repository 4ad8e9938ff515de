//! What holds for every input.

use kefu_parse::{Limits, parse};
use proptest::prelude::*;

const NAMES: [&str; 7] = ["a.md", "a.txt", "a.html", "a.csv", "a.tsv", "a.jsonl", "a.json"];

/// Text dense in markup, so that structure is hit often.
fn markup() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "#",
        "##",
        "- ",
        "* ",
        "1. ",
        "> ",
        "|",
        "| a | b |\n|---|---|\n",
        "`",
        "```\n",
        "\n",
        "\n\n",
        "    ",
        "  ",
        "word",
        "退货",
        "é",
        "[x]: http://a.b\n",
        "<div>",
        "</div>",
        "<p>",
        "<li>",
        "<table>",
        "<td>",
        "<pre>",
        "---\n",
        "===\n",
        "\r\n",
        ",",
        "\"",
        "{\"text\":\"a\\n- b\"}",
        "[",
        "]",
        "&amp;",
        "<!--",
        "-->",
        "\t",
        "\u{3000}",
        "lang: en\n",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn blocks_are_ordered_and_only_white_space_lies_between(
        name in prop::sample::select(NAMES.to_vec()),
        text in markup(),
    ) {
        let Ok(file) = parse(name, text.as_bytes(), &Limits::STANDARD) else { return Ok(()) };
        for document in file.documents {
            let mut at = 0;
            for block in &document.blocks {
                prop_assert!(block.start < block.end);
                let gap = document.text.get(at..block.start);
                prop_assert!(gap.is_some_and(|gap| gap.trim().is_empty()), "gap {:?}", gap);
                prop_assert!(document.text.get(block.start..block.end).is_some());
                at = block.end;
            }
            prop_assert!(document.text[at..].trim().is_empty());
        }
    }

    #[test]
    fn any_bytes_give_a_result(
        name in prop::sample::select(NAMES.to_vec()),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        // A panic would fail the test; both outcomes are fine.
        let _ = parse(name, &bytes, &Limits::STANDARD);
    }
}
