//! The desk, alone and together with a customer's chat.

use serde_json::{Value, json};

use super::chromium::Browser;
use super::page::Page;
use crate::support::{Service, kefu, root, stdout};

pub(super) fn shop() -> (tempfile::TempDir, Service) {
    let dir = tempfile::tempdir().unwrap();
    stdout(kefu(dir.path()).arg("ingest").arg(root().join("ingest/samples")));
    let service = Service::serve(dir.path());
    (dir, service)
}

/// A customer's words that call a person; returns the ticket's id.
pub(super) fn call_person(service: &Service, words: &str) -> String {
    let (status, answer) = service.post("/v1/answers", &json!({"question": words}));
    assert_eq!(status, 200, "{answer}");
    answer["escalation"]["ticket_id"].as_str().unwrap().to_owned()
}

/// Opens the desk and says who is there.
pub(super) fn sit_down(page: &Page<'_>, address: &str, name: &str) {
    page.goto(&format!("{address}/desk"));
    page.shows("What is your name?");
    page.wait("kefuHelp.focusName() === 'Your name'", "the name is asked for");
    page.type_text(name);
    page.key("Enter");
    page.wait("!document.querySelector('dialog')", "the name was taken");
}

pub(super) fn pick(page: &Page<'_>, subject: &str) {
    page.press(subject);
    let opened = format!(
        "document.querySelector('.ticket-subject').textContent.includes({})",
        json!(subject)
    );
    page.wait(&opened, "the ticket opens");
}

pub(super) const ANGRY: &str =
    "This is the third broken kettle you sent me. I want to file a complaint!";

#[test]
fn an_agent_replies_and_the_words_appear_in_the_chat() {
    let Some(browser) = Browser::start("desk and chat") else { return };
    let (_dir, service) = shop();
    let customer = browser.page();
    customer.goto(&service.address);
    customer.click("#question");
    customer.type_text("How long do I have to return something?");
    customer.key("Enter");
    customer.wait("kefuHelp.find('.sources button')", "the answer");
    let agent = browser.page();
    sit_down(&agent, &service.address, "Mei");
    agent.shows("No tickets here.");
    agent.audit("empty desk");

    customer.press("Talk to a person");
    customer.shows("Waiting for a person");
    agent.wait("kefuHelp.find('.row-button')", "the ticket appears by itself");
    agent.screenshot("desk-list-en-light");
    pick(&agent, "How long do I have to return something?");
    agent.audit("open ticket");
    agent.screenshot("desk-ticket-en-light");

    agent.press("Claim");
    agent.shows("This ticket is yours.");
    customer.shows("Mei is with you now.");
    customer.screenshot("chat-with-person-en-light");
    agent.click("#reply");
    agent.type_text("Hello, I am Mei. What happened to your order?");
    agent.key("ctrl+Enter");
    customer.shows("Hello, I am Mei. What happened to your order?");
    customer.audit("with a person");
    agent.wait("kefuHelp.find('#reply').value === ''", "the reply is cleared");

    customer.click("#question");
    customer.type_text("The kettle arrived broken.");
    customer.key("Enter");
    agent.shows("The kettle arrived broken.");
    customer.type_text("👍");
    customer.key("Enter");
    agent.wait(
        "[...kefuHelp.findAll('.said-customer .said-words')].at(-1).textContent === '👍'",
        "a picture alone arrives",
    );
    customer.wait("!kefuHelp.find('.progress, .is-waiting')", "it is delivered");
    let n_said = customer.eval("kefuHelp.findAll('.turn-assistant').length");
    assert_eq!(n_said, 2, "Kefu speaks although a person has the conversation");
    customer.reload();
    customer.shows("Hello, I am Mei. What happened to your order?");
    customer.shows("You are talking to Mei");
    // A colleague helps out; each turn keeps its own name.
    let (_, tickets) = service.get("/v1/tickets");
    let path = format!("/v1/tickets/{}/reply", tickets["items"][0]["ticket_id"].as_str().unwrap());
    let words = json!({"agent": "Tom", "text": "The workshop says: send us a photo."});
    assert_eq!(service.post(&path, &words).0, 200);
    customer.shows("Tom · Customer service");
    agent.wait(
        "[...kefuHelp.findAll('.said-agent strong')].map((who) => who.textContent).join() === 'Mei,Tom'",
        "the desk tells who said what",
    );
    customer.reload();
    customer.wait(
        "[...kefuHelp.findAll('.turn-agent .who')].map((who) => who.textContent.split(' ')[0]).join() === 'Mei,Tom'",
        "the chat tells who said what after a reload",
    );
    customer.screenshot("chat-two-people-en-light");
    assert_eq!(
        customer.eval("[...kefuHelp.findAll('.turn-assistant')].map((turn) => !!turn.querySelector('.thumb')).join()"),
        "true,false",
        "an answer is judged, a hand-over is not"
    );

    agent.press("Resolve");
    agent.shows("Resolve this ticket");
    agent.audit("resolve");
    agent.screenshot("desk-resolve-en-light");
    agent.click("dialog .strong");
    customer.shows("Your request was closed.");
    customer.shows("How was this conversation?");
    customer.audit("closed");
    customer.screenshot("chat-closed-en-light");
    agent.press("Reopen");
    agent.shows("Reopened.");
    customer.wait("kefuHelp.find('.line').dataset.mode !== 'closed'", "it goes on");
    customer.is_quiet();
    agent.is_quiet();
}

