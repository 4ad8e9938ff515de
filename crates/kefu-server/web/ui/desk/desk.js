// The desk: who waits, who is there, and the ticket at hand.

import { button, icon, make } from "../shared/dom.js";
import { Live } from "../shared/live.js";
import { Service } from "../shared/service.js";
import { Storage } from "../shared/storage.js";
import {
  firstLanguage, forgetLanguageOfAddress, languageOfAddress, languageTag, showTheme, showWords,
} from "../shared/taste.js";
import { askFor, textField } from "./dialogs.js";
import { Drafts } from "./drafts.js";
import { Filters } from "./filters.js";
import { numberOf } from "./format.js";
import { Presence } from "./presence.js";
import { Queue } from "./queue.js";
import { Shortcuts } from "./shortcuts.js";
import { TicketView } from "./ticket.js";
import { en } from "./words.en.js";
import { zh } from "./words.zh.js";

const WORDS = { en, zh };
const TICK_MS = 20_000;
const SAID_MS = 6000;
const LONGEST_WAIT_MS = 1500;
const NARROW = "(max-width: 720px)"; // as in desk.css

class Desk {
  constructor(root) {
    this.root = root;
    this.taste = new Storage("kefu.");
    this.storage = new Storage("kefu.desk.");
    this.language = firstLanguage(languageOfAddress(), this.taste.read("language"));
    this.service = new Service(new URL("../../", import.meta.url));
    const shared = { service: this.service, storage: this.storage, words: () => this.words() };
    this.presence = new Presence(shared);
    const agent = () => this.presence.name ?? "";
    this.filters = new Filters({ ...shared, changed: (values) => this.#filter(values) });
    this.queue = new Queue({ ...shared, agent, choose: (id) => this.choose(id), failed: (error) => this.failed(error) });
    this.ticket = new TicketView({
      ...shared, agent,
      tag: () => languageTag(this.language),
      drafts: new Drafts(this.storage),
      ui: {
        say: (text) => this.say(text),
        alarm: (text) => this.alarm(text),
        failed: (error) => this.failed(error),
        left: () => this.leave(),
        queues: () => [...this.filters.queues].sort(),
        agents: () => this.presence.agents,
      },
    });
    this.shortcuts = new Shortcuts({ ...shared, taste: this.taste, steps: this.#steps() });
    this.#build();
  }

  words() {
    return WORDS[this.language];
  }

  #build() {
    this.brand = make("h1", { class: "brand" },
      make("span", { class: "brand-mark", "aria-hidden": "true" }, "客服"), make("span", { "data-text": "name" }));
    this.languageButton = button({ class: "quiet", onclick: () => this.switchLanguage() });
    this.nameButton = button({ class: "quiet who-button", onclick: () => this.askName(true) });
    const help = button({ class: "quiet round", "data-label": "help", onclick: () => this.shortcuts.help() }, icon("help"));
    this.lost = make("p", { class: "lost", role: "alert", hidden: true });
    this.said = make("p", { class: "toast", role: "status", hidden: true });
    this.alarmed = make("p", { class: "toast toast-alarm", role: "alert", hidden: true });
    this.toasts = make("div", { class: "toasts" }, this.said, this.alarmed);
    this.nothing = make("section", { class: "nothing" },
      make("h2", { "data-text": "pick" }), make("p", { class: "small", "data-text": "pickMore" }));
    const queue = make("section", { class: "queue", "data-label": "tickets" }, this.filters.element, this.queue.element);
    this.root.append(
      make("header", { class: "bar" }, this.brand,
        make("div", { class: "bar-actions" }, this.presence.count, this.presence.choice, this.nameButton,
          this.languageButton, help),
        this.presence.list),
      this.lost,
      make("main", { class: "panes" }, queue, this.nothing, this.ticket.element),
      this.toasts,
    );
  }

  async start() {
    showTheme(this.taste.read("theme") ?? "system", document.documentElement);
    this.#useLanguage(this.language);
    if (!this.presence.name) await this.askName();
    this.#drawName();
    this.presence.beat();
    this.presence.read();
    this.queue.filters = this.filters.values;
    this.#listen();
    this.#follow();
    addEventListener("hashchange", () => this.#follow());
    setInterval(() => document.hidden || this.#tick(), TICK_MS);
  }

  /** The list is read when the stream is open, so that nothing falls in between, or without it. */
  #listen() {
    const waiting = setTimeout(() => this.#reload(), LONGEST_WAIT_MS);
    new Live(this.service.url("v1/tickets/events"), {
      handlers: {
        ticket: (ticket) => this.changed(ticket),
        agents: (agents) => this.presence.take(agents.items ?? agents),
        reset: () => this.#reread(),
      },
      opened: () => {
        clearTimeout(waiting);
        this.lost.hidden = true;
        this.#reread(); // what happened before this moment was not heard
      },
      lost: () => {
        this.lost.textContent = this.words().lost;
        this.lost.hidden = false;
      },
    });
  }

  /** What happened meanwhile is not known: everything is read again. */
  #reread() {
    this.#reload();
    this.presence.read();
    this.ticket.refresh();
  }

  async #reload() {
    await this.queue.reload();
    this.filters.learn(...this.queue.tickets.map((ticket) => ticket.queue));
  }

  /** A ticket is new or changed. */
  changed(ticket) {
    this.filters.learn(ticket.queue);
    const isNew = this.queue.take(ticket) && ticket.status === "open" && ticket.created_at === ticket.updated_at;
    if (isNew) this.say(this.words().newTicket(numberOf(ticket)));
    this.ticket.changed(ticket);
  }

  #filter(values) {
    this.queue.filters = values;
    this.#reload();
  }

  #tick() {
    this.queue.tick();
    this.ticket.draw();
  }

  // ---- choosing -----------------------------------------------------------------------------------

  choose(id) {
    if (location.hash === `#${id}`) this.#follow();
    else location.hash = id;
  }

  leave() {
    history.replaceState(null, "", location.pathname + location.search);
    const id = this.queue.selected;
    this.#follow();
    this.queue.element.querySelector(`[aria-current]`)?.focus();
    this.queue.selected = id;
  }

  #follow() {
    const id = location.hash.slice(1);
    this.root.classList.toggle("has-ticket", id !== "");
    this.nothing.hidden = id !== "";
    if (!id) return this.ticket.close();
    this.queue.select(id);
    if (this.ticket.id !== id) this.ticket.open(id);
  }

