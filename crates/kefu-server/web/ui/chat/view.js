// The parts of the chat that are always there.

import { button, icon, make } from "../shared/dom.js";

/** Makes the chat. What it says is written by `showWords`. */
export function chatView({ isPage, heading }) {
  const title = make(isPage ? "h1" : "h2", { class: "brand", id: "brand" },
    make("span", { class: "brand-mark", "aria-hidden": "true" }, "客服"),
    heading ? make("span", {}, heading) : make("span", { "data-text": "name" }),
  );
  const language = button({ class: "quiet" });
  const restart = button({ class: "quiet round", "data-label": "restart" }, icon("restart"));
  const settingsToggle = button(
    { class: "quiet round", "data-label": "settings", "aria-expanded": "false", "aria-controls": "settings" },
    icon("settings"),
  );
  const minimise = button({ class: "quiet round", "data-label": "minimise", hidden: isPage }, icon("close"));
  const settings = make("div", { class: "settings", id: "settings", hidden: true });
  const line = make("p", { class: "line", role: "status", hidden: true });
  const banner = make("div", { class: "banner", hidden: true });

  const faq = make("ul", { class: "suggestions" });
  const frequent = make("h3", { class: "frequent", hidden: true, "data-text": "frequent" });
  const welcome = make("section", { class: "welcome" },
    make(isPage ? "h2" : "h3", { class: "greeting", "data-text": "welcome" }),
    make("p", { "data-text": "about" }),
    frequent,
    faq,
  );
  const log = make("ol", { class: "log", "data-label": "conversation" });
  const scroller = make(isPage ? "main" : "div",
    { class: "scroller", tabindex: "0", role: isPage ? null : "region", "data-label": "conversation" },
    make("div", { class: "measure" }, welcome, log));

  const question = make("textarea", {
    id: "question", rows: "1", enterkeyhint: "send", autocomplete: "off", "data-hint": "questionHint",
  });
  const send = make("button", { type: "submit", class: "send", "data-label": "send" }, icon("send"));
  const stop = button({ class: "send stop", "data-label": "stop", hidden: true }, icon("stop"));
  const composer = make("form", { class: "composer", novalidate: true },
    make("label", { class: "unseen", for: "question", "data-text": "questionLabel" }), question, stop, send);
  const personWords = make("span", { "data-text": "person" });
  const person = button({ class: "person" }, icon("person"), personWords);
  const dock = make(isPage ? "footer" : "div", { class: "dock" },
    composer,
    make("div", { class: "under" }, make("p", { class: "disclosure", "data-text": "disclosure" }), person),
  );

  const polite = make("p", { class: "unseen", role: "status", "aria-live": "polite" });
  const assertive = make("p", { class: "unseen", role: "alert", "aria-live": "assertive" });
  const bar = make(isPage ? "header" : "div", { class: "bar" }, title,
    make("div", { class: "bar-actions" }, restart, language, settingsToggle, minimise));
  const shell = make("div", { class: "shell" },
    bar, settings, line, banner, scroller, dock, polite, assertive);
  return {
    shell, bar, language, restart, settingsToggle, settings, minimise, line, banner, welcome, faq,
    frequent, log, scroller, composer, question, send, stop, person, personWords, polite, assertive,
  };
}
