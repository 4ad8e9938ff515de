use kefu_core::{Document, Lane, Language, Outcome};
use kefu_rag::Answered;

use crate::shop::{Shop, article, question};

fn products() -> Vec<Document> {
    let page =
        |id: &str, title: &str, text: &str| article(id, title, &format!("# {title}\n\n{text}"));
    vec![
        page(
            "lamp",
            "Aurora desk lamp",
            "The shade is made of steel. It weighs 1.2 kg without the plug.\n\nThe warranty is two years. Delivery takes 3 days.",
        ),
        page(
            "chair",
            "Cedar chair",
            "The frame is made of oak. The Cedar chair weighs 7.5 kg.\n\nIt has a warranty of five years. Delivery takes 9 days.",
        ),
        page(
            "kettle",
            "Brook kettle",
            "It boils a litre in 4 minutes.\n\nIt has a warranty of three years.",
        ),
        page("lamp-zh", "极光台灯", "整机重量为1.2公斤。\n\n保修期为两年。"),
        page("chair-zh", "颐和餐椅", "颐和餐椅的重量为7.5公斤。\n\n保修期为五年。"),
        article(
            "plans",
            "Plans",
            "# Plans\n\nThe Basic plan has one seat, while the Team plan has ten seats.",
        ),
    ]
}

fn cited(answered: &Answered) -> Vec<&str> {
    answered.record.citations.iter().map(|citation| citation.document_id.as_str()).collect()
}

/// Asks and expects one part for each document, with these words.
async fn check(text: &str, parts: [(&str, &str); 2]) {
    let shop = Shop::of(products()).await;
    let answered = shop.ask(&question(text)).await;
    let record = &answered.record;
    assert_eq!(record.outcome, Outcome::Answered, "{text}: {}", answered.text);
    assert_eq!(record.lane, Lane::Extractive);
    assert!(record.confidence.value >= record.confidence.threshold);
    let lines: Vec<&str> = answered.text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}: {}", answered.text);
    for ((document, words), line) in parts.iter().zip(lines) {
        assert!(line.contains(words), "{text}: {line}");
        assert!(cited(&answered).contains(document), "{text}: {:?}", cited(&answered));
    }
    for citation in &record.citations {
        assert!(answered.text.contains(&citation.quote));
    }
}

#[tokio::test]
async fn each_thing_is_answered_from_its_own_page() {
    let weights = [("lamp", "It weighs 1.2 kg"), ("chair", "weighs 7.5 kg")];
    check("Which is heavier, the Aurora lamp or the Cedar chair?", weights).await;
    check("Is the Aurora lamp heavier than the Cedar chair?", weights).await;
    let warranties = [("lamp", "two years"), ("chair", "five years")];
    check(
        "What is the difference between the Aurora lamp and the Cedar chair's warranty?",
        warranties,
    )
    .await;
    check("Compare the warranty of the Aurora lamp with the Cedar chair", warranties).await;
}

#[tokio::test]
async fn chinese_comparisons_are_answered_alike() {
    let weights = [("lamp-zh", "1.2公斤"), ("chair-zh", "7.5公斤")];
    check("极光台灯和颐和餐椅哪个更重？", weights).await;
    check("极光台灯比颐和餐椅重吗？", weights).await;
    check("极光台灯和颐和餐椅的保修有什么区别？", [("lamp-zh", "两年"), ("chair-zh", "五年")])
        .await;
}

#[tokio::test]
async fn a_quote_that_names_nothing_stands_behind_its_title() {
    let shop = Shop::of(products()).await;
    let text = "Which is heavier, the Aurora lamp or the Cedar chair?";
    let answered = shop.ask(&question(text)).await;
    let lines: Vec<&str> = answered.text.lines().collect();
    assert!(lines[0].starts_with("Aurora desk lamp: It weighs"), "{}", answered.text);
    assert!(lines[1].starts_with("The Cedar chair weighs"), "{}", answered.text);
}

#[tokio::test]
async fn a_side_of_which_nothing_is_found_is_said_to_be_missing() {
    let shop = Shop::of(products()).await;
    let text = "Which is heavier, the Aurora lamp or the Brook kettle?";
    let answered = shop.ask(&question(text)).await;
    assert_eq!(answered.record.outcome, Outcome::Answered, "{}", answered.text);
    assert!(answered.text.contains("1.2 kg"), "{}", answered.text);
    assert!(answered.text.contains("couldn't find this for “Brook kettle”"), "{}", answered.text);
    assert_eq!(cited(&answered), ["lamp"]);

    let answered = shop.ask(&question("极光台灯和星河风扇哪个更重？")).await;
    assert!(answered.text.contains("1.2公斤"), "{}", answered.text);
    assert!(answered.text.contains("关于“星河风扇”"), "{}", answered.text);
    assert_eq!(answered.record.language, Language::CHINESE);
}

#[tokio::test]
async fn where_nothing_is_found_of_either_kefu_abstains() {
    let shop = Shop::of(products()).await;
    let answered =
        shop.ask(&question("Which is heavier, the Zephyr fan or the Orion shelf?")).await;
    assert_eq!(answered.record.outcome, Outcome::Abstained, "{}", answered.text);
}

#[tokio::test]
async fn one_sentence_about_both_is_answer_enough() {
    let shop = Shop::of(products()).await;
    let text = "What is the difference between the Basic plan and the Team plan?";
    let answered = shop.ask(&question(text)).await;
    assert_eq!(answered.text, "The Basic plan has one seat, while the Team plan has ten seats.");
}

#[tokio::test]
async fn what_a_third_page_says_of_both_does_not_replace_their_own_pages() {
    let mut documents = products();
    let text = "# Hire\n\nHire shortens the warranty: 3 months for the Aurora desk lamp and \
                6 months for the Cedar chair.";
    documents.push(article("hire", "Hire", text));
    let shop = Shop::of(documents).await;
    let asked =
        "What is the difference between the Aurora desk lamp and the Cedar chair's warranty?";
    let answered = shop.ask(&question(asked)).await;
    assert!(answered.text.contains("two years"), "{}", answered.text);
    assert!(!answered.text.contains("months"), "{}", answered.text);
}

#[tokio::test]
async fn the_figures_of_one_thing_are_never_given_for_the_other() {
    let shop = Shop::of(products()).await;
    let answered = shop.ask(&question("Cedar chair vs Brook kettle weight")).await;
    assert!(!answered.text.contains("4 minutes"), "{}", answered.text);
    assert!(answered.text.contains("7.5 kg"), "{}", answered.text);
    assert!(!cited(&answered).contains(&"kettle"), "{}", answered.text);
}
