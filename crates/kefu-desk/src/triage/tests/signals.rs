use kefu_core::{ProblemKind, Risk, UrgencyLevel};

use super::*;

fn signals(text: &str) -> Signals {
    RULES.signals(&TriageInput { text, language: Language::UNDETERMINED, history: &[] })
}

#[test]
fn complaints_have_a_kind() {
    for (text, kind) in [
        (
            "The kettle you sold me leaks and it stopped working after two days.",
            ProblemKind::Product,
        ),
        ("快递员把我的包裹扔在雨里，全湿透了，没人管", ProblemKind::Delivery),
        (
            "I have been waiting for six weeks and still no refund, this is a joke",
            ProblemKind::Refund,
        ),
        ("你们客服态度极差，问什么都不耐烦", ProblemKind::Service),
        (
            "You sold my personal data and leaked my number, this is outrageous",
            ProblemKind::Privacy,
        ),
        ("再不处理我就去12315投诉", ProblemKind::Regulator),
    ] {
        assert_eq!(signals(text).problem, Some(kind), "{text}");
    }
    assert_eq!(signals("请问这款有几个颜色").problem, None);
}

#[test]
fn a_complaint_that_names_the_support_line_stays_one() {
    for text in ["东西坏了，客服电话也打不通", "怎么还没收到货，都两周了"]
    {
        assert_eq!(label(&assess(text, &[])), "complaint", "{text}");
    }
    assert_eq!(label(&assess("人工客服打不进去", &[])), "human");
    assert_eq!(label(&assess("怎么还没发货", &[])), "proceed");
}

#[test]
fn slips_do_not_hide_a_wish() {
    for text in [
        "talkk to a preson",
        "i want to speka tosomebody",
        "chat with anassistant please",
        "conect me wiht an asisstant",
        "talktoahuman",
        "转人gong服务",
    ] {
        assert_eq!(label(&assess(text, &[])), "human", "{text}");
    }
}

#[test]
fn urgency_has_a_level_and_reasons() {
    for (text, level) in [
        ("when do you open", UrgencyLevel::None),
        ("no rush, whenever you have time", UrgencyLevel::None),
        ("My flight leaves in two hours and my booking is gone", UrgencyLevel::Now),
        ("我被锁在门外了，带着孩子", UrgencyLevel::Now),
        ("I need this fixed today", UrgencyLevel::Today),
        ("I made a transfer today", UrgencyLevel::None),
        ("are refunds paid immediately", UrgencyLevel::None),
        ("今天下班前必须解决", UrgencyLevel::Today),
        ("明天就要用了，能不能快点发", UrgencyLevel::Today),
        ("There is a gas leak from the heater", UrgencyLevel::Now),
    ] {
        let urgency = signals(text).urgency;
        assert_eq!(urgency.level, level, "{text}: {urgency:?}");
        assert_eq!(urgency.reasons.is_empty(), level == UrgencyLevel::None, "{text}");
    }
}

#[test]
fn risks_are_named_most_serious_first() {
    assert_eq!(signals("我想自杀").risks.first(), Some(&Risk::Harm));
    assert!(signals("my account was hacked and someone spent my money").has(Risk::Money));
    assert!(signals("吃了你们的面包之后全家食物中毒").has(Risk::Medical));
    assert!(signals("is it safe to take with ibuprofen").has(Risk::Medical));
    assert!(signals("I will sue you").has(Risk::Legal));
    assert!(signals("你们这群傻逼").has(Risk::Abuse));
    for text in ["发票怎么开", "What time is breakfast?", "this jacket is for dry skin days"] {
        assert!(signals(text).risks.is_empty(), "{text}");
    }
}

#[test]
fn an_injury_goes_to_safety_and_a_medical_question_is_answered() {
    let hurt = assess("Your cream gave me a rash and I ended up in hospital", &[]);
    let TriageOutcome::Escalate(hurt) = hurt else { unreachable!("must escalate") };
    assert_eq!((hurt.queue.as_str(), hurt.priority), ("safety", Priority::Urgent));
    assert_eq!(hurt.rule, "medical.harm");
    assert_eq!(label(&assess("Can pregnant women use this cream?", &[])), "proceed");
}

#[test]
fn an_insult_with_a_matter_is_a_complaint() {
    assert_eq!(label(&assess("滚蛋", &[])), "abuse");
    let both = "you idiots lost my parcel and nobody answers the phone";
    assert_eq!(label(&assess(both, &[])), "complaint");
    assert!(signals(both).has(Risk::Abuse) && signals(both).problem.is_some());
}

#[test]
fn moods_move_over_the_customers_turns() {
    let history = [
        turn(Speaker::Customer, "hi, great shop"),
        turn(Speaker::Assistant, "this is awful"),
        turn(Speaker::Customer, "where is my order"),
    ];
    let told = |text: &str, history: &[Turn]| {
        RULES.signals(&TriageInput { text, language: Language::UNDETERMINED, history }).trend
    };
    assert_eq!(told("this is terrible, worst service ever", &history), Trend::Worse);
    assert_eq!(told("hm", &history[..1]), Trend::Worse);
    assert_eq!(told("太好了，谢谢", &[turn(Speaker::Customer, "太差劲了")]), Trend::Better);
    assert_eq!(told("this is terrible", &[]), Trend::Same);
}

#[test]
fn both_languages_are_always_read() {
    assert!(signals("The 客服 was 态度极差 and never helped").complaint >= complaint::SURE);
    assert!(signals("hello 太难吃了").sentiment < 0.0);
}