  #move(by) {
    const id = this.queue.neighbour(by);
    if (id) this.choose(id);
  }

  #steps() {
    const onTicket = (step) => () => this.ticket.ticket && step(this.ticket);
    const unless = (status, step) => onTicket((view) => view.ticket.status !== status && step(view));
    return {
      j: () => this.#move(1),
      k: () => this.#move(-1),
      f: () => this.filters.focus(),
      c: unless("resolved", (view) => view.claim()),
      r: onTicket((view) => view.reply.text.focus()),
      i: onTicket((view) => view.assist.insertSuggestion()),
      t: unless("resolved", (view) => view.transfer()),
      b: unless("resolved", (view) => view.giveBack()),
      e: unless("resolved", (view) => view.resolve()),
      o: onTicket((view) => view.ticket.status === "resolved" && view.reopen()),
      l: onTicket((view) => view.teach(view.reply.text.value)),
    };
  }

  // ---- words and people -----------------------------------------------------------------------------

  async askName(isChange = false) {
    const words = this.words();
    const answer = await askFor({
      title: words.nameTitle, more: words.nameMore, action: words.nameSave, cancel: isChange ? words.cancel : null,
      fields: [textField(words.nameLabel, "name", this.presence.name ?? "", { required: true, maxlength: "60", pattern: ".*\\S.*", autocomplete: "name" })],
    });
    if (!answer) return;
    this.presence.rename(answer.name.trim());
    this.#drawName();
    this.queue.redraw();
    this.ticket.draw();
  }

  #drawName() {
    const words = this.words();
    this.nameButton.textContent = this.presence.name ?? "";
    this.nameButton.title = words.nameChange;
    this.nameButton.setAttribute("aria-label", `${words.nameChange}: ${this.presence.name ?? ""}`);
  }

  switchLanguage() {
    const language = this.language === "zh" ? "en" : "zh";
    this.taste.write("language", language);
    forgetLanguageOfAddress();
    this.#useLanguage(language);
  }

  #useLanguage(language) {
    this.language = language;
    const words = this.words();
    document.documentElement.lang = languageTag(language);
    document.title = words.title;
    showWords(document, words);
    this.languageButton.textContent = words.otherLanguage;
    this.languageButton.setAttribute("aria-label", words.otherLanguageLabel);
    this.languageButton.lang = languageTag(language === "zh" ? "en" : "zh");
    if (!this.lost.hidden) this.lost.textContent = words.lost;
    this.#drawName();
    this.presence.draw();
    this.filters.draw();
    this.queue.redraw();
    this.ticket.redraw();
  }

  say(text) {
    this.#toast(this.said, text);
  }

  alarm(text) {
    this.#toast(this.alarmed, text);
  }

  failed(error) {
    const words = this.words();
    this.alarm(error.code === "offline" ? words.offline : error.detail || words.failed);
  }

  /** On narrow screens what is said stands between other parts and covers none. */
  #toast(element, text) {
    const place = this.ticket.isTalk && matchMedia(NARROW).matches ? this.ticket.news : this.root;
    if (this.toasts.parentElement !== place) place.append(this.toasts);
    this.ticket.transcript.keepEnd(() => {
      element.hidden = false;
      element.textContent = text;
    });
    clearTimeout(element.timer);
    element.timer = setTimeout(() => (element.hidden = true), SAID_MS);
  }
}

window.kefuDesk = new Desk(document.getElementById("desk"));
window.kefuDesk.start();
