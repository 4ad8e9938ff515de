// The list of tickets: pages of what matches the filters, kept live.

import { button, make } from "../shared/dom.js";
import { ago, numberOf, queueOf, slaOf, wordOf } from "./format.js";

const PAGE = 50;
const LONGEST_PAGE = 500;
const URGENCY = { urgent: 0, high: 1, normal: 2, low: 3 };

export class Queue {
  #rows = new Map(); // id -> { ticket, element }
  #order = [];
  #cursor = null;
  #loading = 0;

  constructor({ service, words, agent, choose, failed }) {
    Object.assign(this, { service, words, agent, choose, failed });
    this.filters = { status: "open" };
    this.selected = null;
    this.list = make("ol", { class: "rows", "data-label": "tickets" });
    this.empty = make("div", { class: "empty", hidden: true });
    this.more = button({ class: "plain more", hidden: true, onclick: () => this.next() });
    this.element = make("div", { class: "queue-body" }, this.list, this.empty, this.more);
    new IntersectionObserver((seen) => {
      if (seen.some((entry) => entry.isIntersecting) && this.#cursor) this.next();
    }, { rootMargin: "300px" }).observe(this.more);
  }

  get tickets() {
    return this.#order;
  }

  ticket(id) {
    return this.#rows.get(id)?.ticket ?? null;
  }

  /** Reads the list from its beginning. */
  async reload() {
    this.#cursor = null;
    await this.#page({ anew: true });
  }

  /** Reads the next page. */
  next() {
    return this.#page();
  }

  async #page({ anew = false } = {}) {
    if (this.#loading && !anew) return;
    const mine = (this.#loading = performance.now());
    const cursor = anew ? null : this.#cursor;
    const limit = anew ? Math.min(Math.max(PAGE, this.#order.length), LONGEST_PAGE) : PAGE;
    const query = new URLSearchParams({ limit });
    const { mine: onlyMine, ...filters } = this.filters;
    for (const [name, value] of Object.entries(filters)) if (value) query.set(name, value);
    if (onlyMine) query.set("assignee", this.agent());
    if (cursor) query.set("cursor", cursor);
    try {
      const page = await this.service.read(`v1/tickets?${query}`);
      if (mine !== this.#loading) return;
      const { scrollTop } = this.element;
      if (anew) this.#clear();
      this.#cursor = page.next_cursor;
      for (const ticket of page.items) this.#insert(ticket, this.#order.length);
      this.element.scrollTop = scrollTop;
    } catch (error) {
      if (mine === this.#loading) this.failed(error);
    } finally {
      if (mine === this.#loading) this.#loading = 0;
      this.#showEnds();
    }
  }

  #clear() {
    this.#rows.clear();
    this.#order = [];
    this.list.replaceChildren();
  }

  /** A ticket changed: it takes its place, or leaves when it no longer matches. */
  take(ticket) {
    const known = this.#rows.get(ticket.ticket_id);
    if (known) this.#remove(ticket.ticket_id);
    if (this.#matches(ticket)) {
      const at = this.#place(ticket);
      const isBeyond = at === this.#order.length && this.#cursor;
      if (!isBeyond) this.#insert(ticket, at);
    }
    this.#showEnds();
    return !known;
  }

  #matches(ticket) {
    const { status, queue, priority, language, mine } = this.filters;
    return (!status || ticket.status === status) && (!queue || ticket.queue === queue)
      && (!priority || ticket.priority === priority) && (!language || ticket.language === language)
      && (!mine || ticket.assignee === this.agent());
  }

  /** Where it belongs: most urgent first, then oldest first. */
  #place(ticket) {
    let [low, high] = [0, this.#order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(this.#order[middle], ticket)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #insert(ticket, at) {
    const id = ticket.ticket_id;
    if (this.#rows.has(id)) return;
    const element = this.#row(ticket);
    const after = this.#order[at];
    this.list.insertBefore(element, after ? this.#rows.get(after.ticket_id).element : null);
    this.#order.splice(at, 0, ticket);
    this.#rows.set(id, { ticket, element });
  }

  #remove(id) {
    const row = this.#rows.get(id);
    this.#order.splice(this.#order.indexOf(row.ticket), 1);
    row.element.remove();
    this.#rows.delete(id);
  }

  #row(ticket) {
    const words = this.words();
    const sla = slaOf(ticket, words);
    const who = ticket.assignee === this.agent() ? words.isMine : words.assignee(ticket.assignee);
    const one = button({ class: "row-button", onclick: () => this.choose(ticket.ticket_id) },
      make("span", { class: "row-top" },
        make("span", { class: `badge badge-${ticket.priority}` }, wordOf(words.priorities, ticket.priority)),
        make("span", { class: "row-number" }, numberOf(ticket)),
        make("span", { class: "row-time", "data-at": ticket.created_at }, ago(ticket.created_at, words))),
      make("span", { class: "row-subject", lang: ticket.language }, ticket.subject),
      make("span", { class: "row-meta" },
        make("span", {}, wordOf(words.reasons, ticket.reason)),
        make("span", {}, queueOf(ticket.queue, words)),
        make("span", {}, wordOf(words.languages, ticket.language)),
        ticket.assignee ? make("span", {}, who) : null),
      make("span", { class: `sla sla-${sla?.level}`, hidden: !sla }, sla?.text ?? ""),
    );
    if (ticket.ticket_id === this.selected) one.setAttribute("aria-current", "true");
    return make("li", {}, one);
  }

  select(id) {
    this.#rows.get(this.selected)?.element.firstChild.removeAttribute("aria-current");
    this.selected = id;
    const row = this.#rows.get(id)?.element;
    row?.firstChild.setAttribute("aria-current", "true");
    row?.scrollIntoView({ block: "nearest" });
  }

  /** The ticket `by` places after the selected one. */
  neighbour(by) {
    const at = this.#order.findIndex((ticket) => ticket.ticket_id === this.selected);
    const next = this.#order[at < 0 ? 0 : at + by];
    return next?.ticket_id ?? null;
  }

  /** Times move on although nothing changed. */
  tick() {
    const words = this.words();
    for (const { ticket, element } of this.#rows.values()) {
      const sla = slaOf(ticket, words);
      const mark = element.querySelector(".sla");
      if (sla && mark.textContent !== sla.text) {
        mark.textContent = sla.text;
        mark.className = `sla sla-${sla.level}`;
      }
      element.querySelector(".row-time").textContent = ago(ticket.created_at, words);
    }
  }

  redraw() {
    for (const row of this.#rows.values()) {
      const element = this.#row(row.ticket);
      row.element.replaceWith(element);
      row.element = element;
    }
    this.#showEnds();
  }

  #showEnds() {
    const words = this.words();
    this.more.hidden = !this.#cursor;
    this.more.textContent = this.#loading ? words.loading : words.more;
    this.empty.hidden = this.#order.length > 0;
    this.empty.replaceChildren(make("p", {}, words.none), make("p", { class: "small" }, words.noneMore));
  }
}

function before(left, right) {
  const urgency = URGENCY[left.priority] - URGENCY[right.priority];
  if (urgency) return urgency < 0;
  if (left.created_at !== right.created_at) return left.created_at < right.created_at;
  return left.ticket_id < right.ticket_id;
}
