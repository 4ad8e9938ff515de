use std::time::{Duration, Instant};

use super::*;

/// Debug builds are some twenty times slower than what customers meet, and share their machine.
const GENEROUS: Duration = Duration::from_secs(4);

#[test]
fn the_longest_turns_are_judged_in_time() {
    let texts = [
        "I called again and again and they never answered, my refund is still not here. "
            .repeat(60),
        "等了三天还没到，客服一直不理人，退款也不给，太差了。".repeat(80),
        "a ".repeat(2_000),
        "不".repeat(1_400),
        "!?".repeat(2_000),
        "还我钱 give me a human 转人工, ".repeat(120),
    ];
    let _ = &*RULES;
    for text in texts {
        let started = Instant::now();
        let input = TriageInput { text: &text, language: Language::UNDETERMINED, history: &[] };
        RULES.assess(&input);
        RULES.signals(&input);
        assert!(started.elapsed() < GENEROUS, "{:?} for {}", started.elapsed(), &text[..12]);
    }
}
