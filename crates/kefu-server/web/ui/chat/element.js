// <kefu-chat>: the chat as an element, as a whole page or as a panel in the corner of any page.
// Text from anywhere reaches the page as text nodes only.

import { button, icon, make, scriptOf } from "../shared/dom.js";
import { Service } from "../shared/service.js";
import { Storage } from "../shared/storage.js";
import {
  firstLanguage, forgetLanguageOfAddress, languageOfAddress, languageTag, showTheme, showWords,
} from "../shared/taste.js";
import { Connection } from "./connection.js";
import { Log, announce } from "./log.js";
import { settingsPanel } from "./settings.js";
import { SourcePanel } from "./source.js";
import { Talk } from "./talk.js";
import { chatView } from "./view.js";
import { en } from "./words.en.js";
import { zh } from "./words.zh.js";

const WORDS = { en, zh };
const ROOT = new URL("../../", import.meta.url);
const STYLES = ["../shared/tokens.css", "../shared/parts.css", "chat.css"];

/**
 * Attributes, all optional: `mode` ("page" or "widget"), `server` (where Kefu is, else where this
 * script came from), `lang`, `heading`, `position` ("right" or "left"), `customer` (the site's id
 * of the customer), `customer-tier`, and what the site's own server made of both:
 * `customer-expires` and `customer-signature`.
 */
export class KefuChat extends HTMLElement {
  #n_news = 0;

  async connectedCallback() {
    if (this.shadowRoot) return;
    this.attachShadow({ mode: "open" });
    this.shadowRoot.adoptedStyleSheets = await Promise.all(STYLES.map(sheet));
    this.#build();
    this.#listen();
    this.#useLanguage(this.language);
    this.#setTheme(this.theme);
    this.showState();
    this.#loadQuestions();
    this.talk.resume();
    if (this.isPage) this.view.question.focus();
    this.dispatchEvent(new Event("kefu-ready"));
  }

  #build() {
    this.isPage = this.getAttribute("mode") === "page";
    const server = new URL(this.getAttribute("server") || ROOT, document.baseURI);
    const customer = this.getAttribute("customer");
    this.service = new Service(server);
    this.taste = new Storage("kefu.");
    this.storage = new Storage(`kefu.${server.host}.${customer ? `${customer}.` : ""}`);
    const given = this.getAttribute("lang") || (this.isPage ? null : document.documentElement.lang);
    const asked = this.isPage ? languageOfAddress() : null;
    this.language = firstLanguage(asked, this.taste.read("language"), given);
    this.theme = this.taste.read("theme") ?? "system";
    this.settings = { customer: customer ? this.#customer(customer) : null, consent: this.taste.read("consent") ?? true };

    const words = () => WORDS[this.language];
    this.words = words;
    this.view = chatView({ isPage: this.isPage, heading: this.getAttribute("heading") });
    this.source = new SourcePanel(this.service);
    this.log = new Log({
      list: this.view.log,
      scroller: this.view.scroller,
      welcome: this.view.welcome,
      draw: { words, service: this.service, hooks: {
        say: (text) => this.talk.say(text),
        open: (citation) => this.source.open(citation, words()),
        callPerson: () => this.#callPerson(),
        rated: (entry, rating) => this.talk.rated(entry, rating),
      } },
    });
    const alarm = (text) => announce(this.view.assertive, text);
    this.connection = new Connection({ banner: this.view.banner, words, alarm, retry: () => this.talk.retry() });
    this.talk = new Talk({
      service: this.service, storage: this.storage, log: this.log, connection: this.connection,
      words, settings: this.settings,
      ui: {
        alarm,
        announce: (text) => announce(this.view.polite, text),
        news: (n) => this.#news(n),
        showState: () => this.showState(),
        giveBack: (text) => this.#giveBack(text),
      },
    });
    this.shadowRoot.append(this.view.shell, this.source.dialog);
    if (!this.isPage) this.#addLauncher();
  }

