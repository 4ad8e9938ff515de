use kefu_core::{Document, Lane, Outcome, Reason};
use kefu_rag::Answered;

use crate::shop::{Shop, article, question};

const QUESTION: &str = "How many days do I have to return an item?";

fn returns(id: &str, title: &str, n_days: u8, from: Option<&str>) -> Document {
    let text = format!(
        "# {title}\n\nYou can return any unused item within {n_days} days of delivery. The label is in the box."
    );
    let mut document = article(id, title, &text);
    document.meta.valid_from = from.map(str::to_owned);
    document
}

fn returns_zh(id: &str, title: &str, n_days: u8) -> Document {
    article(
        id,
        title,
        &format!("# {title}\n\n商品签收后{n_days}天内可以申请退货，运费由顾客承担。"),
    )
}

fn shipping() -> Document {
    article("shipping", "Shipping", "# Shipping\n\nStandard shipping takes 3 days and costs $4.99.")
}

/// The answer holds `given` and not `other`, and cites both documents, the other as one that says
/// otherwise.
fn check(answered: &Answered, (given, newer): (&str, &str), (other, older): (&str, &str)) {
    let record = &answered.record;
    assert_eq!(record.outcome, Outcome::Answered, "{} {:?}", answered.text, record.features);
    assert_eq!(record.lane, Lane::Extractive);
    assert!(answered.text.contains(given), "{}", answered.text);
    assert!(!answered.text.contains(other), "{}", answered.text);
    assert_eq!(record.citations[0].document_id.as_str(), newer);
    let [label] = record.conflicting[..] else { panic!("{:?}", record.conflicting) };
    let against = record.citations.iter().find(|citation| citation.label == label).unwrap();
    assert_eq!(against.document_id.as_str(), older);
    assert!(against.quote.contains(other), "{}", against.quote);
    assert!(record.features.iter().any(|(name, value)| name == "conflict" && *value >= 2.0));
}

#[tokio::test]
async fn the_version_that_holds_since_later_answers_and_the_other_is_flagged() {
    for (first, second) in [(30, 14), (14, 30)] {
        let old = returns("old", "Returns policy", first, Some("2022-01-01"));
        let new = returns("new", "Returns policy", second, Some("2023-05-01"));
        let shop = Shop::of(vec![old, new, shipping()]).await;
        let answered = shop.ask(&question(QUESTION)).await;
        let (given, other) = (format!("{second} days"), format!("{first} days"));
        check(&answered, (&given, "new"), (&other, "old"));
        assert!(answered.text.contains("says something different"), "{}", answered.text);
    }
}

#[tokio::test]
async fn a_year_in_the_title_tells_the_newer_version() {
    let old = returns("a", "Returns 2022", 30, None);
    let new = returns("b", "Returns 2023", 14, None);
    let shop = Shop::of(vec![new, old, shipping()]).await;
    check(&shop.ask(&question(QUESTION)).await, ("14 days", "b"), ("30 days", "a"));

    let old = returns_zh("a", "退货政策（2022版）", 7);
    let new = returns_zh("b", "退货政策（2023版）", 15);
    let shop = Shop::of(vec![old, new]).await;
    let answered = shop.ask(&question("签收后多少天内可以退货？")).await;
    check(&answered, ("15天", "b"), ("7天", "a"));
    assert!(answered.text.contains("以较新的文档为准"), "{}", answered.text);
}

#[tokio::test]
async fn where_no_version_is_newer_kefu_abstains_and_shows_both() {
    let shop = Shop::of(vec![
        returns("a", "Returns", 30, None),
        returns("b", "Returns FAQ", 14, None),
        shipping(),
    ])
    .await;
    let answered = shop.ask(&question(QUESTION)).await;
    let record = &answered.record;
    assert_eq!(record.outcome, Outcome::Abstained, "{}", answered.text);
    assert_eq!(record.reason, Some(Reason::Conflict));
    assert_eq!(record.lane, Lane::None);
    assert!(answered.offer_human);
    assert_eq!(record.citations.len(), 2);
    assert_eq!(record.conflicting, [1, 2]);
    assert_eq!(answered.conversation.n_failures, 1);

    let shop =
        Shop::of(vec![returns_zh("a", "退货政策", 7), returns_zh("b", "退货规则", 15)]).await;
    let answered = shop.ask(&question("签收后多少天内可以退货？")).await;
    assert_eq!(answered.record.reason, Some(Reason::Conflict), "{}", answered.text);
    assert!(answered.text.contains("说法不一致"), "{}", answered.text);
}

#[tokio::test]
async fn what_is_said_and_denied_is_a_conflict() {
    let page =
        |id: &str, title: &str, text: &str| article(id, title, &format!("# {title}\n\n{text}"));
    let shop = Shop::of(vec![
        page("a", "Gift cards 2022", "Gift cards can be returned to any shop with a receipt."),
        page("b", "Gift cards 2023", "Gift cards cannot be returned to any shop with a receipt."),
    ])
    .await;
    let answered = shop.ask(&question("Can gift cards be returned to a shop?")).await;
    check(&answered, ("cannot be returned", "b"), ("can be returned", "a"));
}

#[tokio::test]
async fn the_same_figures_different_things_and_other_days_are_no_conflict() {
    let page =
        |id: &str, title: &str, text: &str| article(id, title, &format!("# {title}\n\n{text}"));
    let agree = vec![returns("a", "Returns", 30, None), returns("b", "Returns FAQ", 30, None)];
    let products = vec![
        page("lamp", "Aurora desk lamp", "It has a warranty of two years."),
        page("kettle", "Brook kettle", "It has a warranty of three years."),
    ];
    let mut ended = returns("old", "Returns", 14, Some("2021-01-01"));
    ended.meta.valid_to = Some("2022-01-01".to_owned());
    let ended = vec![ended, returns("new", "Returns", 30, Some("2022-01-02"))];
    for (documents, text) in [
        (agree, QUESTION),
        (products, "How long is the warranty of the Brook kettle?"),
        (ended, QUESTION),
    ] {
        let shop = Shop::of(documents).await;
        let answered = shop.ask(&question(text)).await;
        assert!(answered.record.conflicting.is_empty(), "{text}: {}", answered.text);
        assert_ne!(answered.record.reason, Some(Reason::Conflict), "{text}: {}", answered.text);
    }
}
