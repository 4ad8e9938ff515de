use kefu_core::{
    AnswerId, ConversationState, EscalationReason, Language, Outcome, ProblemKind, Reason,
    SummaryReason, TicketId, Trend,
};
use kefu_testkit::conformance::records as fixtures;
use proptest::prelude::*;

use super::*;

/// A conversation told in lines such as `c: …`, `k: …` (Kefu answered), `k?: …` (Kefu abstained),
/// `k~: …` (Kefu was polite), `k!: …` (Kefu
/// handed over), `a: …` (a person).
struct Story {
    ticket: Ticket,
    conversation: Conversation,
    turns: Vec<Turn>,
    answers: Vec<AnswerRecord>,
    signals: Vec<(TurnId, Signals)>,
}

impl Story {
    fn of(reason: EscalationReason, lines: &[&str]) -> Self {
        let mut conversation = fixtures::conversation(1_000);
        conversation.state = ConversationState::Queued;
        let mut ticket = fixtures::ticket(&conversation, kefu_core::Priority::Normal);
        ticket.reason = reason;
        let mut story = Self {
            ticket,
            conversation,
            turns: Vec::new(),
            answers: Vec::new(),
            signals: Vec::new(),
        };
        for line in lines {
            let (who, text) = line.split_once(": ").unwrap();
            story.add(who, text);
        }
        story
    }

    fn add(&mut self, who: &str, text: &str) {
        let at_ms = 1_000 + i64::try_from(self.turns.len()).unwrap();
        let speaker = match who {
            "c" => Speaker::Customer,
            "a" => Speaker::Agent,
            _ => Speaker::Assistant,
        };
        let mut turn = Turn {
            id: TurnId::generate(),
            speaker,
            agent: None,
            text: text.to_owned(),
            at_ms,
            answer_id: None,
        };
        if speaker == Speaker::Assistant {
            let mut record = fixtures::answer(&self.conversation);
            record.id = AnswerId::generate();
            let before = self.turns.last();
            record.question = before.map(|turn| turn.text.clone()).unwrap_or_default();
            (record.outcome, record.escalation) = match who {
                "k" => (Outcome::Answered, None),
                "k?" => (Outcome::Abstained, None),
                "k~" => (Outcome::Clarify, None),
                _ => (Outcome::Escalated, Some((TicketId::generate(), self.ticket.reason))),
            };
            record.options.clear();
            record.reason = (record.outcome == Outcome::Abstained).then_some(Reason::WeakEvidence);
            turn.answer_id = Some(record.id.clone());
            self.answers.push(record);
        }
        self.turns.push(turn);
    }

    fn package(&self) -> Handoff {
        hand_off(&HandoffInput {
            ticket: &self.ticket,
            conversation: &self.conversation,
            turns: &self.turns,
            answers: &self.answers,
            signals: &self.signals,
            suggested_reply: None,
        })
    }
}

fn quotes(package: &Handoff) -> impl Iterator<Item = &kefu_core::TurnQuote> {
    let lines = package.summary.iter().map(|line| &line.quote);
    lines.chain(&package.asked).chain(&package.open_question)
}

fn assert_verbatim(story: &Story, package: &Handoff) {
    for quote in quotes(package) {
        let turn = story.turns.iter().find(|turn| turn.id == quote.turn_id).unwrap();
        assert_eq!(quote.span.of(&turn.text), Some(quote.text.as_str()));
        assert_eq!(quote.speaker, turn.speaker);
        assert!(quote.text.len() <= MAX_LINE_BYTES);
    }
    assert!(package.summary.len() <= MAX_SUMMARY_LINES);
    assert!(package.asked.len() <= MAX_ASKED && package.tried.len() <= MAX_ATTEMPTS_TOLD);
}

fn summary_text(package: &Handoff) -> String {
    package.summary.iter().map(|line| format!("{}\n", line.quote.text)).collect()
}

#[test]
fn an_english_case_is_told_by_what_matters() {
    let story = Story::of(
        EscalationReason::HumanRequested,
        &[
            "c: Hi there! I hope you are well.",
            "k: Hello.",
            "c: The kettle I ordered on March 3 (order #48213) leaks from the bottom. \
             I already wrote twice. How do I get a replacement?",
            "k: You can return it within 30 days. [1]",
            "c: Your colleague promised a new one by Friday. It never arrived. I paid $129.50!",
            "k?: I am not sure.",
            "c: Can I talk to a real person?",
            "k!: A person will help you.",
        ],
    );
    let package = story.package();
    assert_verbatim(&story, &package);
    let text = summary_text(&package);
    for needed in ["#48213", "leaks", "promised", "$129.50", "never arrived"] {
        assert!(text.contains(needed), "{needed} is missing in\n{text}");
    }
    for idle in ["I hope you are well", "real person", "30 days"] {
        assert!(!text.contains(idle), "{idle} is in\n{text}");
    }
    let reasons: Vec<SummaryReason> = package.summary.iter().map(|line| line.reason).collect();
    assert!(reasons.contains(&SummaryReason::Matter) && reasons.contains(&SummaryReason::Promise));
    let asked: Vec<&str> = package.asked.iter().map(|quote| quote.text.as_str()).collect();
    assert!(asked.contains(&"How do I get a replacement?"), "{asked:?}");
    assert!(!asked.iter().any(|text| text.contains("real person")), "{asked:?}");
    let open = package.open_question.unwrap();
    assert!(open.text.contains("never arrived") || open.text.contains("promised"), "{open:?}");
    let outcomes: Vec<Outcome> = package.tried.iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, [Outcome::Answered, Outcome::Answered, Outcome::Abstained]);
    assert_eq!(package.tried[1].citations, story.answers[1].citations);
    assert_eq!(package.tried[1].turn_id.as_ref(), Some(&story.turns[3].id));
}

