//! The chat page.

use serde_json::json;

use super::chromium::Browser;
use super::network::Wire;
use super::page::Page;
use crate::support::{Service, kefu, root, stdout};

/// A service over the sample shop, without models.
fn shop() -> (tempfile::TempDir, Service) {
    let dir = tempfile::tempdir().unwrap();
    stdout(kefu(dir.path()).arg("ingest").arg(root().join("ingest/samples")));
    let service = Service::serve(dir.path());
    (dir, service)
}

fn say(page: &Page<'_>, words: &str) {
    page.click("#question");
    page.type_text(words);
    page.key("Enter");
}

/// Turns of customers that the service has on record in the page's conversation.
fn customer_turns(page: &Page<'_>, service: &Service) -> Vec<String> {
    let id = page.eval("document.querySelector('kefu-chat').talk.conversation");
    let (_, conversation) = service.get(&format!("/v1/conversations/{}", id.as_str().unwrap()));
    let turns = conversation["turns"].as_array().unwrap().iter();
    let own = turns.filter(|turn| turn["speaker"] == "customer");
    own.map(|turn| turn["text"].as_str().unwrap().to_owned()).collect()
}

const ANSWERED: &str =
    "kefuHelp.find('.sources button') && !kefuHelp.find('.is-writing, .progress')";

#[test]
fn a_question_is_answered_and_its_source_opens_at_the_quote() {
    let Some(browser) = Browser::start("chat page") else { return };
    let (_dir, service) = shop();
    let page = browser.page();
    page.goto(&service.address);
    page.shows("How can we help?");
    page.wait("kefuHelp.findAll('.suggestions button').length > 0", "frequent questions");
    page.audit("welcome");
    page.screenshot("chat-welcome-en-light");

    say(&page, "How long do I have to return something?");
    page.wait(ANSWERED, "the answer");
    page.wait(
        "kefuHelp.find('[aria-live=polite]').textContent.includes(\
         kefuHelp.find('.turn-assistant .words').textContent)",
        "the answer is announced",
    );
    page.audit("answer");
    page.screenshot("chat-answer-en-light");
    assert!(page.layout_shift() < 0.1, "{}", page.layout_shift());

    page.click(".sources button");
    page.wait("kefuHelp.find('.source-text mark')", "the marked sentence");
    let is_seen = "(() => { const mark = kefuHelp.find('.source-text mark').getBoundingClientRect(); \
         const box = kefuHelp.find('.source-text').getBoundingClientRect(); \
         return mark.top >= box.top && mark.bottom <= box.bottom; })()";
    assert_eq!(page.eval(is_seen), true, "the quote is not in sight");
    let quoted =
        "document.querySelector('kefu-chat').log.last('assistant').answer.citations[0].quote";
    assert_eq!(page.eval("kefuHelp.find('mark').textContent"), page.eval(quoted));
    page.audit("source");
    page.screenshot("chat-source-en-light");
    page.key("Escape");
    page.wait("!kefuHelp.find('dialog[open]')", "the panel closes");
    let focus = page.eval("kefuHelp.focusName()");
    assert!(focus.as_str().unwrap().starts_with("Source 1"), "focus is lost: {focus}");
    page.is_quiet();
}

#[test]
fn it_looks_right_in_both_languages_dark_and_narrow() {
    let Some(browser) = Browser::start("chat page: looks") else { return };
    let (_dir, service) = shop();
    for (language, question) in
        [("en", "How long do I have to return something?"), ("zh-CN", "积分什么时候过期？")]
    {
        let page = browser.page();
        page.language(language);
        page.dark(true);
        page.size(360, 740);
        page.goto(&service.address);
        page.wait("kefuHelp.findAll('.suggestions button').length > 0", "frequent questions");
        assert_eq!(page.eval("document.documentElement.lang"), language);
        page.audit("welcome");
        page.screenshot(&format!("chat-welcome-{language}-dark-phone"));
        say(&page, question);
        page.wait(ANSWERED, "the answer");
        page.audit("answer");
        page.screenshot(&format!("chat-answer-{language}-dark-phone"));

        let long = "https://shop.example/a-very-long-address/without-any-space/0123456789abcdef0123456789abcdef0123456789abcdef";
        say(&page, long);
        page.wait("kefuHelp.findAll('.turn-assistant .after').length > 1", "the second answer");
        page.audit("long words");
        page.screenshot(&format!("chat-long-{language}-dark-phone"));

        page.click("[aria-controls=settings]");
        page.wait("kefuHelp.find('#settings')", "settings");
        page.audit("settings");
        page.screenshot(&format!("chat-settings-{language}-dark-phone"));
        page.click("[name=theme][value=light]");
        page.wait(
            "getComputedStyle(document.querySelector('kefu-chat')).colorScheme === 'light'",
            "light",
        );
        page.audit("settings, light by choice");
        page.key("Escape");
        page.press(if language == "en" { "切换到中文" } else { "Switch to English" });
        page.wait("kefuHelp.find('.suggestions') || kefuHelp.find('.who')", "still there");
        page.audit("switched");
        page.screenshot(&format!("chat-switched-from-{language}-light-phone"));
        page.reload();
        page.wait("kefuHelp.findAll('.turn-customer').length === 2", "history");
        let tag = if language == "en" { "zh-CN" } else { "en" };
        assert_eq!(page.eval("document.documentElement.lang"), tag, "the choice is kept");
        page.is_quiet();
    }
}

