use std::sync::LazyLock;

use kefu_core::TurnId;

use super::*;

mod courtesy;
mod held_back;
mod signals;
mod speed;

static RULES: LazyLock<Rules> =
    LazyLock::new(|| Rules::new(RulesSettings { escalate_after_failures: 2 }));

fn assess(text: &str, history: &[Turn]) -> TriageOutcome {
    RULES.assess(&TriageInput { text, language: kefu_text::detect(text), history })
}

fn label(outcome: &TriageOutcome) -> &'static str {
    match outcome {
        TriageOutcome::Proceed => "proceed",
        TriageOutcome::Refuse(_) => "refuse",
        TriageOutcome::Escalate(escalation) => match escalation.reason {
            EscalationReason::HumanRequested => "human",
            EscalationReason::Complaint => "complaint",
            EscalationReason::MoneySafety => "money",
            EscalationReason::Abuse => "abuse",
            _ => "other",
        },
    }
}

/// Checks every line of a file of labelled phrasings and returns how many there were.
fn check(file: &str) -> usize {
    let mut expected = "";
    let mut wrong = Vec::new();
    let mut n_cases = 0;
    for line in file.lines() {
        if let Some(label) = line.strip_prefix("== ") {
            expected = label;
            continue;
        }
        n_cases += 1;
        let outcome = assess(line, &[]);
        if label(&outcome) != expected {
            wrong.push(format!("{expected}: {line} -> {outcome:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {n_cases}: {wrong:#?}", wrong.len());
    n_cases
}

#[test]
fn english_phrasings_are_judged_as_labelled() {
    assert!(check(include_str!("cases/en.txt")) >= 120);
}

#[test]
fn chinese_phrasings_are_judged_as_labelled() {
    assert!(check(include_str!("cases/zh.txt")) >= 120);
}

#[test]
fn a_request_for_a_person_wins_and_keeps_the_urgency_of_its_cause() {
    let outcome = assess("My account was hacked, get me a human now", &[]);
    let TriageOutcome::Escalate(escalation) = outcome else { unreachable!("must escalate") };
    assert_eq!(escalation.reason, EscalationReason::HumanRequested);
    assert_eq!((escalation.queue.as_str(), escalation.priority), ("safety", Priority::Urgent));
}

#[test]
fn reasons_have_their_queues_and_priorities() {
    for (text, queue, priority) in [
        ("转人工", "support", Priority::Normal),
        ("我要投诉", "complaints", Priority::High),
        ("银行卡被盗刷", "safety", Priority::Urgent),
        ("我想自杀", "safety", Priority::Urgent),
        ("滚蛋", "support", Priority::Normal),
    ] {
        match assess(text, &[]) {
            TriageOutcome::Escalate(found) => {
                assert_eq!((found.queue.as_str(), found.priority), (queue, priority), "{text}");
            }
            _ => unreachable!("{text} must escalate"),
        }
    }
}

fn turn(speaker: Speaker, text: &str) -> Turn {
    Turn {
        id: TurnId::generate(),
        speaker,
        agent: None,
        text: text.to_owned(),
        at_ms: 1,
        answer_id: None,
    }
}

#[test]
fn yes_to_an_offer_is_a_request() {
    let offer =
        [turn(Speaker::Assistant, "I could not find that. Would you like to talk to a person?")];
    assert_eq!(label(&assess("Yes, please.", &offer)), "human");
    assert_eq!(label(&assess("Yes please", &offer)), "human");
    assert_eq!(label(&assess("yes how long is the warranty", &offer)), "proceed");
    assert_eq!(label(&assess("yes please", &[])), "proceed");
    let offer = [turn(Speaker::Assistant, "抱歉，没有找到。需要为您转接人工客服吗？")];
    assert_eq!(label(&assess("好的，谢谢", &offer)), "human");
    assert_eq!(label(&assess("好的谢谢", &offer)), "human");
    assert_eq!(label(&assess("不用了", &offer)), "proceed");
    let answer = [turn(Speaker::Assistant, "You can return it within 30 days.")];
    assert_eq!(label(&assess("ok", &answer)), "proceed");
}

#[test]
fn danger_goes_to_the_safety_queue() {
    let texts = [
        "电热水壶起火了",
        "锅爆炸了，孩子烫伤了",
        "水壶漏电，我被电了一下",
        "充电宝冒烟了",
        "孩子吞了一颗纽扣电池",
        "The kettle exploded",
        "My espresso machine caught fire",
        "I got an electric shock from the kettle",
        "the battery is smoking",
        "My child swallowed a button battery",
    ];
    for text in texts {
        let outcome = assess(text, &[]);
        let TriageOutcome::Escalate(escalation) = outcome else { unreachable!("{text}") };
        assert_eq!((escalation.queue.as_str(), escalation.priority), ("safety", Priority::Urgent));
    }
    for text in
        ["会不会漏电", "Will it catch fire?", "do you have non smoking rooms", "漏电保护插座多少钱"]
    {
        assert_eq!(label(&assess(text, &[])), "proceed", "{text}");
    }
}

#[test]
fn the_same_words_three_times_are_a_circle() {
    let history = [
        turn(Speaker::Customer, "Where is my parcel?"),
        turn(Speaker::Assistant, "It is on its way."),
        turn(Speaker::Customer, "where is my parcel"),
        turn(Speaker::Assistant, "It is on its way."),
    ];
    let outcome = assess("WHERE IS MY PARCEL!", &history);
    let TriageOutcome::Escalate(escalation) = outcome else { unreachable!("must escalate") };
    assert_eq!(escalation.reason, EscalationReason::Loop);
    assert_eq!(label(&assess("Where is my parcel?", &history[2..])), "proceed");
}

#[test]
fn failures_hand_over_from_the_set_number_on() {
    assert_eq!(RULES.after_failures(1), None);
    let handed = RULES.after_failures(2).map(|escalation| escalation.reason);
    assert_eq!(handed, Some(EscalationReason::LowConfidence));
    assert_eq!(RULES.engine_failure().reason, EscalationReason::EngineFailure);
}

#[test]
fn a_wish_at_either_end_of_a_long_text_is_heard() {
    let filling = "the lamp has a switch and a shade, 灯有开关。".repeat(1_000);
    assert_eq!(label(&assess(&format!("{filling} Please get me a human."), &[])), "human");
    assert_eq!(label(&assess(&format!("转人工。{filling}"), &[])), "human");
    assert_eq!(label(&assess(&filling, &[])), "proceed");
}

#[test]
fn nothing_said_is_nothing_to_escalate() {
    for text in ["", " ", "?!", "\u{200b}", "|", "<×>"] {
        assert_eq!(assess(text, &[]), TriageOutcome::Proceed);
    }
    let input = TriageInput { text: "转人工", language: Language::UNDETERMINED, history: &[] };
    assert_eq!(label(&RULES.assess(&input)), "human");
}
