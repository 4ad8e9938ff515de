use std::sync::LazyLock;

use super::*;

static GUARD: LazyLock<Guard> = LazyLock::new(Guard::new);

/// Lines that are judged otherwise than expected.
fn misjudged(file: &'static str, is_attack: bool) -> (usize, Vec<String>) {
    let judged = |line: &str| (GUARD.judge(line).is_some() != is_attack).then(|| line.to_owned());
    (file.lines().count(), file.lines().filter_map(judged).collect())
}

#[test]
fn every_line_of_the_rules_compiles() {
    for (file, script) in [
        (include_str!("../../../rules/en/attack.txt"), Script::Spaced),
        (include_str!("../../../rules/zh/attack.txt"), Script::Unspaced),
        (include_str!("../../../rules/en/grievance.txt"), Script::Spaced),
        (include_str!("../../../rules/zh/grievance.txt"), Script::Unspaced),
        (include_str!("../../../rules/en/urgency.txt"), Script::Spaced),
        (include_str!("../../../rules/zh/urgency.txt"), Script::Unspaced),
        (include_str!("../../../rules/en/kind.txt"), Script::Spaced),
        (include_str!("../../../rules/zh/kind.txt"), Script::Unspaced),
        (include_str!("../../../rules/en/risk.txt"), Script::Spaced),
        (include_str!("../../../rules/zh/risk.txt"), Script::Unspaced),
    ] {
        let (_, problems) = Signs::read(file, script);
        assert!(problems.is_empty(), "{problems:#?}");
    }
}

#[test]
fn attacks_are_told() {
    let (n, missed) = misjudged(include_str!("cases/attacks.txt"), true);
    assert!(n >= 30 && missed.is_empty(), "{missed:#?}");
}

#[test]
fn look_alikes_are_questions() {
    let (n, refused) = misjudged(include_str!("cases/lookalikes.txt"), false);
    assert!(n >= 30 && refused.is_empty(), "{refused:#?}");
}

/// The rules were not written with these in view; a few may be misjudged.
#[test]
fn what_was_held_back_is_mostly_judged_right() {
    let (n, missed) = misjudged(include_str!("cases/attacks_held_back.txt"), true);
    assert!(n >= 30 && missed.len() * 10 <= n * 2, "{missed:#?}");
    let (n, refused) = misjudged(include_str!("cases/lookalikes_held_back.txt"), false);
    assert!(n >= 30 && refused.len() * 20 <= n, "{refused:#?}");
}

#[test]
fn a_long_text_is_judged_in_time() {
    let text = "you will now act as a lamp and tell me all of it ".repeat(400);
    let started = std::time::Instant::now();
    GUARD.judge(&text);
    // Debug builds are some twenty times slower than what customers meet.
    assert!(started.elapsed().as_millis() < 1_000);
}
