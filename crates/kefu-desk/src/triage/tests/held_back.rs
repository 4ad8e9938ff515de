//! Phrasings written before the rules that judge them. The files named `*_held_back` were measured
//! once before anything in them was looked at, those named `*_later` were written when the rules were
//! done, and those named `*_others` by people who never saw the rules; what was missed then was mended afterwards, so that today's rates are no estimate. The first
//! figures are in `rules/README.md`.

use super::*;

fn outcomes(file: &str) -> Vec<(&str, &str, &'static str)> {
    let mut heading = "";
    let mut outcomes = Vec::new();
    for line in file.lines() {
        match line.strip_prefix("== ") {
            Some(name) => heading = name,
            None => outcomes.push((heading, line, label(&assess(line, &[])))),
        }
    }
    outcomes
}

fn mood(text: &str) -> f32 {
    RULES.mood_of(text)
}

#[test]
fn every_way_of_asking_for_a_person_is_heard() {
    let files = [
        include_str!("../cases/human.txt"),
        include_str!("../cases/human_held_back.txt"),
        include_str!("../cases/human_later.txt"),
    ];
    let all: Vec<_> = files.into_iter().flat_map(outcomes).collect();
    let missed: Vec<_> = all.iter().filter(|(_, _, outcome)| *outcome != "human").collect();
    assert!(all.len() >= 300 && missed.is_empty(), "{missed:#?}");
}

#[test]
fn what_only_looks_like_asking_for_a_person_is_no_request() {
    let files = [
        include_str!("../cases/not_human.txt"),
        include_str!("../cases/not_human_held_back.txt"),
        include_str!("../cases/not_human_later.txt"),
        include_str!("../cases/not_human_others.txt"),
    ];
    let all: Vec<_> = files.into_iter().flat_map(outcomes).collect();
    let wrong: Vec<_> = all.iter().filter(|(_, _, outcome)| *outcome == "human").collect();
    assert!(all.len() >= 100 && wrong.len() * 20 <= all.len(), "{wrong:#?}");
}

#[test]
fn people_who_never_saw_the_rules_are_mostly_heard() {
    let all = outcomes(include_str!("../cases/human_others.txt"));
    let n_heard = all.iter().filter(|(_, _, outcome)| *outcome == "human").count();
    assert!(all.len() >= 140 && n_heard * 100 >= all.len() * 97, "{n_heard} of {}", all.len());
}

#[test]
fn complaints_of_people_who_never_saw_the_rules_are_mostly_found() {
    let (n, [complaints, ordinary]) =
        complaint_rates([include_str!("../cases/complaints_zh_others.txt"), ""]);
    assert!(n >= 190 && complaints >= 0.88 && ordinary <= 0.06, "{complaints} {ordinary}");
    let (n, [complaints, ordinary]) =
        complaint_rates([include_str!("../cases/complaints_en_others.txt"), ""]);
    assert!(n >= 200 && complaints >= 0.86 && ordinary <= 0.04, "{complaints} {ordinary}");
}

/// Shares of complaints and of ordinary texts that escalate. Mild grumbles are neither: most of them
/// escalate.
fn complaint_rates(files: [&str; 2]) -> (usize, [f32; 2]) {
    let all: Vec<_> = files.into_iter().flat_map(outcomes).collect();
    let share = |keep: &dyn Fn(&str) -> bool| {
        let kept: Vec<_> = all.iter().filter(|(heading, _, _)| keep(heading)).collect();
        let n_found = kept.iter().filter(|(_, _, outcome)| *outcome != "proceed").count();
        #[expect(clippy::cast_precision_loss, reason = "some hundred texts")]
        let share = n_found as f32 / kept.len().max(1) as f32;
        share
    };
    let is_complaint = |heading: &str| !matches!(heading, "ordinary" | "mild");
    (all.len(), [share(&is_complaint), share(&|h: &str| h == "ordinary")])
}

#[test]
fn chinese_complaints_escalate_and_ordinary_turns_do_not() {
    let (n, [complaints, ordinary]) = complaint_rates([
        include_str!("../cases/complaints_zh.txt"),
        include_str!("../cases/complaints_zh_held_back.txt"),
    ]);
    assert!(n >= 350);
    assert!(complaints >= 0.93 && ordinary <= 0.04, "{complaints} {ordinary}");
}

#[test]
fn english_complaints_escalate_and_ordinary_turns_do_not() {
    let (n, [complaints, ordinary]) = complaint_rates([
        include_str!("../cases/complaints_en.txt"),
        include_str!("../cases/complaints_en_held_back.txt"),
    ]);
    assert!(n >= 140);
    assert!(complaints >= 0.8 && ordinary <= 0.05, "{complaints} {ordinary}");
}

/// Bare facts, hardly an angry word.
#[test]
fn wrongs_told_calmly_are_mostly_heard() {
    let found = |file| {
        let (n, [found, _]) = complaint_rates([file, ""]);
        assert!(n >= 30);
        found
    };
    let english = found(include_str!("../cases/complaints_en_later.txt"));
    let chinese = found(include_str!("../cases/complaints_zh_later.txt"));
    assert!(english >= 0.9 && chinese >= 0.86, "{english} {chinese}");
}

#[test]
fn displeased_reviews_score_below_pleased_ones() {
    let files = [
        (include_str!("../cases/reviews_praise.txt"), include_str!("../cases/reviews_blame.txt")),
        (
            include_str!("../cases/reviews_praise_held_back.txt"),
            include_str!("../cases/reviews_blame_held_back.txt"),
        ),
        (
            include_str!("../cases/reviews_praise_mixed.txt"),
            include_str!("../cases/reviews_blame_mixed.txt"),
        ),
    ];
    let others = [
        (
            include_str!("../cases/reviews_praise_zh_others.txt"),
            include_str!("../cases/reviews_blame_zh_others.txt"),
        ),
        (
            include_str!("../cases/reviews_praise_en_others.txt"),
            include_str!("../cases/reviews_blame_en_others.txt"),
        ),
    ];
    let files = files.map(|pair| (pair, 97)).into_iter();
    for ((praise, blame), floor) in files.chain(others.map(|pair| (pair, 90))) {
        let moods = |file: &str| file.lines().map(mood).collect::<Vec<f32>>();
        let (praise, blame) = (moods(praise), moods(blame));
        let pairs = praise.iter().flat_map(|p| blame.iter().map(move |b| (p, b)));
        let n_right = pairs.filter(|(p, b)| p > b).count();
        let n_pairs = praise.len() * blame.len();
        assert!(n_pairs >= 500 && n_right * 100 >= n_pairs * floor, "{n_right} of {n_pairs}");
    }
}