#[test]
fn the_conversation_outlives_the_page_and_can_be_left() {
    let Some(browser) = Browser::start("chat page: history") else { return };
    let (_dir, service) = shop();
    let page = browser.page();
    page.goto(&service.address);
    say(&page, "How long do I have to return something?");
    page.wait(ANSWERED, "the answer");
    let before = page.text();
    page.reload();
    page.wait(ANSWERED, "the answer with its sources");
    for line in ["How long do I have to return something?", "AI"] {
        assert_eq!(before.matches(line).count(), page.text().matches(line).count(), "{line}");
    }
    say(&page, "How much is express delivery?");
    page.wait("kefuHelp.findAll('.turn-assistant .after').length === 2", "the second answer");
    assert_eq!(customer_turns(&page, &service).len(), 2);

    page.press("Start over");
    page.shows("How was this conversation?");
    page.audit("rating");
    page.screenshot("chat-rating-en-light");
    page.click(".star:nth-child(4)");
    page.press("Send rating");
    page.shows("Thank you for your rating.");
    page.click(".notice .restart");
    page.shows("How can we help?");
    assert_eq!(page.eval("document.querySelector('kefu-chat').talk.conversation"), json!(null));
    page.reload();
    page.shows("How can we help?");
    page.is_quiet();
}