#[test]
fn a_chinese_case_is_told_by_what_matters() {
    let story = Story::of(
        EscalationReason::Complaint,
        &[
            "c: 你好",
            "k: 您好，请问有什么可以帮您？",
            "c: 我3月5日买的扫地机，订单号 20260305778，收到就充不进电。怎么换货？",
            "k: 自签收之日起 7 天内可以换货。[1]",
            "c: 客服昨天说三天内上门取件，到现在没人联系我。299 元的配件费也多扣了。",
            "a: 我会在今天下午六点前给您回电话。",
            "c: 好的，谢谢",
            "c: 转人工",
        ],
    );
    let package = story.package();
    assert_verbatim(&story, &package);
    let text = summary_text(&package);
    for needed in ["20260305778", "充不进电", "三天内上门取件", "299 元", "六点前"] {
        assert!(text.contains(needed), "{needed} is missing in\n{text}");
    }
    for idle in ["你好\n", "谢谢", "转人工"] {
        assert!(!text.contains(idle), "{idle} is in\n{text}");
    }
    let asked: Vec<&str> = package.asked.iter().map(|quote| quote.text.as_str()).collect();
    assert!(asked.contains(&"怎么换货？"), "{asked:?}");
}

#[test]
fn courtesies_and_the_wish_to_complain_are_no_questions() {
    let lines = [
        "c: Hello, how are you?",
        "k~: Hello! What can I help you with?",
        "c: This is the third broken kettle you sent me. I want to file a complaint!",
        "k!: A person will help you.",
    ];
    let package = Story::of(EscalationReason::Complaint, &lines).package();
    let open = package.open_question.unwrap();
    assert!(open.text.starts_with("This is the third broken kettle"), "{}", open.text);
    assert_eq!((package.asked.len(), package.tried.len()), (1, 0), "{:?}", package.asked);
}

#[test]
fn the_open_question_is_the_last_one_without_an_answer() {
    let lines = [
        "c: How long is the warranty?",
        "k?: I do not know.",
        "c: And how do I return it?",
        "k: Within 30 days. [1]",
        "c: I want a human agent",
        "k!: A person will help you.",
    ];
    let story = Story::of(EscalationReason::HumanRequested, &lines);
    assert_eq!(story.package().open_question.unwrap().text, "How long is the warranty?");
    let story = Story::of(EscalationReason::HumanRequested, &lines[2..]);
    assert_eq!(story.package().open_question.unwrap().text, "And how do I return it?");
    let story = Story::of(EscalationReason::HumanRequested, &lines[4..]);
    let package = story.package();
    assert_eq!((package.open_question, package.asked), (None, Vec::new()));
    assert_eq!(package.summary.len(), 1, "the only words there are");
}

#[test]
fn mood_problem_and_customer_are_told() {
    let mut story = Story::of(EscalationReason::Complaint, &["c: It broke.", "c: It broke again!"]);
    let signals =
        |sentiment, trend, problem| Signals { sentiment, trend, problem, ..Signals::default() };
    let product = Some(ProblemKind::Product);
    story.signals = vec![
        (story.turns[0].id.clone(), signals(-0.2, Trend::Same, product)),
        (story.turns[1].id.clone(), signals(-0.7, Trend::Worse, None)),
    ];
    let package = story.package();
    assert_eq!((package.mood.now, package.mood.trend), (-0.7, Trend::Worse));
    assert_eq!(package.mood.points.len(), 2);
    assert_eq!(package.problem.as_deref(), Some("product"));
    assert_eq!(package.customer, story.conversation.customer);
    assert!(package.customer.is_verified && package.customer.attributes["城市"] == "杭州");
    assert_eq!(package.language, Language::CHINESE);
}

#[test]
fn words_that_were_not_kept_are_not_told() {
    let story = Story::of(EscalationReason::HumanRequested, &["c: ", "k: ", "c:  "]);
    let package = story.package();
    assert_eq!((package.summary, package.asked), (Vec::new(), Vec::new()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever was said, every line is a turn's own bytes, bounded and in order.
    #[test]
    fn every_line_equals_the_bytes_it_points_to(
        said in prop::collection::vec(
            (
                prop::sample::select(vec!["c", "c", "k", "k?", "a"]),
                "(.|订单 A20931 |没收到。|How do I pay\\? |\\$19.99 |I was promised |我会马上处理！|\n|- ){0,60}",
            ),
            0..14,
        ),
    ) {
        let mut story = Story::of(EscalationReason::Complaint, &[]);
        for (who, text) in &said {
            story.add(who, text);
        }
        let package = story.package();
        assert_verbatim(&story, &package);
        let place = |quote: &kefu_core::TurnQuote| {
            let at = story.turns.iter().position(|turn| turn.id == quote.turn_id);
            (at, quote.span.start)
        };
        let places: Vec<_> = package.summary.iter().map(|line| place(&line.quote)).collect();
        prop_assert!(places.is_sorted());
        prop_assert_eq!(story.package(), package);
    }
}