#[test]
fn of_two_who_claim_one_is_told_by_whom_and_no_draft_is_lost() {
    let Some(browser) = Browser::start("desk: claims") else { return };
    let (_dir, service) = shop();
    let ticket = call_person(&service, ANGRY);
    let (mei, tom) = (browser.page(), browser.page());
    sit_down(&mei, &service.address, "Mei");
    sit_down(&tom, &service.address, "Tom");
    for page in [&mei, &tom] {
        pick(page, ANGRY);
    }
    // Tom's page is kept from hearing of Mei's claim, as on a slow network.
    tom.eval(
        "window.slow = fetch; window.fetch = (url, o) => o?.method === 'POST' ? \
         new Promise((go) => setTimeout(go, 800)).then(() => slow(url, o)) : slow(url, o)",
    );
    tom.press("Claim");
    mei.press("Claim");
    mei.shows("This ticket is yours.");
    tom.shows("Mei has taken this ticket.");
    tom.screenshot("desk-claim-lost-en-light");

    tom.click("#reply");
    tom.type_text("A draft that must not be lost.");
    let (status, _) =
        service.post(&format!("/v1/tickets/{ticket}/resolve"), &json!({"agent": "Mei"}));
    assert_eq!(status, 200);
    tom.key("ctrl+Enter");
    tom.shows("This ticket was closed meanwhile. Your draft is kept.");
    assert_eq!(tom.eval("kefuHelp.find('#reply').value"), "A draft that must not be lost.");
    tom.reload();
    tom.wait(
        "kefuHelp.find('#reply')?.value === 'A draft that must not be lost.'",
        "the draft is back",
    );
    tom.press("Reopen");
    tom.shows("Reopened.");
}

#[test]
fn the_desk_is_worked_with_keys_alone() {
    let Some(browser) = Browser::start("desk: keyboard") else { return };
    let (_dir, service) = shop();
    call_person(&service, "I want to talk to a real person please");
    call_person(&service, ANGRY);
    let page = browser.page();
    sit_down(&page, &service.address, "Mei");
    page.wait("kefuHelp.findAll('.row-button').length === 2", "two tickets");
    page.key("?");
    page.wait("kefuHelp.find('dialog[open] kbd')", "the overview");
    page.audit("shortcuts");
    page.screenshot("desk-shortcuts-en-light");
    page.key("Escape");
    page.wait("!document.querySelector('dialog')", "it was closed");
    page.key("j");
    page.wait("kefuHelp.find('.ticket-subject')?.textContent", "the first ticket");
    let first = page.eval("kefuHelp.find('.ticket-subject').textContent");
    page.key("j");
    let moved = format!("kefuHelp.find('.ticket-subject').textContent !== {first}");
    page.wait(&moved, "the next one");
    page.key("k");
    page.wait(&format!("kefuHelp.find('.ticket-subject').textContent === {first}"), "back");
    page.key("c");
    page.shows("This ticket is yours.");
    page.key("r");
    page.wait("kefuHelp.focusName() === 'Your reply'", "the reply has the focus");
    for key in ["j", "c", "e", "?"] {
        page.key(key);
    }
    assert_eq!(page.eval("kefuHelp.find('#reply').value"), "jce?", "keys are text while one types");
    assert_eq!(page.eval("!!kefuHelp.find('dialog[open]')"), false);
    page.key("ctrl+Enter");
    page.wait("kefuHelp.find('.said-agent')", "the reply was sent");
    page.key("Escape");
    page.key("e");
    page.shows("Resolve this ticket");
    page.key("Escape");
    page.wait("!document.querySelector('dialog')", "it was left");
    page.key("t");
    page.shows("Transfer this ticket");
    page.audit("transfer");
    page.screenshot("desk-transfer-en-light");
    page.key("Escape");
    page.is_quiet();
}

