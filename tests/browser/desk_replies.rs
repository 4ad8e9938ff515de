//! What customers and agents read of each other's words.

use serde_json::{Value, json};

use super::chromium::Browser;
use super::desk::{ANGRY, call_person, pick, shop, sit_down};

#[test]
fn both_sides_are_told_of_words_that_are_not_kept() {
    let Some(browser) = Browser::start("desk: consent") else { return };
    let (_dir, service) = shop();
    let customer = browser.page();
    customer.size(360, 740);
    customer.goto(&service.address);
    customer.click("[aria-controls=settings]");
    customer.click("[role=switch]");
    customer.key("Escape");
    customer.press("Talk to a person");
    customer.shows("what you write is not being kept, so my colleague can't read it");
    customer.shows("They cannot read what you write while it is not kept");
    customer.audit("handed over without consent");
    customer.screenshot("chat-unread-en-light-phone");
    customer.click("#question");
    customer.type_text("The lid is missing.");
    customer.key("Enter");
    customer.wait("kefuHelp.findAll('.turn-assistant').length === 2", "it is said again");

    let agent = browser.page();
    sit_down(&agent, &service.address, "Mei");
    agent.press("did not allow");
    agent.wait(
        "[...kefuHelp.findAll('.said-words')].map((said) => said.textContent).join('|') === \
         Array(3).fill('(not kept: the customer did not allow recording)').join('|')",
        "no turn is blank",
    );
    agent.audit("a ticket without words");
    agent.screenshot("desk-not-kept-en-light");

    customer.click("[aria-controls=settings]");
    customer.click("[role=switch]");
    customer.key("Escape");
    customer.shows("From now on what you write is kept and can be read.");
    customer.wait(
        "!kefuHelp.find('.line').textContent.includes('cannot read')",
        "nothing is unread any more",
    );
    customer.click("#question");
    customer.type_text("My order is missing the lid.");
    customer.key("Enter");
    agent.shows("My order is missing the lid.");
    customer.is_quiet();
    agent.is_quiet();
}

#[test]
fn replies_look_alike_on_both_sides_and_their_addresses_are_links() {
    let Some(browser) = Browser::start("desk: links") else { return };
    let (_dir, service) = shop();
    let customer = browser.page();
    customer.goto(&format!("{}/?lang=zh", service.address));
    customer.wait("document.documentElement.lang === 'zh-CN'", "the address chooses");
    customer.press("转人工");
    customer.wait("kefuHelp.find('.line')?.textContent.includes('K-1001')", "a person was called");
    let agent = browser.page();
    agent.goto(&format!("{}/desk?lang=zh", service.address));
    agent.shows("怎么称呼您？");
    agent.type_text("Mei");
    agent.key("Enter");
    pick(&agent, "我想转人工客服");
    agent.click("#reply");
    let words = "You have **30 days**: see https://shop.example/returns?a=1&b=2. \
                 详见https://shop.example/退货。 <a href=javascript:alert(1)>javascript:alert(2)</a> \
                 https://bank.example@evil.example/x";
    agent.type_text(words);
    agent.key("ctrl+Enter");
    let shown = |who: &str| {
        format!(
            "(() => {{ const words = kefuHelp.find('{who}'); return JSON.stringify([words.textContent, \
             [...words.querySelectorAll('strong')].map((one) => one.textContent), \
             [...words.querySelectorAll('a')].map((one) => [one.textContent, one.href, one.rel, one.target])]) }})()"
        )
    };
    let (chat, desk) = (".turn-agent .words", ".said-agent .said-words");
    customer.wait(&format!("kefuHelp.find('{chat}')"), "the reply arrives");
    agent.wait(&format!("kefuHelp.find('{desk}')"), "the reply is there");
    let seen = customer.eval(&shown(chat));
    assert_eq!(seen, agent.eval(&shown(desk)));
    let address = "https://shop.example/returns?a=1&b=2";
    let rel = "noopener noreferrer nofollow";
    let expected = json!([
        words.replace("**", ""),
        ["30 days"],
        [
            [address, address, rel, "_blank"],
            ["https://shop.example/", "https://shop.example/", rel, "_blank"]
        ]
    ]);
    assert_eq!(serde_json::from_str::<Value>(seen.as_str().unwrap()).unwrap(), expected);
    // Who replies has come: it is said before their first words.
    customer.shows("Mei 已接入");
    assert_eq!(
        customer.eval(
            "[...kefuHelp.findAll('.turn-agent, .notice-agent')].map((one) => one.className.split(' ').at(-1)).join()"
        ),
        "notice-agent,turn-agent"
    );
    customer.audit("a link");
    customer.screenshot("chat-link-zh-light");
    agent.audit("a link at the desk");
    // A choice by hand counts more than the address.
    customer.press("Switch to English");
    customer.reload();
    customer.wait("document.documentElement.lang === 'en'", "the choice is kept");
    agent.press("Switch to English");
    agent.reload();
    agent.wait("document.documentElement.lang === 'en'", "the choice is kept at the desk");
    agent.is_quiet();
    customer.is_quiet();
}

#[test]
fn nothing_is_written_to_a_closed_ticket() {
    let Some(browser) = Browser::start("desk: closed") else { return };
    let (_dir, service) = shop();
    call_person(&service, ANGRY);
    let page = browser.page();
    page.size(360, 740);
    sit_down(&page, &service.address, "Mei");
    pick(&page, ANGRY);
    page.press("Claim");
    page.shows("This ticket is yours.");
    page.screenshot("desk-toast-en-light-phone");
    page.press("Resolve");
    page.shows("Resolve this ticket");
    page.click("dialog .strong");
    page.shows("This ticket is closed. Reopen it to write to the customer.");
    page.click("#reply");
    page.type_text("Still there?");
    assert_eq!(page.eval("kefuHelp.find('#reply').value"), "");
    assert_eq!(page.eval("kefuHelp.find('.reply [type=submit]').disabled"), true);
    page.audit("closed ticket");
    page.screenshot("desk-closed-en-light-phone");
    page.press("Reopen");
    page.shows("Reopened.");
    page.wait("!kefuHelp.find('.closed')", "the hint goes");
    page.click("#reply");
    page.type_text("Still there?");
    page.key("ctrl+Enter");
    page.shows("Sent.");
    page.wait("kefuHelp.find('.said-agent')", "it is said");
    page.is_quiet();
}
