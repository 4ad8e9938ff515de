use proptest::prelude::*;

use super::*;

fn kinds(draft: &str) -> Vec<&'static str> {
    let mut kinds: Vec<&str> =
        DraftRules::new(&[]).check(draft, &[]).into_iter().map(|warning| warning.kind).collect();
    kinds.dedup();
    kinds
}

#[test]
fn all_rules_can_be_read_and_advise() {
    let sections = sections();
    assert_eq!(sections.len(), 6);
    for section in sections {
        assert!(section.pattern.is_sound(), "{}", section.kind);
        assert!(section.advice.iter().all(|advice| !advice.is_empty()), "{}", section.kind);
    }
}

#[test]
fn forbidden_wording_is_found() {
    for (draft, kind) in [
        ("Don't worry, you will definitely win the case.", "legal_outcome"),
        ("We accept full liability for this.", "legal_outcome"),
        ("您放心，这官司肯定能赢。", "legal_outcome"),
        ("We will refund you today.", "money_promise"),
        ("You'll get a full refund.", "money_promise"),
        ("我保证给您全额退款", "money_promise"),
        ("今天就给您打款", "money_promise"),
        ("I guarantee it arrives tomorrow", "guarantee"),
        ("This is 100% safe.", "guarantee"),
        ("这个产品绝对不会出问题", "guarantee"),
        ("It is your own fault.", "blame"),
        ("You should have read the manual", "blame"),
        ("这是您自己的问题", "blame"),
        ("谁让你不看说明", "blame"),
        ("Are you stupid?", "insult"),
        ("Please calm down.", "insult"),
        ("你有病吧", "insult"),
        ("無理取鬧", "insult"),
        ("Internal only: escalate to tier 2", "internal_note"),
        ("这个客户很难缠，别告诉客户", "internal_note"),
    ] {
        assert!(kinds(draft).contains(&kind), "{draft}: {:?}", kinds(draft));
    }
}

#[test]
fn good_replies_are_left_alone() {
    for draft in [
        "Hello Ana, thank you for the photos. I have asked our warehouse to look for the parcel and \
         will write to you by tomorrow at noon.",
        "You can return the kettle within 30 days. The form is on the page Returns.",
        "I have sent your request for a refund to our billing team. They usually decide within \
         three working days.",
        "Could you tell me which error the display shows?",
        "您好，您的退货申请已经提交，一般三个工作日内会有审核结果。",
        "感谢您提供照片，我已联系仓库核实，明天中午前给您回复。",
        "请问机器屏幕上显示的是哪个故障代码？",
        "您可以在订单页面点击“申请售后”，按提示填写即可。",
    ] {
        assert_eq!(kinds(draft), Vec::<&str>::new(), "{draft}");
    }
}

#[test]
fn places_are_bytes_of_the_draft() {
    let draft = "您好！　我保證全額退款，ＯＫ？";
    let warnings = DraftRules::new(&[]).check(draft, &[]);
    let promise = warnings.iter().find(|warning| warning.kind == "money_promise");
    let promise = promise.map(|warning| warning.span.of(draft).unwrap_or_default());
    assert_eq!(promise, Some("保證全額退款"));
}

#[test]
fn house_rules_are_added() {
    let rules = DraftRules::new(&["Cheap Junk".to_owned(), "亲亲".to_owned(), " ".to_owned()]);
    let found = rules.check("That CHEAP junk... 親親", &[]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|warning| warning.kind == "house_rule"));
    assert_eq!(found[1].text, "親親");
}

#[test]
fn personal_data_of_others_is_found() {
    let rules = DraftRules::new(&[]);
    let found = |draft: &str, known: &[&str]| {
        let warnings = rules.check(draft, known);
        warnings.into_iter().map(|warning| warning.text).collect::<Vec<String>>()
    };
    assert_eq!(found("His card is 4111 1111 1111 1111.", &[]), ["4111 1111 1111 1111"]);
    assert_eq!(found("身份证 11010519491231002X", &[]), ["11010519491231002X"]);
    assert_eq!(found("她的手机是13800138000", &[]), ["13800138000"]);
    assert_eq!(found("Write to bob@example.org", &[]), ["bob@example.org"]);
    assert_eq!(found("call +44 20 7946 0958", &[]), ["+44 20 7946 0958"]);
    // The customer's own, and numbers that are none of these.
    let own: &[&str] = &["My mail is Bob@example.org, phone 138-0013-8000"];
    assert_eq!(found("I wrote to bob@example.org and call 13800138000.", own), [""; 0]);
    for fine in [
        "Your order 4111111111111112 is on its way",
        "订单号 202603110001234567 已发货",
        "拨打 400-800-1234",
        "It costs 1,299.00 and weighs 3.5 kg",
        "version 10.0.19045.3803",
    ] {
        assert_eq!(found(fine, &[]), [""; 0], "{fine}");
    }
}

proptest! {
    #[test]
    fn any_draft_is_checked_and_places_are_sound(draft in "(.|保证全额退款|stupid |1380013800|\u{200b}|ＧＵＡ){0,40}") {
        let rules = DraftRules::new(&["guarantee".to_owned()]);
        for warning in rules.check(&draft, &[]) {
            prop_assert_eq!(warning.span.of(&draft), Some(warning.text.as_str()));
        }
    }
}
