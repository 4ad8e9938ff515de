use std::sync::LazyLock;

use super::*;

static MOOD: LazyLock<Mood> = LazyLock::new(Mood::new);

fn score(text: &str) -> f32 {
    MOOD.feel(&kefu_text::shadow(text).text).score()
}

#[test]
fn lists_are_large_and_read_whole() {
    let n = |words: &Words| words.weighted().filter(|(_, weight)| *weight != 0.0).count();
    assert!(n(&MOOD.chinese) >= 1_500 && n(&MOOD.english) >= 1_200);
}

#[test]
fn every_pattern_compiles() {
    for (file, script) in [
        (include_str!("../../../rules/en/mood/patterns.txt"), Script::Spaced),
        (include_str!("../../../rules/zh/mood/patterns.txt"), Script::Unspaced),
    ] {
        let (_, problems) = Phrases::read(file, script);
        assert!(problems.is_empty(), "{problems:#?}");
    }
}

#[test]
fn patterns_tell_what_lists_cannot_hold() {
    for text in [
        "鸡蛋一个都没碎",
        "键盘手感比以前那台强多了",
        "再也不用担心漏水",
        "孩子抢着喝",
        "本来担心会吵，结果睡得很香",
        "Couldn't have been easier",
        "We'd happily stay again",
        "not a single scratch",
    ] {
        assert!(score(text) > 0.2, "{text} {}", score(text));
    }
    for text in [
        "汤里有一根头发",
        "用了三天就坏",
        "隔音等于没有",
        "说好的大床房结果是两张小床",
        "以前还不错，现在越做越难吃",
        "The hinge broke after two weeks",
        "I won't be back",
        "Paid for two nights and got one",
    ] {
        assert!(score(text) < -0.2, "{text} {}", score(text));
    }
}

#[test]
fn praise_and_blame_are_told_apart() {
    for text in ["房间很干净，下次还来", "味道不错", "Great service, very happy", "works perfectly"]
    {
        assert!(score(text) > 0.3, "{text} {}", score(text));
    }
    for text in ["太难吃了", "客服态度恶劣", "Awful. Never again.", "it broke after two days"]
    {
        assert!(score(text) < -0.3, "{text} {}", score(text));
    }
    for text in ["", "订单号在哪里看", "what time do you open", "发票怎么开"] {
        assert!(score(text).abs() < 0.2, "{text} {}", score(text));
    }
}

#[test]
fn neighbours_turn_words() {
    assert!(score("not good") < 0.0 && score("不是很干净") < 0.0);
    assert!(score("没有异味") > 0.0 && score("no problems at all") > 0.0);
    assert!(score("非常满意") >= score("比较满意"));
    assert!(score("虽然房间小，但是服务很好") > score("虽然服务很好，但是房间小"));
    assert!(score("The food was good but the service was awful") < 0.0);
}

#[test]
fn every_text_has_a_score_within_bounds() {
    for text in ["!!!", "???", "垃圾".repeat(900).as_str(), "great ".repeat(700).as_str()] {
        assert!((-1.0..=1.0).contains(&score(text)));
    }
}