#[test]
fn it_looks_right_in_both_languages_dark_and_narrow() {
    let Some(browser) = Browser::start("desk: looks") else { return };
    let (_dir, service) = shop();
    let question = json!({
        "question": "我要投诉你们的快递，订单 A-88231 已经晚了十天，客服电话也打不通！",
        "customer": {"id": "c-17", "tier": "gold", "attributes": {"会员号": "M-2001"}},
    });
    service.post("/v1/answers", &json!({"question": "退款要多久？"}));
    service.post("/v1/answers", &question);
    call_person(&service, ANGRY);
    for (language, width, height) in [
        ("zh-CN", 360, 740),
        ("zh-CN", 320, 640),
        ("en", 320, 640),
        ("zh-CN", 1440, 900),
        ("en", 900, 700),
    ] {
        let page = browser.page();
        page.language(language);
        page.dark(true);
        page.size(width, height);
        let is_chinese = language == "zh-CN";
        page.goto(&format!("{}/desk", service.address));
        page.shows(if is_chinese { "怎么称呼您？" } else { "What is your name?" });
        page.type_text("陈梅");
        page.key("Enter");
        page.wait("kefuHelp.findAll('.row-button').length === 2", "two tickets");
        page.audit("list");
        let queues = page.text();
        assert!(!queues.contains("complaints"), "a queue has no name of its own: {queues}");
        page.screenshot(&format!("desk-list-{language}-dark-{width}"));
        pick(&page, "我要投诉你们的快递");
        page.wait(
            "!kefuHelp.find('.assist')?.textContent.match(/Loading|载入/)",
            "the help is there",
        );
        page.audit("ticket");
        page.screenshot(&format!("desk-ticket-{language}-dark-{width}"));
        if width < 1120 {
            page.press(if is_chinese { "背景" } else { "Background" });
            page.wait(
                "/c-17 · gold(unverified|未验证)会员号M-2001/.test(kefuHelp.find('.facts').textContent)",
                "the background",
            );
            page.audit("background");
            page.screenshot(&format!("desk-background-{language}-dark-{width}"));
            page.press(if is_chinese { "助手" } else { "Help" });
            page.audit("help");
            page.screenshot(&format!("desk-help-{language}-dark-{width}"));
        }
        if width < 720 {
            page.press(if is_chinese { "返回列表" } else { "Back to the list" });
            page.wait("kefuHelp.find('.row-button')", "the list again");
        }
        page.is_quiet();
    }
}

#[test]
fn news_covers_neither_the_open_ticket_nor_the_reply() {
    let Some(browser) = Browser::start("desk: news") else { return };
    let (_dir, service) = shop();
    call_person(&service, ANGRY);
    let page = browser.page();
    sit_down(&page, &service.address, "Mei");
    pick(&page, ANGRY);
    let covered = "(() => { const toast = kefuHelp.find('.toast').getBoundingClientRect(); \
         return ['.ticket-head', '.transcript-box', '.reply', '.side'].filter((part) => { \
         const box = document.querySelector(part).getBoundingClientRect(); \
         return box.width && box.left < toast.right && toast.left < box.right \
         && box.top < toast.bottom && toast.top < box.bottom }).join() })()";
    for (width, words) in [(1280, "I want a human"), (900, "转人工"), (360, "I need an agent")] {
        page.size(width, 740);
        page.wait("!kefuHelp.find('.toast')", "nothing is said any more");
        call_person(&service, words);
        page.wait("kefuHelp.find('.toast')", "a new ticket is told of");
        assert_eq!(page.eval(covered), "", "at {width}");
        // The tree that assistive technology reads is made a moment after the page.
        page.wait("kefuHelp.findAll('.row-button').every((row) => row.computedName)", "names");
        page.audit("news");
        page.screenshot(&format!("desk-news-{width}"));
    }
}

