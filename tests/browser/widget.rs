//! The chat on pages of other sites.

use serde_json::json;

use super::chromium::Browser;
use super::network::Site;
use crate::support::{Service, kefu, root, stdout};

const PAGE: &str = r#"<!doctype html><html lang="en"><head><title>A shop</title>
<style>html { font-size: 10px } body { font: 30px serif; color: purple; line-height: 3 } button { all: unset; color: red !important; font-size: 40px }</style>
<script src="SERVICE/widget.js" async data-title="Ask the shop" data-customer="c-17"></script></head>
<body><h1>A shop</h1><p>Its own text.</p><button>Its own button</button></body></html>"#;

#[test]
fn one_script_tag_puts_the_chat_on_a_foreign_page() {
    let Some(browser) = Browser::start("widget") else { return };
    let dir = tempfile::tempdir().unwrap();
    stdout(kefu(dir.path()).arg("ingest").arg(root().join("ingest/samples")));
    let site = Site::open();
    let service = Service::start(
        kefu(dir.path()).arg("serve").env("KEFU__SERVER__CORS_ORIGINS", &site.address),
    );
    site.show(&PAGE.replace("SERVICE", &service.address));
    let page = browser.page();
    page.goto(&site.address);
    page.wait("kefuHelp.find('.launcher')", "the launcher");
    page.screenshot("widget-closed-en-light");
    page.press("Open the chat");
    page.shows("Ask the shop");
    page.wait("kefuHelp.findAll('.suggestions button').length > 0", "frequent questions");
    page.wait("kefuHelp.focusName() === 'Your message'", "the question has the focus");
    page.audit_within("kefu-chat", "widget-welcome-en-light");
    page.screenshot("widget-welcome-en-light");
    page.type_text("How long do I have to return something?");
    page.key("Enter");
    page.wait("kefuHelp.find('.sources button')", "the answer");
    page.audit_within("kefu-chat", "widget-answer-en-light");
    page.screenshot("widget-answer-en-light");
    assert_eq!(page.eval("kefuHelp.find('.turn-assistant .words').parentElement && getComputedStyle(kefuHelp.find('.shell')).fontSize"), "16px");
    let id = page.eval("document.querySelector('kefu-chat').talk.conversation");
    let (_, conversation) = service.get(&format!("/v1/conversations/{}", id.as_str().unwrap()));
    assert_eq!(conversation["customer_id"], "c-17", "{conversation}");
    page.click(".sources button");
    page.wait("kefuHelp.find('.source-text mark')", "the source opens");
    page.audit_within("kefu-chat", "widget-source-en-light");
    page.screenshot("widget-source-en-light");
    page.key("Escape");
    page.press("Talk to a person");
    page.shows("Waiting for a person");
    page.key("Escape");
    page.wait("!kefuHelp.find('.shell') && kefuHelp.focusName() === 'Open the chat'", "it closes");

    let id = page.eval("document.querySelector('kefu-chat').talk.ticket.id");
    let reply = format!("/v1/tickets/{}/reply", id.as_str().unwrap());
    let words = json!({"agent": "Mei", "text": "Hello, this is Mei."});
    assert_eq!(service.post(&reply, &words).0, 200);
    page.wait("kefuHelp.find('.badge')", "the launcher tells of news");
    page.screenshot("widget-news-en-light");

    page.size(360, 740);
    page.dark(true);
    page.reload();
    page.press("Open the chat");
    page.wait("kefuHelp.find('.sources button')", "the history");
    page.shows("Hello, this is Mei.");
    page.audit_within("kefu-chat", "widget-answer-en-dark-phone");
    page.screenshot("widget-answer-en-dark-phone");
    page.is_quiet();
}

#[test]
fn a_site_vouches_for_its_customers() {
    let Some(browser) = Browser::start("widget: who the customer is") else { return };
    const SECRET: &str = "known to the two servers";
    let dir = tempfile::tempdir().unwrap();
    let site = Site::open();
    let mut serve = kefu(dir.path());
    serve.arg("serve").env("KEFU__SERVER__CORS_ORIGINS", &site.address);
    let service = Service::start(serve.env("KEFU__CHAT__IDENTITY_SECRET", SECRET));
    let customer = kefu_core::Customer {
        id: Some("c-17".to_owned()),
        tier: Some("gold".to_owned()),
        ..kefu_core::Customer::default()
    };
    let expires = 4_102_444_800;
    let signature = kefu_server::sign_customer(SECRET, &customer, expires);
    let proof = |tier: &str| {
        format!(
            "data-customer=\"c-17\" data-customer-tier=\"{tier}\" \
             data-customer-expires=\"{expires}\" data-customer-signature=\"{signature}\""
        )
    };
    let html = PAGE.replace("SERVICE", &service.address);
    let said = |page: &super::page::Page<'_>, proof: &str, shown: &str| {
        site.show(&html.replace("data-customer=\"c-17\"", proof));
        page.goto(&site.address);
        page.press("Open the chat");
        page.wait("kefuHelp.focusName() === 'Your message'", "the question has the focus");
        page.type_text("I want to talk to a human");
        page.key("Enter");
        page.shows(shown);
    };
    let page = browser.page();
    said(&page, &proof("platinum"), "This page could not prove who you are.");
    page.screenshot("widget-not-proven-en-light");
    page.audit_within("kefu-chat", "not proven");
    said(&page, &proof("gold"), "Waiting for a person");
    let (_, tickets) = service.get("/v1/tickets");
    let known = &tickets["items"][0]["customer"];
    assert_eq!((&known["tier"], &known["verified"]), (&json!("gold"), &json!(true)), "{tickets}");
    assert_eq!(tickets["items"].as_array().unwrap().len(), 1, "{tickets}");
    // The conversation goes on when the signature has become too old.
    let old = proof("gold").replace("4102444800", "1700000000");
    site.show(&html.replace("data-customer=\"c-17\"", &old));
    page.goto(&site.address);
    page.press("Open the chat");
    page.shows("I want to talk to a human");
    page.wait("kefuHelp.focusName() === 'Your message'", "the question has the focus");
    page.type_text("Are you there?");
    page.key("Enter");
    page.wait(
        "kefuHelp.text().includes('Are you there?') && !document.querySelector('kefu-chat').talk.outbox.first",
        "sent",
    );
    let id = tickets["items"][0]["ticket_id"].as_str().unwrap();
    let (_, ticket) = service.get(&format!("/v1/tickets/{id}"));
    assert!(ticket["transcript"].to_string().contains("Are you there?"), "{ticket}");
    page.is_quiet();
}

#[test]
fn origins_that_are_not_configured_get_nothing() {
    let Some(browser) = Browser::start("widget: foreign origins") else { return };
    let dir = tempfile::tempdir().unwrap();
    let service = Service::serve(dir.path());
    let site = Site::open();
    site.show(&PAGE.replace("SERVICE", &service.address));
    let page = browser.page();
    page.goto(&site.address);
    page.shows("Its own text.");
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(page.eval("!!document.querySelector('kefu-chat')"), false);
}
