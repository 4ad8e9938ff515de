use proptest::prelude::*;

use super::*;

fn check(text: &str, expected: &[&str]) {
    let found: Vec<&str> = sentences(text).iter().filter_map(|span| span.of(text)).collect();
    assert_eq!(found, expected);
}

#[test]
fn english_prose_is_cut_at_its_stops() {
    check("Returns are free. Refunds take 5 days!", &["Returns are free.", "Refunds take 5 days!"]);
    check("Really?! Yes. No way...", &["Really?!", "Yes.", "No way..."]);
    check("It costs $19.99. Pi is 3.14 or so.", &["It costs $19.99.", "Pi is 3.14 or so."]);
    check("no stop at all", &["no stop at all"]);
}

#[test]
fn abbreviations_do_not_end_sentences() {
    check("Use a card, e.g. Visa. Ask Mr. Smith.", &["Use a card, e.g. Visa.", "Ask Mr. Smith."]);
    check("Small parts, i.e. screws, are out.", &["Small parts, i.e. screws, are out."]);
    check("See No. 5 for it. Say no. Go.", &["See No. 5 for it.", "Say no.", "Go."]);
    check("We ship to the U.S. and Canada.", &["We ship to the U.S. and Canada."]);
    check("We ship in the U.S. The fee is $5.", &["We ship in the U.S.", "The fee is $5."]);
    check("Made by J. Doe of Acme Inc. in 2020.", &["Made by J. Doe of Acme Inc. in 2020."]);
    check("Open until 5 p.m. You may call.", &["Open until 5 p.m.", "You may call."]);
    check("Since Jan. 5 it is free.", &["Since Jan. 5 it is free."]);
}

#[test]
fn addresses_are_kept_together() {
    check(
        "Go to https://a.example.com/x?y=1. Or write to help@a.example.com! Bye.",
        &["Go to https://a.example.com/x?y=1.", "Or write to help@a.example.com!", "Bye."],
    );
    check("Version 5.4.5 is out.", &["Version 5.4.5 is out."]);
}

#[test]
fn closing_marks_belong_to_their_sentence() {
    check("He said \"No.\" Then he left.", &["He said \"No.\"", "Then he left."]);
    check("(See below.) It is fine.", &["(See below.)", "It is fine."]);
    check("\"Is it open?\" she asked.", &["\"Is it open?\" she asked."]);
    check("**Note.** Keep the box.", &["**Note.**", "Keep the box."]);
    check("他说：“可以退。”然后走了。", &["他说：“可以退。”", "然后走了。"]);
    check("「不行！」（见下文。）好的。", &["「不行！」", "（见下文。）", "好的。"]);
}

#[test]
fn chinese_needs_no_spaces() {
    check("七天内可退货。运费谁付？我们付！", &["七天内可退货。", "运费谁付？", "我们付！"]);
    check("先申请；再寄回。", &["先申请；", "再寄回。"]);
    check("我想想……再说吧。", &["我想想……", "再说吧。"]);
    check("价格是3.14元。", &["价格是3.14元。"]);
    check("可以吗?可以.好的", &["可以吗?", "可以.", "好的"]);
}

#[test]
fn lines_of_lists_tables_and_headings_are_borders() {
    check(
        "# Returns #\n\nYou may return:\n- books\n- [ ] games, e.g. chess\n1. Pack it\n2. Send it\n> Quoted text\n",
        &[
            "Returns",
            "You may return:",
            "books",
            "games, e.g. chess",
            "Pack it",
            "Send it",
            "Quoted text",
        ],
    );
    check(
        "| Plan | Price |\n|---|:--:|\n| Basic | $5. Yes |\n",
        &["Plan | Price", "Basic | $5. Yes"],
    );
    check("1、打开应用\n2、点击“退货”\n", &["打开应用", "点击“退货”"]);
    check("Title\n=====\nText here.", &["Title", "Text here."]);
    check("```\nlet a = 1. b\n```\nDone.", &["let a = 1. b", "Done."]);
}

#[test]
fn wrapped_lines_are_joined_and_short_ones_are_not() {
    check(
        "A customer who bought a lamp in our shop may\nreturn it. Really.",
        &["A customer who bought a lamp in our shop may\nreturn it.", "Really."],
    );
    check("Opening hours\nMonday to Friday", &["Opening hours", "Monday to Friday"]);
    check("first\r\nSecond\r\n", &["first", "Second"]);
    check(
        "The warranty that came with your device lasts for\n24. It is free.",
        &["The warranty that came with your device lasts for\n24.", "It is free."],
    );
}

#[test]
fn nothing_to_say_gives_no_sentence() {
    check("", &[]);
    check(" \n\n--- \n *** \n？！", &[]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn spans_are_ordered_trimmed_and_whole(
        text in "[a-cA-C1-2 .!?;,\"')*|#>\\-\\n。！？；…”」退货\u{3000}🙂]{0,60}",
    ) {
        let mut last = 0;
        for span in sentences(&text) {
            let covered = span.of(&text);
            prop_assert!(span.start >= last && covered.is_some());
            let covered = covered.unwrap_or_default();
            prop_assert!(!covered.is_empty() && covered.trim() == covered);
            last = span.end;
        }
    }

    #[test]
    fn no_letter_is_lost(text in "[a-cA-C .!?\"'(),\\n。！？；“”退货]{0,60}") {
        let kept: usize = sentences(&text)
            .iter()
            .filter_map(|span| span.of(&text))
            .map(|part| part.chars().filter(|c| c.is_alphanumeric()).count())
            .sum();
        prop_assert_eq!(kept, text.chars().filter(|c| c.is_alphanumeric()).count());
    }
}
