// Whether the service can be reached, shown above the conversation.

import { button, make } from "../shared/dom.js";
import { backoffMs } from "../shared/live.js";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

export class Connection {
  #n_failures = 0;
  #due = 0;
  #tick = null;
  #reasons = new Map();

  /** `retry` is called when it is time for another try. */
  constructor({ banner, words, retry, alarm }) {
    this.banner = banner;
    this.words = words;
    this.retry = retry;
    this.alarm = alarm;
    addEventListener("online", () => this.now());
  }

  get isUp() {
    return this.#reasons.size === 0;
  }

  /** Something that names itself `who` failed; `waitMs` is the service's own wish. */
  down(who, reason, waitMs = null) {
    const wasUp = this.isUp;
    this.#reasons.set(who, reason);
    const wait = Math.max(waitMs ?? 0, backoffMs(this.#n_failures, FIRST_WAIT_MS, LONGEST_WAIT_MS));
    this.#n_failures += 1;
    this.#due = Date.now() + wait;
    if (wasUp) this.alarm(`${this.#title()} ${this.words().lostMore}`);
    this.show();
    clearInterval(this.#tick);
    this.#tick = setInterval(() => (Date.now() >= this.#due ? this.now() : this.show()), 250);
  }

  /** What named itself `who` works again. */
  up(who) {
    this.#reasons.delete(who);
    if (!this.isUp) return;
    this.#n_failures = 0;
    clearInterval(this.#tick);
    this.banner.hidden = true;
  }

  /** Tries at once. */
  now() {
    if (this.isUp) return;
    clearInterval(this.#tick);
    this.#due = 0;
    this.show();
    this.retry();
  }

  #title() {
    return [...this.#reasons.values()].includes("busy") ? this.words().busy : this.words().lost;
  }

  show() {
    if (this.isUp) return;
    const words = this.words();
    const seconds = Math.ceil((this.#due - Date.now()) / 1000);
    const wait = seconds > 0 ? words.retryIn(seconds) : words.retrying;
    if (this.banner.hidden || !this.banner.firstChild) {
      this.wait = make("span", { class: "banner-wait", "aria-hidden": "true" });
      this.title = make("strong");
      this.more = make("span", { class: "banner-more" });
      this.again = button({ class: "link", onclick: () => this.now() });
      this.banner.replaceChildren(make("p", {}, this.title, " ", this.more), this.wait, this.again);
      this.banner.hidden = false;
    }
    this.title.textContent = this.#title();
    this.more.textContent = words.lostMore;
    this.again.textContent = words.retryNow;
    this.wait.textContent = wait;
  }
}