#[test]
fn a_network_that_drops_loses_no_message_and_doubles_none() {
    let Some(browser) = Browser::start("chat page: network") else { return };
    let (_dir, service) = shop();
    let wire = Wire::to(&service.address);
    let page = browser.page();
    page.goto(&wire.address);
    say(&page, "How long do I have to return something?");
    page.wait(ANSWERED, "the answer");

    wire.cut();
    say(&page, "How much is express delivery?");
    page.shows("No connection.");
    page.shows("Waiting to be sent");
    page.wait(
        "kefuHelp.find('[aria-live=assertive]').textContent.includes('No connection.')",
        "the loss is announced",
    );
    say(&page, "How long is the warranty?");
    page.audit("no connection");
    page.screenshot("chat-offline-en-light");
    wire.mend();
    page.wait("kefuHelp.findAll('.turn-assistant .after').length === 3", "both were answered");
    page.wait("!kefuHelp.find('.banner')", "the banner goes");
    assert_eq!(customer_turns(&page, &service).len(), 3);

    // The question arrives and its answer is lost on the way.
    wire.mute();
    say(&page, "Do you ship abroad?");
    let asked = || customer_turns(&page, &service).len() == 4;
    for _ in 0..200 {
        if asked() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(asked(), "the question never arrived");
    wire.cut();
    page.shows("No connection.");
    wire.mend();
    page.wait("!kefuHelp.find('.banner') && !kefuHelp.find('.is-waiting')", "it is delivered");
    page.wait("kefuHelp.findAll('.turn-assistant .after').length === 4", "its answer is there");
    let turns = customer_turns(&page, &service);
    assert_eq!(turns.len(), 4, "{turns:?}");
    assert_eq!(page.eval("kefuHelp.findAll('.turn-customer').length"), 4);

    // What waits outlives the page.
    wire.cut();
    say(&page, "Can I pay by invoice?");
    page.shows("Waiting to be sent");
    wire.mend();
    page.reload();
    page.wait(
        "kefuHelp.findAll('.turn-customer').length === 5 && !kefuHelp.find('.is-waiting')",
        "sent",
    );
    page.wait("!kefuHelp.find('.progress, .is-writing')", "answered");
    let turns = customer_turns(&page, &service);
    assert_eq!(
        turns.iter().filter(|turn| *turn == "Can I pay by invoice?").count(),
        1,
        "{turns:?}"
    );
}

#[test]
fn without_consent_no_word_is_kept() {
    let Some(browser) = Browser::start("chat page: consent") else { return };
    let (_dir, service) = shop();
    let page = browser.page();
    page.goto(&service.address);
    page.click("[aria-controls=settings]");
    page.click("[role=switch]");
    page.key("Escape");
    say(&page, "How long do I have to return something?");
    page.wait(ANSWERED, "the answer");
    assert_eq!(customer_turns(&page, &service), [""]);
    page.reload();
    page.shows("(not kept, as you wished)");
    page.click("[aria-controls=settings]");
    assert_eq!(page.eval("kefuHelp.find('[role=switch]').checked"), false, "the choice is kept");
    page.is_quiet();
}

#[test]
fn pictures_are_answered_and_what_is_too_long_comes_back_to_be_shortened() {
    let Some(browser) = Browser::start("chat page: signs") else { return };
    let (_dir, service) = shop();
    let page = browser.page();
    page.goto(&service.address);
    say(&page, "👍");
    page.shows("All right. Is there anything else I can help with?");
    let long = "My kettle leaks. ".repeat(1_000);
    say(&page, &long);
    page.shows("That message is too long. Please shorten it.");
    page.wait("kefuHelp.find('#question').value.startsWith('My kettle leaks.')", "it is back");
    assert!(!page.text().contains("Try again"), "the same would fail again");
    page.audit("too long");
    page.eval("kefuHelp.find('#question').value = ''");
    say(&page, "How long do I have to return something?");
    page.wait(ANSWERED, "the answer");
    page.is_quiet();
}

#[test]
fn everything_can_be_done_with_the_keyboard() {
    let Some(browser) = Browser::start("chat page: keyboard") else { return };
    let (_dir, service) = shop();
    let page = browser.page();
    page.goto(&service.address);
    page.wait("kefuHelp.focusName() === 'Your message'", "the question has the focus");
    page.type_text("How long do I have to return something?");
    page.key("Enter");
    page.wait(ANSWERED, "the answer");
    page.tab_to("Settings");
    page.key("Enter");
    page.wait("kefuHelp.find('#settings')", "settings open");
    page.key("Escape");
    page.wait("!kefuHelp.find('#settings') && kefuHelp.focusName() === 'Settings'", "and close");
    let source = page.eval("kefuHelp.find('.sources button').computedName");
    page.tab_to(source.as_str().unwrap());
    page.screenshot("chat-focus-en-light");
    page.key("Enter");
    page.wait("kefuHelp.find('.source-text mark')", "the source opens");
    page.key("Escape");
    page.tab_to("This helped");
    page.key("Enter");
    page.shows("Thank you.");
    page.tab_to("Talk to a person");
    page.key("Enter");
    page.shows("Waiting for a person");
    page.wait("kefuHelp.find('.person[aria-disabled=true]')", "a person was called");
    page.audit("handed over");
    page.screenshot("chat-queued-en-light");
    page.is_quiet();
}

#[test]
fn outside_of_working_hours_the_customer_is_told_when() {
    let Some(browser) = Browser::start("chat page: working hours") else { return };
    let dir = tempfile::tempdir().unwrap();
    // One minute a week, and not within the next hours.
    let day = if browser.page().eval("new Date().getUTCDay()") == 1 { "thu" } else { "mon" };
    let hours = format!("{day} 03:00-03:01");
    let service = Service::start(kefu(dir.path()).arg("serve").env("KEFU__DESK__HOURS", hours));
    let page = browser.page();
    page.goto(&service.address);
    page.press("Talk to a person");
    page.shows("Waiting for a person");
    page.shows("We get back to you by");
    page.shows("Ticket K-1001");
    page.audit("nobody on duty");
    page.screenshot("chat-nobody-on-duty-en-light");
    page.reload();
    page.shows("We get back to you by");
    page.is_quiet();
}

#[test]
fn both_languages_have_a_word_for_everything() {
    let Some(browser) = Browser::start("words of the pages") else { return };
    let dir = tempfile::tempdir().unwrap();
    let service = Service::serve(dir.path());
    let page = browser.page();
    page.goto(&service.address);
    for part in ["chat", "desk"] {
        let missing = format!(
            "(async () => {{ \
             const {{ en }} = await import('/ui/{part}/words.en.js'); \
             const {{ zh }} = await import('/ui/{part}/words.zh.js'); \
             const entries = (words, at = '') => Object.entries(words).flatMap(([name, value]) => \
               value && typeof value === 'object' ? entries(value, `${{at}}${{name}}.`) \
                 : [`${{at}}${{name}}:${{typeof value}}`]); \
             const [left, right] = [new Set(entries(en)), new Set(entries(zh))]; \
             return [...left.symmetricDifference(right)]; }})()"
        );
        assert_eq!(page.eval(&missing), json!([]), "{part}");
    }
}

#[test]
fn nothing_moves_for_those_who_do_not_want_it() {
    let Some(browser) = Browser::start("chat page: motion") else { return };
    let dir = tempfile::tempdir().unwrap();
    let service = Service::serve(dir.path());
    let page = browser.page();
    let features = json!([{"name": "prefers-reduced-motion", "value": "reduce"}]);
    page.call("Emulation.setEmulatedMedia", json!({"features": features}));
    page.goto(&service.address);
    page.shows("How can we help?");
    let animated = "(() => { const log = document.querySelector('kefu-chat').log; \
         const entry = log.add({ kind: 'assistant', text: '', progress: 'triage' }); \
         return getComputedStyle(entry.element.querySelector('.progress'), '::before').animationName; })()";
    assert_eq!(page.eval(animated), "none");
}
