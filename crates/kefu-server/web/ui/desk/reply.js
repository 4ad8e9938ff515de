// Where the agent writes.

import { button, make } from "../shared/dom.js";

export class Reply {
  #is_sending = false;
  #is_closed = false;

  /** `send(text)` resolves to true when the words got through; `changed(text)` hears every change. */
  constructor({ words, send, changed, teach }) {
    Object.assign(this, { words, send, changed });
    this.text = make("textarea", { id: "reply", rows: "3", "data-hint": "replyHint", "data-label": "replyLabel", "aria-describedby": "warnings" });
    this.warnings = make("ul", { class: "warnings", id: "warnings", role: "status" });
    this.closed = make("p", { class: "closed small", "data-text": "closedHint", hidden: true });
    this.hint = make("span", { class: "small" });
    this.submit = make("button", { type: "submit", class: "strong", "data-text": "send" });
    this.teach = button({ class: "plain", "data-text": "teach", onclick: teach });
    this.element = make("form", { class: "reply" },
      this.warnings, this.closed, this.text,
      make("div", { class: "row reply-row" }, this.hint, this.teach, this.submit));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.text.addEventListener("input", () => this.#changed());
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.#send();
      }
    });
  }

  async #send() {
    const text = this.text.value.trim();
    if (!text || this.submit.disabled) return;
    this.#is_sending = true;
    this.#draw();
    const got_through = await this.send(text);
    this.#is_sending = false;
    this.#draw();
    if (got_through && this.text.value.trim() === text) this.write("");
  }

  /** Nothing can be written while the ticket is closed; a draft stays. */
  close(isClosed) {
    this.#is_closed = isClosed;
    this.#draw();
  }

  #draw() {
    this.submit.disabled = this.#is_sending || this.#is_closed;
    this.text.readOnly = this.#is_closed;
    this.text.classList.toggle("is-closed", this.#is_closed);
    this.text.placeholder = this.#is_closed ? "" : this.words().replyHint;
    this.closed.hidden = !this.#is_closed;
    this.hint.hidden = this.#is_closed;
  }

  #changed() {
    const isKept = this.text.value.trim() !== "";
    this.hint.textContent = isKept ? `${this.words().draftKept} · ${this.words().sendHint}` : this.words().sendHint;
    this.changed(this.text.value);
  }

  /** Replaces what is written. */
  write(text) {
    this.text.value = text;
    this.#changed();
  }

  /** Puts words where the cursor is. */
  insert(words) {
    if (this.#is_closed) return;
    const { selectionStart: start, selectionEnd: end, value } = this.text;
    const space = start > 0 && !/\s$/.test(value.slice(0, start)) ? "\n" : "";
    this.text.setRangeText(space + words, start, end, "end");
    this.#changed();
    this.text.focus();
  }

  warn(warnings) {
    const items = warnings.map((warning) =>
      make("li", {}, make("q", {}, warning.text), " ", make("span", {}, warning.advice)));
    const title = items.length ? [make("li", { class: "warnings-title" }, this.words().warnings)] : [];
    this.warnings.replaceChildren(...title, ...items);
  }
}
