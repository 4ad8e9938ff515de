use kefu_core::{Document, Lane, Language, Outcome, Speaker};
use kefu_rag::{Answered, HistoryTurn, Question};

use crate::shop::{Shop, article, next, question};

/// Five product pages that say the same things of different products.
fn products() -> Vec<Document> {
    let page =
        |id: &str, title: &str, text: &str| article(id, title, &format!("# {title}\n\n{text}"));
    vec![
        page(
            "lamp",
            "Aurora desk lamp",
            "The lamp weighs 1.2 kg and needs a 40 W supply.\n\nIt comes with a warranty of two years. It is not safe to use outdoors.",
        ),
        page(
            "kettle",
            "Brook kettle",
            "The kettle weighs 0.9 kg when empty.\n\nIt comes with a warranty of three years. Wipe it with a damp cloth to clean it.",
        ),
        page(
            "chair",
            "Cedar chair",
            "The chair weighs 7.5 kg.\n\nIt comes with a warranty of five years. It is safe to use outdoors.",
        ),
        page(
            "fan",
            "Delta fan",
            "The fan weighs 2.4 kg.\n\nIt comes with a warranty of two years. It has 3 speeds.",
        ),
        page(
            "mixer",
            "Ember mixer",
            "The mixer weighs 3.1 kg.\n\nIt comes with a warranty of one year. Clean it in the dishwasher.",
        ),
        article(
            "returns",
            "Returns",
            "# Returns\n\nYou can return any unused item within 30 days of delivery.",
        ),
    ]
}

fn products_zh() -> Vec<Document> {
    let page =
        |id: &str, title: &str, text: &str| article(id, title, &format!("# {title}\n\n{text}"));
    vec![
        page("lamp", "极光台灯", "本产品重量为1.2公斤。\n\n保修期为两年。"),
        page("kettle", "溪流水壶", "本产品重量为0.9公斤。\n\n保修期为三年。"),
        article("returns", "退货说明", "# 退货说明\n\n未使用的商品在签收后30天内可以退货。"),
    ]
}

fn labels(answered: &Answered) -> Vec<&str> {
    answered.record.options.iter().map(|option| option.label.as_str()).collect()
}

#[tokio::test]
async fn a_question_that_fits_several_products_is_asked_back() {
    let shop = Shop::of(products()).await;
    for text in ["How much does it weigh?", "How long is the warranty?"] {
        let answered = shop.ask(&question(text)).await;
        let record = &answered.record;
        assert_eq!(record.outcome, Outcome::Clarify, "{text}: {}", answered.text);
        assert_eq!(record.lane, Lane::None);
        assert!(record.citations.is_empty() && !answered.offer_human);
        assert!((2..=4).contains(&record.options.len()));
        for (option, n) in record.options.iter().zip(1..) {
            assert!(
                answered.text.contains(&format!("\n{n}. {}", option.label)),
                "{}",
                answered.text
            );
            assert!(shop.documents.iter().any(|d| d.id == option.document_id));
        }
    }
}

#[tokio::test]
async fn the_reply_is_understood_as_the_first_question_about_the_option() {
    let shop = Shop::of(products()).await;
    let back = shop.ask(&question("How much does it weigh?")).await;
    let options = labels(&back);
    let second = shop.ask(&next(&back, "the second one")).await;
    assert_eq!(second.record.outcome, Outcome::Answered, "{:?}", second.text);
    assert_eq!(second.record.citations[0].title, options[1]);
    assert!(second.text.contains("weighs"), "{}", second.text);
    assert_eq!(second.record.question, "the second one");

    let back = shop.ask(&question("How much does it weigh?")).await;
    let name = labels(&back)[0].split_whitespace().next_back().unwrap().to_owned();
    let named = shop.ask(&next(&back, &format!("the {name}, please"))).await;
    assert_eq!(named.record.outcome, Outcome::Answered, "{}", named.text);
    assert_eq!(named.record.citations[0].title, labels(&back)[0]);
}

