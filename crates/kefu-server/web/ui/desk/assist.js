// Help for the agent: what Kefu would say, where it stands, and what a draft had better not say.

import { button, emphasised, make } from "../shared/dom.js";
import { Problem } from "../shared/service.js";

const PAUSE_MS = 600;

export class Assist {
  #timer = null;
  #checking = null;

  /** `insert(text)` puts words into the reply; `warn(warnings)` shows what the draft says. */
  constructor({ service, words, insert, warn }) {
    Object.assign(this, { service, words, insert, warn });
    this.element = make("div", { class: "assist" });
    this.found = null;
  }

  async open(ticket) {
    this.ticketId = ticket.ticket_id;
    this.found = null;
    this.draw();
    try {
      const found = await this.service.post("v1/assist", { ticket_id: ticket.ticket_id });
      if (this.ticketId !== ticket.ticket_id) return;
      this.found = found;
    } catch {
      if (this.ticketId !== ticket.ticket_id) return;
      const { handoff } = ticket;
      this.found = { passages: [], similar_tickets: [], suggested_reply: handoff?.suggested_reply ?? null, soothing: null };
    }
    this.draw();
  }

  close() {
    this.ticketId = null;
    clearTimeout(this.#timer);
    this.#checking?.abort();
  }

  /** Looks at a draft once its writer pauses. */
  check(draft) {
    clearTimeout(this.#timer);
    this.#checking?.abort();
    if (!draft.trim()) return this.warn([]);
    this.#timer = setTimeout(() => this.#look(draft), PAUSE_MS);
  }

  async #look(draft) {
    const ticketId = this.ticketId;
    this.#checking = new AbortController();
    try {
      const options = { signal: this.#checking.signal };
      const { warnings } = await this.service.post("v1/assist", { ticket_id: ticketId, draft }, options);
      if (ticketId === this.ticketId) this.warn(warnings);
    } catch (error) {
      if (error instanceof Problem && ticketId === this.ticketId) this.warn([]);
    }
  }

  insertSuggestion() {
    const reply = this.found?.suggested_reply;
    if (reply) this.insert(reply.text);
  }

  draw() {
    const words = this.words();
    if (!this.found) {
      this.element.replaceChildren(make("p", { class: "small" }, words.loading));
      return;
    }
    const { suggested_reply: reply, soothing, passages, similar_tickets: similar } = this.found;
    const parts = [];
    if (reply) parts.push(heading(words.suggestion), this.#offer(reply, words));
    if (soothing) parts.push(heading(words.soothing), this.#offer(soothing, words));
    if (passages.length) {
      const items = passages.slice(0, 5).map((passage) => make("li", {}, this.#passage(passage)));
      parts.push(heading(words.passages), make("ul", { class: "passages" }, ...items));
    }
    if (similar.length) {
      const items = similar.map((ticket) => make("li", {},
        make("span", { class: "tag" }, ticket.number ?? ticket.ticket_id.slice(-6)), make("span", {}, ticket.subject),
        ticket.resolution ? make("p", { class: "small" }, ...emphasised(ticket.resolution)) : null));
      parts.push(heading(words.similar), make("ul", { class: "attempts" }, ...items));
    }
    if (!parts.length) parts.push(make("p", { class: "small" }, words.nothingFound));
    this.element.replaceChildren(...parts);
  }

  #offer({ text, citations = [], confidence }, words) {
    const sure = confidence ? make("span", { class: "small" }, words.sure(Math.round(confidence.value * 100))) : null;
    const sources = [...new Set(citations.map((citation) => citation.title))];
    return make("div", { class: "offer" },
      make("p", {}, ...emphasised(text)),
      sources.length ? make("p", { class: "small" }, `${words.sources}: ${sources.join(" · ")}`) : null,
      make("div", { class: "row" }, button({ class: "plain", onclick: () => this.insert(text) }, words.insert), sure));
  }

  #passage({ title, text, document_id: id }) {
    return make("details", {},
      make("summary", {}, title || id),
      make("p", { class: "passage" }, ...emphasised(text)));
  }
}

const heading = (text) => make("h4", {}, text);
