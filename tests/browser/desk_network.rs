//! The desk on a network that drops.

use serde_json::Value;

use super::chromium::Browser;
use super::desk::{ANGRY, call_person, pick, shop, sit_down};
use super::network::Wire;

#[test]
fn a_reply_whose_confirmation_is_lost_is_said_once() {
    let Some(browser) = Browser::start("desk: lost confirmations") else { return };
    let (_dir, service) = shop();
    let ticket = format!("/v1/tickets/{}", call_person(&service, ANGRY));
    let wire = Wire::to(&service.address);
    let page = browser.page();
    sit_down(&page, &wire.address, "Mei");
    pick(&page, ANGRY);
    page.eval(
        "window.posted = []; window.straight = fetch; window.fetch = (url, o) => { \
         if (o?.method === 'POST' && /reply|resolve/.test(url)) \
         posted.push(o.headers['idempotency-key']); return straight(url, o) }",
    );
    let until = |holds: &dyn Fn(&Value) -> bool, what: &str| {
        for _ in 0..400 {
            if holds(&service.get(&ticket).1) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("{what} never arrived");
    };
    let replies = |ticket: &Value| {
        let turns = ticket["transcript"].as_array().unwrap();
        turns.iter().filter(|turn| turn["speaker"] == "agent").count()
    };
    // Requests arrive; their confirmations do not come back, and then the connection breaks.
    wire.mute();
    page.click("#reply");
    page.type_text("A new kettle is on its way.");
    page.key("ctrl+Enter");
    until(&|ticket| replies(ticket) == 1, "the reply");
    wire.cut();
    page.shows("Sending again…");
    page.screenshot("desk-sending-again-en-light");
    wire.mend();
    page.wait("kefuHelp.find('#reply').value === ''", "it is confirmed at last");
    page.wait(
        "posted.length >= 2 && !kefuHelp.find('.reply [type=submit]').disabled",
        "sent again",
    );
    assert_eq!(page.eval("new Set(posted).size"), 1, "under one name");
    assert_eq!(replies(&service.get(&ticket).1), 1);
    page.wait("kefuHelp.findAll('.said-agent').length === 1", "and shown once");
    // The same words once more are another reply.
    page.click("#reply");
    page.type_text("A new kettle is on its way.");
    page.key("ctrl+Enter");
    until(&|ticket| replies(ticket) == 2, "the second reply");

    page.wait("!kefuHelp.find('.lost')", "the connection is back");
    wire.mute();
    page.press("Resolve");
    page.shows("Resolve this ticket");
    page.click("dialog .strong");
    until(&|ticket| ticket["status"] == "resolved", "the end");
    wire.cut();
    page.shows("Sending again…");
    wire.mend();
    page.shows("Reopen");
    assert!(!page.text().contains("closed meanwhile"), "it was Mei who closed it");
    let (_, done) = service.get(&ticket);
    let ends = done["history"].as_array().unwrap().iter().filter(|s| s["action"] == "resolve");
    assert_eq!(ends.count(), 1, "{done}");
}

#[test]
fn a_lost_connection_is_said_and_what_was_missed_is_read() {
    let Some(browser) = Browser::start("desk: network") else { return };
    let (_dir, service) = shop();
    let wire = Wire::to(&service.address);
    let page = browser.page();
    sit_down(&page, &wire.address, "Mei");
    page.shows("No tickets here.");
    wire.cut();
    page.shows("Connection lost.");
    page.audit("lost");
    page.screenshot("desk-lost-en-light");
    call_person(&service, ANGRY);
    wire.mend();
    page.wait("!kefuHelp.find('.lost')", "it is back");
    page.wait("kefuHelp.find('.row-button')", "the ticket of the meantime");
}
