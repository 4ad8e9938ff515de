//! What each rule takes, and what looks like it and stays.
#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use super::*;
use crate::pipe::read_reply;

const ARTICLE_ZH: &str = "我们的云栖电热水壶采用双层不锈钢内胆,烧开一升水大约需要四分钟。\n\n\
    水壶保修两年,自签收之日起计算。保修期内因材料或工艺问题损坏的,我们免费修理或者更换。\n\n\
    请定期用柠檬酸除垢,每三个月一次比较合适,水质较硬的地区可以更勤一些。\n";
const ARTICLE_EN: &str = "The Cloudrest kettle has a double steel wall and boils a litre of water in about four minutes.\n\n\
    It is guaranteed for two years from the day you receive it. We repair or replace it free of charge when material or workmanship fails.\n\n\
    Descale it with citric acid every three months, and more often where the water is hard.\n";

fn removals(name: &str, text: &str) -> Vec<(String, String)> {
    let header = serde_json::json!({ "name": name, "size_bytes": text.len() });
    let request = format!("{header}\n{text}");
    let mut reply = Vec::new();
    let _ = kefu_parse::serve(request.as_bytes(), &mut reply, &kefu_parse::Limits::STANDARD);
    let mut file = read_reply(reply.trim_ascii_end()).unwrap();
    let parsed = file.documents.remove(0);
    let cleaned =
        clean(&parsed.text, &parsed.blocks, &Neighbours::default(), &KeepRules::default());
    let said = |removal: &Removal| {
        let text = removal.span.of(&parsed.text).unwrap_or_default();
        (removal.rule.clone(), text.to_owned())
    };
    cleaned.removals.iter().map(said).collect()
}

/// Everything around the article goes, by these rules, and the article stays.
fn goes(rule: Rule, head: &str, article: &str, foot: &str) {
    for name in ["page.txt", "page.md"] {
        let found = removals(name, &format!("{head}\n\n{article}\n{foot}\n"));
        let gone: String = found.iter().map(|(_, text)| text.as_str()).collect();
        let squash = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(squash(&gone), squash(&format!("{head}{foot}")), "{name}: {found:#?}");
        assert!(found.iter().all(|(by, _)| by == rule.as_str()), "{found:#?}");
    }
}