#[test]
fn replies_can_be_suggested_warned_of_and_taught() {
    let Some(browser) = Browser::start("desk: help") else { return };
    let (_dir, service) = shop();
    let asked = "How long do I have to return something?";
    let (_, first) = service.post("/v1/answers", &json!({"question": asked}));
    let next = json!({
        "question": "This is ridiculous, I want a human!", "conversation_id": first["conversation_id"],
    });
    service.post("/v1/answers", &next);
    let page = browser.page();
    page.size(1440, 900);
    sit_down(&page, &service.address, "Mei");
    pick(&page, asked);
    page.wait("kefuHelp.find('.offer')", "a suggestion");
    page.audit("suggestion");
    page.screenshot("desk-suggestion-en-light");
    page.key("i");
    page.wait("kefuHelp.find('#reply').value.length > 10", "it is inserted");
    page.eval("(() => { const box = kefuHelp.find('#reply'); box.value = ''; box.focus(); })()");
    page.type_text("We guarantee you will win in court and get 100% back.");
    page.wait("kefuHelp.find('.warnings q')", "a warning");
    page.audit("warning");
    page.screenshot("desk-warning-en-light");
    page.eval("(() => { const box = kefuHelp.find('#reply'); box.value = ''; box.focus(); })()");
    page.type_text("You may send it back within thirty days, and we pay the way.");
    page.press("Teach");
    page.shows("Teach Kefu");
    page.audit("teach");
    page.screenshot("desk-teach-en-light");
    page.click("dialog .strong");
    page.shows("Kept. Somebody has to approve it first.");
    page.is_quiet();
}

#[test]
fn ten_thousand_tickets_stay_quick() {
    let Some(browser) = Browser::start("desk: 10,000 tickets") else { return };
    let dir = tempfile::tempdir().unwrap();
    let service = Service::serve(dir.path());
    let page = browser.page();
    // Ten thousand real ones take minutes to open, so the page's reads are answered here: the same
    // form, in pages as the service gives them.
    let made = "const made = (n) => ({ ticket_id: `tkt_${n}`, number: `K-${n}`, \
         conversation_id: `cnv_${n}`, subject: `Parcel ${n} is late`, queue: 'general', status: 'open', \
         reason: 'complaint', priority: ['urgent','high','normal','low'][Math.floor(n / 2500)], \
         language: 'en', assignee: null, created_at: new Date(1.7e12 + n * 1000).toISOString(), \
         updated_at: new Date(1.7e12 + n * 1000).toISOString() });\
         const real = window.fetch; window.fetch = (url, options) => {\
           const at = new URL(url, location); if (at.pathname !== '/v1/tickets') return real(url, options);\
           const from = Number(at.searchParams.get('cursor') ?? 0), n = Number(at.searchParams.get('limit'));\
           const items = Array.from({ length: Math.min(n, 10000 - from) }, (_, i) => made(from + i));\
           const next_cursor = from + n < 10000 ? String(from + n) : null;\
           return Promise.resolve(new Response(JSON.stringify({ items, next_cursor }))); };";
    page.call("Page.addScriptToEvaluateOnNewDocument", json!({"source": made}));
    sit_down(&page, &service.address, "Mei");
    page.wait("kefuHelp.findAll('.row-button').length >= 50", "the first page");
    page.eval("document.querySelector('.queue-body').scrollTop = 1e6");
    page.wait("kefuHelp.findAll('.row-button').length >= 100", "scrolling brings the next page");
    let load = "(async () => { const { queue } = kefuDesk; const start = performance.now();\
         while (queue.tickets.length < 10000 && performance.now() - start < 5000) await queue.next();\
         return queue.tickets.length; })()";
    while page.eval(load) != 10_000 {}
    // One change among ten thousand must not draw the others anew.
    let change = "(async () => { const desk = document.querySelector('.rows'); let touched = 0;\
         new MutationObserver((list) => { for (const m of list) touched += m.addedNodes.length + m.removedNodes.length; })\
           .observe(desk, { childList: true });\
         const start = performance.now();\
         for (let n = 0; n < 20; n += 1) window.kefuDesk.changed({ ...made(5000 + n), assignee: 'Tom', updated_at: new Date().toISOString() });\
         desk.getBoundingClientRect(); const spent = (performance.now() - start) / 20;\
         await new Promise((go) => setTimeout(go, 50)); return { spent, touched }; })()";
    let spent: Value = page.eval(change);
    assert_eq!(spent["touched"], 40, "{spent}");
    assert!(spent["spent"].as_f64().unwrap() < 50.0, "{spent}");
    page.screenshot("desk-ten-thousand-en-light");
}
