//! Phrasings written before the rules that judge them. The files named `*_held_back` were measured
//! once before anything in them was looked at; what was missed then was mended afterwards, so that
//! today's rates are no estimate. The first figures are in `rules/README.md`.

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
    let files = [include_str!("../cases/human.txt"), include_str!("../cases/human_held_back.txt")];
    let all: Vec<_> = files.into_iter().flat_map(outcomes).collect();
    let missed: Vec<_> = all.iter().filter(|(_, _, outcome)| *outcome != "human").collect();
    assert!(all.len() >= 300 && missed.is_empty(), "{missed:#?}");
}

#[test]
fn what_only_looks_like_asking_for_a_person_is_no_request() {
    let files =
        [include_str!("../cases/not_human.txt"), include_str!("../cases/not_human_held_back.txt")];
    let all: Vec<_> = files.into_iter().flat_map(outcomes).collect();
    let wrong: Vec<_> = all.iter().filter(|(_, _, outcome)| *outcome == "human").collect();
    assert!(all.len() >= 100 && wrong.is_empty(), "{wrong:#?}");
}

/// Recall on complaints, and how many of the ordinary texts and of the mild grumbles escalate.
fn complaint_rates(files: [&str; 2]) -> (usize, [f32; 3]) {
    let all: Vec<_> = files.into_iter().flat_map(outcomes).collect();
    let share = |keep: &dyn Fn(&str) -> bool| {
        let kept: Vec<_> = all.iter().filter(|(heading, _, _)| keep(heading)).collect();
        let n_found = kept.iter().filter(|(_, _, outcome)| *outcome != "proceed").count();
        #[expect(clippy::cast_precision_loss, reason = "some hundred texts")]
        let share = n_found as f32 / kept.len().max(1) as f32;
        share
    };
    let is_complaint = |heading: &str| !matches!(heading, "ordinary" | "mild");
    let rates =
        [share(&is_complaint), share(&|h: &str| h == "ordinary"), share(&|h: &str| h == "mild")];
    (all.len(), rates)
}

#[test]
fn chinese_complaints_escalate_and_grumbles_do_not() {
    let (n, [complaints, ordinary, mild]) = complaint_rates([
        include_str!("../cases/complaints_zh.txt"),
        include_str!("../cases/complaints_zh_held_back.txt"),
    ]);
    assert!(n >= 350);
    assert!(complaints >= 0.93, "{complaints}");
    assert!(ordinary <= 0.04 && mild <= 0.2, "{ordinary} {mild}");
}

#[test]
fn english_complaints_escalate_and_grumbles_do_not() {
    let (n, [complaints, ordinary, mild]) = complaint_rates([
        include_str!("../cases/complaints_en.txt"),
        include_str!("../cases/complaints_en_held_back.txt"),
    ]);
    assert!(n >= 140);
    assert!(complaints >= 0.8, "{complaints}");
    assert!(ordinary <= 0.05 && mild <= 0.2, "{ordinary} {mild}");
}

#[test]
fn displeased_reviews_score_below_pleased_ones() {
    let files = [
        (include_str!("../cases/reviews_praise.txt"), include_str!("../cases/reviews_blame.txt")),
        (
            include_str!("../cases/reviews_praise_held_back.txt"),
            include_str!("../cases/reviews_blame_held_back.txt"),
        ),
    ];
    for (praise, blame) in files {
        let moods = |file: &str| file.lines().map(mood).collect::<Vec<f32>>();
        let (praise, blame) = (moods(praise), moods(blame));
        let pairs = praise.iter().flat_map(|p| blame.iter().map(move |b| (p, b)));
        let n_right = pairs.filter(|(p, b)| p > b).count();
        let n_pairs = praise.len() * blame.len();
        assert!(n_pairs >= 2_000 && n_right * 100 >= n_pairs * 93, "{n_right} of {n_pairs}");
    }
}