/// Nothing goes.
fn stays(text: &str) {
    for name in ["page.txt", "page.md"] {
        let found = removals(name, text);
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

#[test]
fn menus_and_breadcrumbs_go() {
    goes(Rule::Navigation, "首页 > 产品中心 > 厨房电器", ARTICLE_ZH, "返回顶部");
    goes(Rule::Navigation, "您当前位置:>>新闻中心>>产品动态>>第四版", ARTICLE_ZH, "");
    goes(Rule::Navigation, "首页\n产品中心\n新闻动态\n关于我们\n联系我们", ARTICLE_ZH, "");
    goes(Rule::Navigation, "Skip to main content", ARTICLE_EN, "Back to top");
    goes(
        Rule::Navigation,
        "Home » Products » Kettles",
        ARTICLE_EN,
        "About us | Careers | Contact | Sitemap",
    );
    goes(
        Rule::Navigation,
        "- [Home](/)\n- [Products](/p)\n- [Blog](/b)\n- [Kettle care](/care)",
        ARTICLE_EN,
        "",
    );
}

#[test]
fn steps_and_lists_of_a_handbook_are_no_menus() {
    stays(&format!(
        "# 怎样查看订单\n\n打开 首页 > 我的订单 > 全部订单,就能看到物流。\n\n{ARTICLE_ZH}"
    ));
    stays(&format!(
        "# Where to click\n\nGo to Home > Orders > Returns and choose an item.\n\n{ARTICLE_EN}"
    ));
    stays(&format!("# Kettles\n\n- Steel\n- Glass\n- Travel\n- Gooseneck\n\n{ARTICLE_EN}"));
    stays(&format!("# 颜色\n\n- 云白\n- 石墨\n- 松绿\n- 海蓝\n\n{ARTICLE_ZH}"));
    stays(
        "# Help\n\n- [Returns](returns.md)\n- [Shipping](shipping.md)\n- [Contact](contact.md)\n- [Blog](blog.md)\n",
    );
}

#[test]
fn the_frame_of_a_scraped_page_goes() {
    let foot = "上一篇:电热水壶怎么选\n下一篇:除垢的五个误区\n\n分享到: 微信 微博 QQ空间\n\n\
        地址:杭州市滨江区某路 8 号\n客服热线:400-123-4567\n版权所有 © 2024 某某网\n浙ICP备12345678号-1";
    goes(Rule::Boilerplate, "", ARTICLE_ZH, foot);
    let foot = "Previous post: Choosing a kettle\nNext post: Five myths about limescale\n\n\
        Share this article: Facebook | Twitter | LinkedIn\n\nSubscribe to our newsletter\n\n\
        Phone: 555-0123\nEmail: info@site.example\n© 2024 Some Site. All rights reserved.";
    goes(Rule::Boilerplate, "", ARTICLE_EN, foot);
    goes(
        Rule::Boilerplate,
        "",
        ARTICLE_ZH,
        "原创文章,作者:小陈,如若转载,请注明出处:https://site.example/1",
    );
    goes(
        Rule::Boilerplate,
        "",
        ARTICLE_ZH,
        "文档评论(0)\n\n小陈 + 关注\n\n实名认证\n\n文档贡献者\n\n相关文档",
    );
    goes(
        Rule::Boilerplate,
        "",
        ARTICLE_EN,
        "Related articles\n\n- Which filter fits\n- Tea at the right heat",
    );
    let notice = "1. 本站所有资源下载后均可查看,如有侵权请联系我们删除。\n\
        2. 本文档由网友上传,本站不对内容负责。\n3. 下载本文档将扣除一次下载次数。\n\
        4. 如文档侵犯您的权益,请拨打举报电话:400-050-0000。";
    goes(Rule::Boilerplate, notice, ARTICLE_ZH, "");
}

#[test]
fn a_handbook_says_how_it_can_be_reached() {
    stays(&format!(
        "# 保修\n\n{ARTICLE_ZH}\n## 联系我们\n\n客服热线:400-800-1234\n\n邮箱:help@shop.example\n"
    ));
    stays(&format!(
        "# Guarantee\n\n{ARTICLE_EN}\n## Contact us\n\nPhone: 555-0100\n\nEmail: help@shop.example\n"
    ));
    stays(&format!("{ARTICLE_EN}\nContact us: 555-0100, every day from 9 to 18.\n"));
    stays(&format!("{ARTICLE_ZH}\n客服电话:400-800-1234\n"));
    let own =
        format!("# Guarantee\n\n{ARTICLE_EN}\n## Contact us\n\nPhone: 555-0100\n\n© 2026 Shop\n");
    let found = removals("page.md", &own);
    assert!(found.iter().all(|(_, text)| !text.contains("555")), "{found:#?}");
    stays(
        "# 版权声明\n\n本站所有图片的版权归本店所有。\n\n未经许可转载本站图片属于侵权行为。\n\n\
        下载本站图片用于商业用途须事先取得授权。\n\n如发现侵权,请致电 400-800-1234。\n",
    );
    stays(
        "# Copyright\n\nAll photos on this site are our copyright, © 2026.\n\nYou may not copy them for trade. \
        Copyright infringement will be pursued.\n\nCopyright complaints go to legal@shop.example.\n",
    );
    stays(&format!(
        "# Newsletter\n\nSubscribe to our newsletter in your account under Messages.\n\n{ARTICLE_EN}"
    ));
}

#[test]
fn cookie_banners_go_and_pages_about_cookies_stay() {
    let banner = "We use cookies to improve your visit. By continuing you agree to our use of cookies.\nAccept all\nReject all\nCookie settings";
    goes(Rule::CookieBanner, banner, ARTICLE_EN, "");
    goes(
        Rule::CookieBanner,
        "",
        ARTICLE_ZH,
        "本网站使用 Cookie 改善您的体验,继续浏览即表示您同意使用 Cookie。\n接受\n拒绝",
    );
    stays(&format!(
        "{ARTICLE_EN}\n## Cookies\n\nWe use cookies to remember your basket. You can reject all of them.\n"
    ));
    stays(
        "# 隐私\n\n我们使用 Cookie 记住购物车。\n\n您可以在浏览器里删除 Cookie。\n\nCookie 最多保存 30 天。\n",
    );
}

#[test]
fn tables_of_contents_go() {
    let leaders =
        "目录\n第一章 安全须知........1\n第二章 清洁保养........4\n第三章 常见故障........9";
    goes(Rule::Contents, leaders, ARTICLE_ZH, "");
    let leaders =
        "Table of contents\nSafety . . . . . . . 1\nCleaning . . . . . . 4\nFaults . . . . . . . 9";
    goes(Rule::Contents, leaders, ARTICLE_EN, "");
    let field = "使用手册TOC\\o\"1-2\"\\h\\u11111第1章:安全 3222221.1用电 4333331.2儿童 5第1章:安全1.1用电请使用有地线的插座。";
    let found = removals("page.txt", &format!("{field}\n\n{ARTICLE_ZH}"));
    let gone: Vec<&str> = found.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(gone, ["TOC\\o\"1-2\"\\h\\u11111第1章:安全 3222221.1用电 4333331.2儿童 5"]);
    let entries = "第一章 安全 1\n第二章 清洁 4\n第三章 故障 9\n第四章 保修 12";
    let body = format!("第一章 安全\n\n{ARTICLE_ZH}\n第二章 清洁\n\n略。\n\n第三章 故障\n\n略。\n");
    let found = removals("page.txt", &format!("{entries}\n\n{body}"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].1, entries);
}

#[test]
fn links_within_a_page_are_its_contents() {
    let list =
        "* [Care](#care)\n* [Guarantee](#guarantee)\n* [Limescale](#limescale)\n* [Parts](#parts)";
    let found = removals("page.md", &format!("# Kettle\n\n{list}\n\n## Care\n\n{ARTICLE_EN}"));
    assert_eq!(found, [("contents".to_owned(), list.to_owned())]);
    stays(&format!(
        "{ARTICLE_EN}\n- [Returns](r.md)\n- [Fees](f.md)\n- [Stores](s.md)\n- [Gifts](g.md)\n"
    ));
}

#[test]
fn numbered_steps_and_prices_are_no_table_of_contents() {
    stays(&format!("{ARTICLE_EN}\n1. Mug 4\n2. Cup 5\n3. Plate 9\n4. Bowl 12\n"));
    stays(&format!("{ARTICLE_ZH}\n1. 滤网 12\n2. 壶盖 15\n3. 底座 49\n4. 把手 60\n"));
    stays(&format!("{ARTICLE_EN}\nPlease wait.... 3\n"));
}

#[test]
fn headers_footers_and_page_numbers_go() {
    let page = |n: usize| {
        format!("云栖电器 使用手册\n第 {n} 条规定讲的是第 {n} 种情况下该怎么办。\n{n}\n")
    };
    let text: String = (1..=4).map(page).collect::<Vec<_>>().join("\u{c}");
    let gone: Vec<String> = removals("page.txt", &text)
        .into_iter()
        .map(|(rule, text)| format!("{rule}:{text}"))
        .collect();
    assert_eq!(gone.len(), 8, "{gone:#?}");
    assert!(gone.iter().all(|line| line.starts_with("repeated_lines:")));
    goes(Rule::RepeatedLines, "使用手册_第1页\n使用手册_第2页\n使用手册_第3页", ARTICLE_ZH, "");
    let text =
        format!("{ARTICLE_EN}\nPage 1 of 2\n\nMore is said here about the lid.\n\nPage 2 of 2\n");
    let gone: Vec<String> = removals("page.txt", &text).into_iter().map(|(_, text)| text).collect();
    assert_eq!(gone, ["Page 1 of 2", "Page 2 of 2"]);
}

#[test]
fn numbers_and_repeated_facts_stay() {
    stays(&format!("{ARTICLE_EN}\nThe code on the lid:\n\n42\n"));
    stays(&format!("{ARTICLE_ZH}\n第 3 页有接线图,请照图操作。\n"));
}

#[test]
fn labels_that_most_documents_share_go_and_facts_stay() {
    let text = |n: usize| {
        format!(
            "云栖百科\n热门话题\n\n{ARTICLE_ZH}\n第 {n} 篇到此为止,谢谢您的阅读。\n咨询:400-800-1234\n更多精彩\n"
        )
    };
    let mut others = Neighbours::default();
    for n in 0..6 {
        others.add(&text(n));
    }
    let own = text(3);
    let cleaned = clean(&own, &[], &others, &KeepRules::default());
    let gone: Vec<&str> = cleaned.removals.iter().filter_map(|r| r.span.of(&own)).collect();
    assert_eq!(gone, ["云栖百科", "热门话题", "更多精彩"]);
    assert_eq!(cleaned.removals[0].rule, "repeated_lines");
}

#[test]
fn copies_go_and_the_same_rule_for_another_thing_stays() {
    let (first, ..) = ARTICLE_EN.split_once("\n\n").unwrap_or_default();
    let twice = format!("# Kettle\n\n{ARTICLE_EN}\n{first}\n");
    assert_eq!(removals("page.md", &twice), [("duplicate".to_owned(), first.to_owned())]);
    let copied = format!("# Kettle\n\n{ARTICLE_EN}\n# Kettle\n\n{ARTICLE_EN}");
    assert_eq!(removals("page.md", &copied).len(), 1);
    stays(&format!("## Kettle\n\n{first}\n\n## Travel kettle\n\n{first}\n"));
    let item =
        "- Please send us the part with its order number, the date and a photo of the damage.";
    stays(&format!("# Parts\n\nFor lids:\n\n{item}\n\nFor handles:\n\n{item}\n"));
    stays("## 水壶\n\n七天内可以退货。\n\n七天内可以退货。\n");
}

#[test]
fn lost_text_goes_and_signs_stay() {
    let lost = "\u{fffd}\u{fffd}\u{fffd}ˮ\u{fffd}\u{fffd}\u{fffd}\u{fffd}";
    goes(Rule::Mojibake, lost, ARTICLE_ZH, "锟斤拷锟斤拷烫烫烫");
    goes(Rule::Mojibake, "Ã©Ã¨Ã¶â€™â€œ", ARTICLE_EN, "");
    stays(&format!("{ARTICLE_EN}\nThe café in São Paulo is Ångström’s favourite… truly.\n"));
    stays("# 价格\n\n每件 ¥12,第二件半价。\n");
}

#[test]
fn left_over_markup_goes_and_examples_stay() {
    let html = "<div class=\"ad\"><span id=\"x1\"></span></div>";
    let script = "var _hmt = _hmt || [];\n(function() {\nvar hm = document.createElement(\"script\");\n})();";
    let found = removals("page.txt", &format!("{html}\n\n{ARTICLE_ZH}\n{script}\n"));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found.iter().all(|(rule, _)| rule == "markup"));
    let style = ".ad { color: red; }\n#nav li { margin: 0; }";
    let found = removals("page.txt", &format!("{style}\n\n{ARTICLE_EN}"));
    assert_eq!(found.len(), 1, "{found:#?}");
    stays(&format!("{ARTICLE_EN}\n</li>\n<li>\n\n{ARTICLE_ZH}"));
    stays(&format!("{ARTICLE_EN}\nKeep it < 7 cm & > 2 cm from the wall.\n"));
    let code = format!("# Widget\n\n{ARTICLE_EN}\n```\nvar a = 1;\nfunction f() {{\n}}\n```\n");
    assert!(removals("page.md", &code).is_empty());
}

#[test]
fn spam_goes_and_words_stay() {
    goes(Rule::Spam, "精品视频在线观看,国产高清无码,欧美成人专区", ARTICLE_ZH, "");
    goes(Rule::Spam, "casino online, best slots, poker betting", ARTICLE_EN, "");
    goes(Rule::Spam, "大量收购各类文档,联系QQ:12345678", ARTICLE_ZH, "");
    stays(&format!("# 视频会员\n\n高清,蓝光,在线观看都包含在内。\n\n{ARTICLE_ZH}"));
    stays(&format!(
        "{ARTICLE_EN}\nWe do not sell replica watches, poker chips or casino tables.\n"
    ));
}

#[test]
fn rules_are_switched_off_by_name() {
    let text = format!("{ARTICLE_ZH}\n浙ICP备12345678号\n");
    let keep = |names: &[&str]| KeepRules::parse(names.iter().copied());
    let n = |names: &[&str]| {
        let keep = keep(names).unwrap_or_default();
        clean(&text, &[], &Neighbours::default(), &keep).removals.len()
    };
    assert_eq!((n(&[]), n(&["boilerplate"]), n(&["all"]), n(&["spam"])), (1, 0, 0, 1));
    assert_eq!(keep(&["spam", "nonsense"]), Err("nonsense".to_owned()));
    let both = keep(&["spam"]).unwrap_or_default().and(&keep(&["contents"]).unwrap_or_default());
    assert_eq!(Ok(both.clone()), keep(&["contents", "spam"]));
    assert_ne!(both.fingerprint(), KeepRules::default().fingerprint());
}

#[test]
fn every_pattern_compiles_and_names_are_read_back() {
    let _ = clean("x", &[], &Neighbours::default(), &KeepRules::default());
    for rule in Rule::ALL {
        assert_eq!(Rule::parse(rule.as_str()), Some(rule));
    }
}

proptest::proptest! {
    #[test]
    fn removals_are_ordered_disjoint_and_whole(
        pieces in proptest::collection::vec(proptest::sample::select(vec![
            "首页 > 帮助\n", "<b></b>\n", "TOC \\o \"1-3\" a 1 b 2 c 3", "\u{c}", "第 1 页\n", "\n\n",
            "© 2024 x\n", "相关文章\n", "\u{fffd}\u{fffd}\u{fffd}", "# T\n\n", "句子很长很长很长很长很长很长很长很长很长很长。\n", "Home | About us | Login\n", "  ",
        ]), 0..40),
    ) {
        let text = pieces.concat();
        let cleaned = clean(&text, &[], &Neighbours::default(), &KeepRules::default());
        let mut at = 0;
        for removal in &cleaned.removals {
            proptest::prop_assert!(removal.span.start >= at && !removal.span.is_empty());
            proptest::prop_assert!(removal.span.of(&text).is_some());
            at = removal.span.end;
        }
        proptest::prop_assert!(cleaned.n_removed <= cleaned.n_chars);
    }
}