#[tokio::test]
async fn chinese_questions_are_asked_back_in_chinese() {
    let shop = Shop::of(products_zh()).await;
    let back = shop.ask(&question("保修多久？")).await;
    assert_eq!(back.record.outcome, Outcome::Clarify, "{}", back.text);
    assert_eq!(kefu_text::detect(&back.text), Language::CHINESE);
    let mut options = labels(&back);
    let at = options.iter().position(|label| *label == "溪流水壶").unwrap() + 1;
    options.sort_unstable();
    assert_eq!(options, ["极光台灯", "溪流水壶"]);
    for reply in ["水壶".to_owned(), format!("第{at}个"), at.to_string()] {
        let back = shop.ask(&question("保修多久？")).await;
        let answered = shop.ask(&next(&back, &reply)).await;
        assert_eq!(answered.record.outcome, Outcome::Answered, "{reply}: {}", answered.text);
        assert!(answered.text.contains("三年"), "{reply}: {}", answered.text);
        assert_eq!(answered.record.language, Language::CHINESE);
    }
}

#[tokio::test]
async fn kefu_asks_back_once_and_not_again() {
    let shop = Shop::of(products()).await;
    let back = shop.ask(&question("How long is the warranty?")).await;
    assert_eq!(back.record.outcome, Outcome::Clarify);
    for reply in ["How long is the warranty?", "I don't know", "any of them"] {
        let again = shop.ask(&next(&back, reply)).await;
        assert!(
            matches!(
                again.record.outcome,
                Outcome::Answered | Outcome::Abstained | Outcome::Escalated
            ),
            "{reply}: {}",
            again.text
        );
        // Each reply goes to a conversation whose last turn asked back.
        let back = shop.ask(&question("How long is the warranty?")).await;
        assert_eq!(back.record.outcome, Outcome::Clarify);
    }
}

#[tokio::test]
async fn callers_with_their_own_history_are_asked_back_alike() {
    let shop = Shop::of(products()).await;
    let asked = question("How much does it weigh?");
    let back = shop.ask(&asked).await;
    let said = |speaker, text: &str| HistoryTurn { speaker, text: text.to_owned() };
    let history = vec![said(Speaker::Customer, &asked.text), said(Speaker::Assistant, &back.text)];
    let reply = Question { history, ..question("Cedar chair") };
    let answered = shop.ask(&reply).await;
    if labels(&back).contains(&"Cedar chair") {
        assert!(answered.text.contains("7.5 kg"), "{}", answered.text);
    }
    assert_ne!(answered.record.outcome, Outcome::Clarify);
}

#[tokio::test]
async fn yes_or_no_is_asked_back_where_the_products_differ() {
    let shop = Shop::of(products()).await;
    let answered = shop.ask(&question("Is it safe to use outdoors?")).await;
    assert_eq!(answered.record.outcome, Outcome::Clarify, "{}", answered.text);
    let mut options = labels(&answered);
    options.sort_unstable();
    assert_eq!(options, ["Aurora desk lamp", "Cedar chair"]);
}

#[tokio::test]
async fn what_is_clear_is_answered_at_once() {
    let shop = Shop::of(products()).await;
    for text in [
        "How much does the Brook kettle weigh?",
        "How long is the warranty of the lamp?",
        "How many days do I have to return an unused item?",
        "How many speeds does it have?",
    ] {
        let answered = shop.ask(&question(text)).await;
        assert_ne!(answered.record.outcome, Outcome::Clarify, "{text}: {}", answered.text);
    }
    let unknown = shop.ask(&question("How much does the Zephyr heater weigh?")).await;
    assert_ne!(unknown.record.outcome, Outcome::Clarify, "{}", unknown.text);

    // The conversation says which is meant.
    let first = shop.ask(&question("How much does the Brook kettle weigh?")).await;
    let second = shop.ask(&next(&first, "How long is the warranty?")).await;
    assert_ne!(second.record.outcome, Outcome::Clarify, "{}", second.text);
}

#[tokio::test]
async fn where_all_say_the_same_nothing_is_asked() {
    let page = |id: &str, title: &str| {
        article(id, title, &format!("# {title}\n\nIt comes with a warranty of two years."))
    };
    let shop =
        Shop::of(vec![page("lamp", "Aurora desk lamp"), page("kettle", "Brook kettle")]).await;
    let answered = shop.ask(&question("How long is the warranty?")).await;
    assert_ne!(answered.record.outcome, Outcome::Clarify, "{}", answered.text);
}

#[tokio::test]
async fn without_consent_nothing_is_asked_back_because_the_question_is_not_kept() {
    let shop = Shop::of(products()).await;
    let asked = Question { consent_record: false, ..question("How long is the warranty?") };
    let answered = shop.ask(&asked).await;
    assert_ne!(answered.record.outcome, Outcome::Clarify);
}