  /** The customer as the service is told of them. */
  #customer(id) {
    const given = (name) => this.getAttribute(`customer-${name}`) || undefined;
    const expires = given("expires");
    return { id, tier: given("tier"), expires: expires && Number(expires), signature: given("signature") };
  }

  #listen() {
    const { view } = this;
    view.composer.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    view.question.addEventListener("input", () => this.#fitQuestion());
    view.question.addEventListener("keydown", (event) => {
      // Enter that ends the composition of a Chinese word is not a send.
      const isComposing = event.isComposing || event.keyCode === 229;
      if (event.key !== "Enter" || event.shiftKey || isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    view.stop.addEventListener("click", () => {
      this.talk.stop();
      view.question.focus();
    });
    view.person.addEventListener("click", () => this.#callPerson());
    view.restart.addEventListener("click", () => this.#restart());
    view.language.addEventListener("click", () => {
      this.#useLanguage(this.language === "zh" ? "en" : "zh");
      this.taste.write("language", this.language);
      if (this.isPage) forgetLanguageOfAddress();
    });
    view.settingsToggle.addEventListener("click", () => this.#toggleSettings());
    view.minimise.addEventListener("click", () => this.close());
    this.shadowRoot.addEventListener("keydown", (event) => {
      event.stopPropagation(); // shortcuts of the site around are not meant
      if (event.key !== "Escape" || this.source.dialog.open) return;
      if (!view.settings.hidden) this.#toggleSettings();
      else if (!this.isPage) this.close();
    });
  }

  #submit() {
    const text = this.view.question.value.trim();
    if (!text || !this.talk.say(text)) return;
    this.view.question.value = "";
    this.#fitQuestion();
  }

  /** Words that could not be sent as they are, to be changed; what is being written comes first. */
  #giveBack(text) {
    if (this.view.question.value) return;
    this.view.question.value = text;
    this.#fitQuestion();
  }

  #fitQuestion() {
    this.view.question.style.height = "auto";
    this.view.question.style.height = `${this.view.question.scrollHeight}px`;
  }

  #callPerson() {
    if (!this.talk.waitsForPerson) this.talk.say(this.words().personAsk);
  }

  /** Begins anew, after a question for a rating where one makes sense. */
  #restart() {
    const restart = () => {
      this.talk.startOver();
      this.view.question.focus();
    };
    const pending = this.log.last("rating");
    const keep = () => {
      this.log.remove(this.log.last("rating"));
      this.view.question.focus();
    };
    const asks = !pending?.restart && this.talk.askForRating({ restart, keep });
    if (!asks) return restart();
    this.log.scrollToEnd();
    this.log.last("rating").element.querySelector("input").focus({ preventScroll: true });
  }

  /** Who has the conversation, and what can be done now. */
  showState() {
    const { view, talk } = this;
    const words = this.words();
    view.stop.hidden = talk.asking === null;
    const isCalled = talk.waitsForPerson;
    view.person.setAttribute("aria-disabled", String(isCalled));
    view.personWords.textContent = isCalled ? words.personCalled : words.person;
    const parts = [];
    if (talk.mode === "queued") parts.push(words.queuedLine);
    if (talk.mode === "human") parts.push(words.humanLine(talk.ticket?.agent));
    if (talk.mode === "closed") parts.push(words.closedLine);
    if (isCalled && !this.settings.consent) parts.push(words.unread);
    if (isCalled && talk.ticket?.number) parts.push(words.ticket(talk.ticket.number));
    if (talk.mode === "queued" && talk.ticket?.callback_at) {
      parts.push(words.callback(shortTime(talk.ticket.callback_at, this.language)));
    }
    view.line.dataset.mode = talk.mode;
    view.line.hidden = parts.length === 0;
    const text = parts.join(" · ");
    if (view.line.textContent !== text) view.line.textContent = text;
  }

  // ---- words, colours, settings -----------------------------------------------------------------

  #useLanguage(language) {
    this.language = language;
    const words = this.words();
    this.view.shell.lang = languageTag(language);
    this.source.dialog.lang = languageTag(language);
    if (this.isPage) {
      document.documentElement.lang = languageTag(language);
      document.title = words.title;
    }
    showWords(this.shadowRoot, words);
    this.view.language.textContent = words.otherLanguage;
    this.view.language.setAttribute("aria-label", words.otherLanguageLabel);
    this.view.language.lang = languageTag(language === "zh" ? "en" : "zh");
    this.#drawSettings();
    this.#showQuestions();
    this.#showNews();
    this.log.redraw();
    this.connection.show();
    this.showState();
  }

  #setTheme(theme) {
    this.theme = theme;
    showTheme(theme, this, ...(this.isPage ? [document.documentElement] : []));
  }

  #drawSettings() {
    this.view.settings.replaceChildren(...settingsPanel(this.words(), {
      theme: this.theme,
      consent: this.settings.consent,
      setTheme: (theme) => {
        this.taste.write("theme", theme);
        this.#setTheme(theme);
      },
      setConsent: (consent) => {
        this.taste.write("consent", consent);
        this.settings.consent = consent;
        this.showState();
        if (consent && this.talk.waitsForPerson) this.talk.notice("plain", (words) => ({ title: words.readAgain }));
      },
    }));
  }

  #toggleSettings() {
    const { settings, settingsToggle } = this.view;
    settings.hidden = !settings.hidden;
    settingsToggle.setAttribute("aria-expanded", String(!settings.hidden));
    (settings.hidden ? settingsToggle : settings.querySelector("input")).focus();
  }

  // ---- frequent questions -------------------------------------------------------------------------

  async #loadQuestions() {
    try {
      this.questions = (await this.service.read("v1/faq")).items.map((item) => item.question);
    } catch {
      this.questions = [];
    }
    this.#showQuestions();
  }

  /** Offers the questions in the language of the chat, or all when none is. */
  #showQuestions() {
    const all = this.questions ?? [];
    const own = all.filter((question) => scriptOf(question) === this.language);
    const shown = (own.length ? own : all).slice(0, 6);
    const items = shown.map((question) => make("li", {}, button({ onclick: () => this.talk.say(question) }, question)));
    this.view.faq.replaceChildren(...items);
    this.view.frequent.hidden = items.length === 0;
  }

  // ---- the panel in the corner ----------------------------------------------------------------------

  #addLauncher() {
    const badge = make("span", { class: "badge", hidden: true, "aria-hidden": "true" });
    const launcher = button({ class: "launcher", "aria-expanded": "false" }, icon("chat"), badge);
    launcher.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    Object.assign(this.view, { launcher, badge });
    this.view.shell.setAttribute("role", "dialog");
    this.view.shell.setAttribute("aria-labelledby", "brand");
    this.view.shell.id = "panel";
    this.view.shell.hidden = true;
    this.shadowRoot.prepend(launcher);
  }

  get isOpen() {
    return !this.view.shell.hidden;
  }

  open() {
    this.view.shell.hidden = false;
    this.toggleAttribute("open", true);
    this.view.launcher.setAttribute("aria-expanded", "true");
    this.#n_news = 0;
    this.#showNews();
    this.log.scrollToEnd();
    this.view.question.focus();
  }

  close() {
    this.view.shell.hidden = true;
    this.toggleAttribute("open", false);
    this.view.launcher.setAttribute("aria-expanded", "false");
    this.view.launcher.focus();
  }

  #news(n) {
    if (this.isPage || this.isOpen) return;
    this.#n_news += n;
    this.#showNews();
  }

  #showNews() {
    if (this.isPage) return;
    const { launcher, badge } = this.view;
    const words = this.words();
    badge.hidden = this.#n_news === 0;
    badge.textContent = String(this.#n_news);
    launcher.setAttribute("aria-label", this.#n_news ? words.openNews(this.#n_news) : words.open);
  }
}

/** A style as an object, so that a site needs no permission for styles beside that for the script. */
async function sheet(path) {
  const response = await fetch(new URL(path, import.meta.url));
  return new CSSStyleSheet().replace(await response.text());
}

/** The time, with the day when it is not today. */
function shortTime(text, language) {
  const time = new Date(text);
  const isToday = time.toDateString() === new Date().toDateString();
  const day = isToday ? {} : { month: "short", day: "numeric", weekday: "short" };
  return time.toLocaleString(languageTag(language), { ...day, hour: "2-digit", minute: "2-digit" });
}

if (!customElements.get("kefu-chat")) customElements.define("kefu-chat", KefuChat);
