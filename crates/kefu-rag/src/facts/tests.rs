use proptest::prelude::*;

use super::*;

fn backs(evidence: &str, claim: &str) -> bool {
    let claim_facts = Facts::of(claim);
    assert!(!claim_facts.is_empty(), "no fact in the claim {claim:?}");
    Facts::of(evidence).back_all(&claim_facts)
}

#[test]
fn spellings_of_one_fact_agree() {
    for (evidence, claim) in [
        ("费用为 1,000 元", "1000元"),
        ("退货期 ７ 天", "7天内"),
        ("within seven days", "7 days"),
        ("within 7 days", "seven days"),
        ("七天无理由", "7 天"),
        ("两个工作日", "2 个工作日"),
        ("a 30-day window", "30 days"),
        ("3–5 business days", "5 business days"),
        ("3-5 business days", "3 business days"),
        ("costs $49.00", "$49"),
        ("costs US$49", "49 dollars"),
        ("¥199.00", "199 元"),
        ("20% off", "20 percent"),
        ("百分之二十", "20%"),
        ("from 2024-05-01", "May 1, 2024"),
        ("2024年5月1日起", "5月1日"),
        ("on 1 May 2024", "May 2024"),
        ("open 09:00 to 18:00", "9 am to 6 pm"),
        ("上午9点至下午6点", "9:00 to 18:00"),
        ("call 400-123-4567", "400 123-4567"),
        ("+86 400-123-4567", "400-123-4567"),
        ("write to Help@Shop.example.", "help@shop.example"),
        ("see https://www.shop.example/returns/", "shop.example/returns"),
        ("the SKU-1234 model", "SKU1234"),
        ("16GB of memory", "16 GB"),
        ("2019-2020", "2019 and 2020"),
    ] {
        assert!(backs(evidence, claim), "{claim:?} should follow from {evidence:?}");
    }
}

#[test]
fn different_facts_do_not_agree() {
    for (evidence, claim) in [
        ("30 days", "20 days"),
        ("30 days", "30 weeks"),
        ("5 business days", "5 days"),
        ("costs $49", "€49"),
        ("costs $49", "49%"),
        ("1,000 元", "100 元"),
        ("May 1, 2024", "May 2, 2024"),
        ("5月1日", "2024年5月1日"),
        ("9:00", "9 pm"),
        ("400-123-4567", "400-123-4568"),
        ("help@shop.example", "hello@shop.example"),
        ("shop.example/returns", "shop.example/refunds"),
        ("SKU-1234", "SKU-1235"),
        ("一般情况", "一天"),
        ("1.5 kg", "5 kg"),
    ] {
        assert!(!backs(evidence, claim), "{claim:?} should not follow from {evidence:?}");
    }
}

#[test]
fn words_that_only_look_like_numbers_are_no_claims() {
    assert!(Facts::of("one of our colleagues, as a 一般 rule").is_empty());
    assert!(Facts::of("").is_empty());
}

proptest! {
    #[test]
    fn grouping_zeros_and_width_do_not_matter(n in 0_u32..10_000_000, cents in 0_u32..100) {
        let digits = n.to_string();
        let mut grouped = String::new();
        for (idx, c) in digits.chars().enumerate() {
            if idx > 0 && (digits.len() - idx) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(c);
        }
        let wide: String = digits
            .chars()
            .map(|c| char::from_u32(u32::from(c) - u32::from('0') + u32::from('０')).unwrap_or(c))
            .collect();
        let plain = format!("it is {digits} kg");
        let grouped = format!("it is {grouped}.00 kg");
        let wide = format!("it is {wide}公斤");
        prop_assert!(backs(&plain, &grouped));
        prop_assert!(backs(&grouped, &wide));
        let priced = format!("${n}.{cents:02}");
        prop_assert!(backs(&priced, &priced));
        let dearer = format!("${n}.{:02}", (cents + 1) % 100);
        prop_assert!(!backs(&priced, &dearer));
    }

    #[test]
    fn any_text_can_be_read(text in "\\PC{0,60}") {
        let facts = Facts::of(&text);
        prop_assert!(facts.same_as(&facts));
    }
}
