//! One page of the browser: what a person does with it, and what can be seen of it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::Engine;
use serde_json::{Value, json};

use super::chromium::Browser;

/// How long something on a page may take; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// Loaded into every page: finding elements in shadow trees, and the checks of [`Page::audit`].
const HELP: &str = include_str!("help.js");

pub(crate) struct Page<'a> {
    browser: &'a Browser,
    session: String,
}

impl<'a> Page<'a> {
    pub(super) fn open(browser: &'a Browser, context: &str) -> Self {
        let target = browser.call(
            None,
            "Target.createTarget",
            json!({"url": "about:blank", "browserContextId": context}),
        );
        let attached = browser.call(
            None,
            "Target.attachToTarget",
            json!({"targetId": target["targetId"], "flatten": true}),
        );
        let session = attached["sessionId"].as_str().unwrap().to_owned();
        let page = Self { browser, session };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.call(&format!("{domain}.enable"), json!({}));
        }
        page.call("Page.addScriptToEvaluateOnNewDocument", json!({"source": HELP}));
        page.size(1280, 800);
        page.language("en-US");
        page
    }

    pub(crate) fn call(&self, method: &str, params: Value) -> Value {
        self.browser.call(Some(&self.session), method, params)
    }

    // ---- how it is looked at --------------------------------------------------------------------

    pub(crate) fn size(&self, width: u32, height: u32) {
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    pub(crate) fn dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!([{"name": "prefers-color-scheme", "value": value}]);
        self.call("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    /// What the browser asks for; counts from the next load on.
    pub(crate) fn language(&self, language: &str) {
        let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0";
        let given = json!({"userAgent": agent, "acceptLanguage": language});
        self.call("Network.setUserAgentOverride", given);
    }

    // ---- what a person does -----------------------------------------------------------------------

    pub(crate) fn goto(&self, url: &str) {
        self.call("Page.navigate", json!({"url": url}));
        self.wait("document.readyState === 'complete' && !!window.kefuHelp", url);
    }

    pub(crate) fn reload(&self) {
        self.eval("window.kefuOld = true");
        self.call("Page.reload", json!({}));
        self.wait("document.readyState === 'complete' && !window.kefuOld", "reload");
    }

    /// Clicks the middle of the first shown element that matches the selector, in shadow trees too.
    pub(crate) fn click(&self, selector: &str) {
        self.click_at(&format!("find({})", json!(selector)), selector);
    }

    /// Clicks the first shown button, link or label with these words.
    pub(crate) fn press(&self, words: &str) {
        self.click_at(&format!("named({})", json!(words)), words);
    }

    fn click_at(&self, finder: &str, what: &str) {
        self.wait(&format!("!!kefuHelp.{finder}"), what);
        let place = self.eval(&format!("kefuHelp.middle(kefuHelp.{finder})"));
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let event = json!({
                "type": kind, "x": place["x"], "y": place["y"], "button": "left", "clickCount": 1,
            });
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    pub(crate) fn type_text(&self, text: &str) {
        self.call("Input.insertText", json!({"text": text}));
    }

    /// Presses and releases a key, such as `Enter`, `Tab`, `Escape` or `j`; `shift+Tab` with shift.
    pub(crate) fn key(&self, key: &str) {
        let (name, modifiers) = match key.rsplit_once('+') {
            Some(("shift", name)) => (name, 8),
            Some(("ctrl", name)) => (name, 2),
            _ => (key, 0),
        };
        let code = match name {
            "Enter" => 13,
            "Tab" => 9,
            "Escape" => 27,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            " " => 32,
            other => u32::from(other.to_ascii_uppercase().chars().next().unwrap()),
        };
        let mut event = json!({
            "type": "keyDown", "key": name, "windowsVirtualKeyCode": code, "modifiers": modifiers,
        });
        if modifiers & 2 == 0 && (name.len() == 1 || name == "Enter") {
            event["text"] = if name == "Enter" { "\r".into() } else { name.into() };
        }
        self.call("Input.dispatchKeyEvent", event.clone());
        event["type"] = "keyUp".into();
        self.call("Input.dispatchKeyEvent", event);
    }

    /// Moves the focus on with the Tab key until it rests on an element with this accessible name.
    pub(crate) fn tab_to(&self, name: &str) {
        let mut seen = Vec::new();
        for _ in 0..60 {
            let focus = self.eval("kefuHelp.focusName()");
            if focus == name {
                return;
            }
            seen.push(focus);
            self.key("Tab");
        }
        panic!("Tab never reaches {name:?}; it went over {seen:?}");
    }

    // ---- what can be seen -----------------------------------------------------------------------

    pub(crate) fn eval(&self, script: &str) -> Value {
        let given = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
        let result = self.call("Runtime.evaluate", given);
        assert!(result.get("exceptionDetails").is_none(), "{script}: {result}");
        result["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    pub(crate) fn wait(&self, condition: &str, what: &str) {
        let end = Instant::now() + PATIENCE;
        let guarded =
            format!("(() => {{ try {{ return !!({condition}) }} catch {{ return false }} }})()");
        while self.eval(&guarded) != true {
            if Instant::now() > end {
                self.screenshot("failure");
                panic!("{what}: never came true: {condition}\n{}", self.text());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the page shows these words.
    pub(crate) fn shows(&self, words: &str) {
        self.wait(&format!("kefuHelp.text().includes({})", json!(words)), words);
    }

    /// All that is shown, shadow trees included.
    pub(crate) fn text(&self) -> String {
        let text = self.eval("window.kefuHelp ? kefuHelp.text() : ''");
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Faults of what is shown now: contrast below 4.5 (3 for large text), targets below 24 px,
    /// controls without a name, things wider than the page, text that is cut off.
    pub(crate) fn audit(&self, what: &str) {
        self.audit_within("", what);
    }

    /// As [`Page::audit`], of one element with a shadow tree alone.
    pub(crate) fn audit_within(&self, host: &str, what: &str) {
        let faults = self.eval(&format!("kefuHelp.audit({})", json!(host)));
        let faults = faults.as_array().unwrap();
        let lines: Vec<&str> = faults.iter().filter_map(Value::as_str).collect();
        assert!(lines.is_empty(), "{what}:\n{}", lines.join("\n"));
    }

    /// How much the layout moved by itself; 0.1 is what counts as good.
    pub(crate) fn layout_shift(&self) -> f64 {
        self.eval("kefuHelp.shift").as_f64().unwrap()
    }

    /// No script failed and nothing was blocked since the last look.
    pub(crate) fn is_quiet(&self) {
        let faults: Vec<String> = self
            .browser
            .events(&self.session)
            .into_iter()
            .filter(|event| match event["method"].as_str() {
                Some("Runtime.exceptionThrown") => true,
                Some("Log.entryAdded") => {
                    let entry = &event["params"]["entry"];
                    entry["level"] == "error" && entry["source"] != "network"
                }
                _ => false,
            })
            .map(|event| event["params"].to_string())
            .collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    /// Keeps a picture in `screenshots/` of the target folder.
    pub(crate) fn screenshot(&self, name: &str) {
        let given = json!({"format": "png"});
        let picture = self.call("Page.captureScreenshot", given);
        let engine = base64::engine::general_purpose::STANDARD;
        let bytes = engine.decode(picture["data"].as_str().unwrap()).unwrap();
        let folder = screenshots();
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }
}

/// Beside the binary under test.
fn screenshots() -> PathBuf {
    let profile = PathBuf::from(crate::support::KEFU).parent().unwrap().to_owned();
    profile.parent().unwrap().join("screenshots")
}
