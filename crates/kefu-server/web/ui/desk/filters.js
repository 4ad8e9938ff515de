// Which tickets are listed.

import { make } from "../shared/dom.js";

export class Filters {
  /** `changed(filters)` is called after every choice. */
  constructor({ words, storage, changed }) {
    Object.assign(this, { words, storage, changed });
    this.values = storage.read("filters") ?? { status: "open" };
    this.queues = new Set(this.values.queue ? [this.values.queue] : []);
    this.element = make("form", { class: "filters", "data-label": "filters" });
    this.element.addEventListener("submit", (event) => event.preventDefault());
  }

  /** Queues that are known so far. */
  learn(...queues) {
    const before = this.queues.size;
    for (const queue of queues) if (queue) this.queues.add(queue);
    if (this.queues.size !== before) this.draw();
  }

  #set(name, value) {
    if (value) this.values[name] = value;
    else delete this.values[name];
    this.storage.write("filters", this.values);
    this.changed(this.values);
  }

  #choice(name, any, options, labels) {
    const words = this.words();
    const select = make("select", { name, "aria-label": words[name] },
      make("option", { value: "" }, any),
      ...options.map((option) => make("option", { value: option }, labels[option] ?? option)));
    select.value = this.values[name] ?? "";
    select.addEventListener("change", () => this.#set(name, select.value));
    return select;
  }

  draw(isMine = Boolean(this.values.mine)) {
    const words = this.words();
    const mine = make("input", { type: "checkbox", name: "mine" });
    mine.checked = isMine;
    mine.addEventListener("change", () => {
      // Whoever waits is nobody's yet.
      if (mine.checked && this.values.status === "open") {
        this.values.status = "claimed";
        this.draw(true);
      }
      this.#set("mine", mine.checked);
    });
    const focus = this.element.contains(document.activeElement) ? document.activeElement.name : null;
    this.element.replaceChildren(
      this.#choice("status", words.anyStatus, ["open", "claimed", "resolved"], words.statuses),
      this.#choice("queue", words.anyQueue, [...this.queues].sort(), words.queues),
      this.#choice("priority", words.anyPriority, ["urgent", "high", "normal", "low"], words.priorities),
      this.#choice("language", words.anyLanguage, ["en", "zh"], words.languages),
      make("label", { class: "choice" }, mine, words.mine),
    );
    if (focus) this.element.elements[focus]?.focus();
  }

  focus() {
    this.element.elements[0].focus();
  }
}
