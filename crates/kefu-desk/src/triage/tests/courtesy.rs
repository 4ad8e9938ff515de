//! What is nothing but a courtesy, and what only begins or ends with one.

use kefu_core::Courtesy;

use super::*;

#[test]
fn turns_that_ask_nothing_are_told_apart() {
    let cases = [
        (Courtesy::Greeting, "Hi!"),
        (Courtesy::Greeting, "hello there, good morning"),
        (Courtesy::Greeting, "Hey. I have a quick question"),
        (Courtesy::Greeting, "can you help me please?"),
        (Courtesy::Greeting, "help"),
        (Courtesy::Greeting, "你好"),
        (Courtesy::Greeting, "亲，在吗？"),
        (Courtesy::Greeting, "您好，想咨询一下"),
        (Courtesy::Greeting, "早上好～"),
        (Courtesy::Noted, "ok"),
        (Courtesy::Noted, "got it, that's all"),
        (Courtesy::Noted, "好的，知道了"),
        (Courtesy::Noted, "没有其他问题了"),
        (Courtesy::Greeting, "hi 你好"),
        (Courtesy::Greeting, "Dear team,"),
        (Courtesy::Noted, "ok 好的"),
        (Courtesy::Identity, "Are you a robot?"),
        (Courtesy::Identity, "Hi, am I talking to a real person?"),
        (Courtesy::Identity, "你是机器人吗"),
        (Courtesy::Identity, "你是真人还是机器人？"),
        (Courtesy::Thanks, "ok 谢谢"),
        (Courtesy::Thanks, "OK 谢谢你"),
        (Courtesy::Thanks, "Thanks, that helped!"),
        (Courtesy::Thanks, "ok great, thank you so much for your help"),
        (Courtesy::Thanks, "谢谢你啦"),
        (Courtesy::Thanks, "明白了，謝謝您的耐心解答！"),
        (Courtesy::Farewell, "thx, bye"),
        (Courtesy::Farewell, "好的再见"),
        (Courtesy::Farewell, "谢谢，拜拜"),
    ];
    for (courtesy, text) in cases {
        assert_eq!(RULES.courtesy(text), Some(courtesy), "{text}");
    }
}

#[test]
fn what_asks_or_tells_is_no_courtesy() {
    let texts = [
        "",
        "?",
        "Hi, where is my parcel?",
        "thanks for nothing",
        "are you a robot vacuum seller",
        "你是哪个仓库发货的",
        "thanks, but how do I return it",
        "good morning tea set price",
        "ok but the code does not work",
        "can you help me with a refund",
        "你好，我的快递到哪了",
        "谢谢，那运费呢",
        "好的，那怎么退",
        "好不好用",
        "可以退吗",
        "没有收到货",
        "在吗 你们几点下班",
    ];
    for text in texts {
        assert_eq!(RULES.courtesy(text), None, "{text}");
    }
}

#[test]
fn greetings_and_regards_are_no_part_of_the_matter() {
    let cases = [
        ("Good evening, how much is express delivery?", "how much is express delivery?"),
        (
            "Dear team,\n\nhow much is express delivery?\n\nKind regards,\nTom",
            "how much is express delivery?",
        ),
        ("Hi! Where is 3.5 made? Thanks, bye", "Where is 3.5 made?"),
        ("你好，在吗？运费多少？谢谢！", "运费多少？"),
        (
            "How much is express delivery? And to Hull?",
            "How much is express delivery? And to Hull?",
        ),
        ("运费多少", "运费多少"),
        ("thanks, bye", "thanks, bye"),
        ("", ""),
    ];
    for (text, matter) in cases {
        assert_eq!(RULES.matter(text), matter);
    }
}
