// Where the agent writes.

import { button, make } from "../shared/dom.js";

export class Reply {
  /** `send(text)` resolves to true when the words got through; `changed(text)` hears every change. */
  constructor({ words, send, changed, teach }) {
    Object.assign(this, { words, send, changed });
    this.text = make("textarea", { id: "reply", rows: "3", "data-hint": "replyHint", "data-label": "replyLabel", "aria-describedby": "warnings" });
    this.warnings = make("ul", { class: "warnings", id: "warnings", role: "status" });
    this.hint = make("span", { class: "small" });
    this.submit = make("button", { type: "submit", class: "strong", "data-text": "send" });
    this.teach = button({ class: "plain", "data-text": "teach", onclick: teach });
    this.element = make("form", { class: "reply" },
      this.warnings, this.text,
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
    this.submit.disabled = true;
    const got_through = await this.send(text);
    this.submit.disabled = false;
    if (got_through && this.text.value.trim() === text) this.write("");
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
