// Single keys, never while somebody types, and the overview of them.

import { button, make } from "../shared/dom.js";

const isTyping = (target) => target.closest?.("input, textarea, select, [contenteditable]") !== null;

export class Shortcuts {
  /** `steps` maps keys to functions. */
  constructor({ words, storage, steps }) {
    Object.assign(this, { words, storage, steps });
    this.is_on = storage.read("shortcuts") ?? true;
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    if (event.key === "Escape" && isTyping(event.target) && !document.querySelector("dialog[open]")) {
      event.target.blur();
      return;
    }
    const isCommand = event.ctrlKey || event.altKey || event.metaKey || event.isComposing;
    if (isCommand || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") return this.help();
    if (!this.is_on || !this.steps[event.key]) return;
    event.preventDefault();
    this.steps[event.key]();
  }

  help() {
    const words = this.words();
    const rows = Object.entries(words.shortcuts).flatMap(([keys, meaning]) => [
      make("dt", {}, ...keys.split(" ").map((key) => make("kbd", {}, key))),
      make("dd", {}, meaning),
    ]);
    const keep = make("input", { type: "checkbox", role: "switch", class: "switch" });
    keep.checked = this.is_on;
    keep.addEventListener("change", () => {
      this.is_on = keep.checked;
      this.storage.write("shortcuts", keep.checked);
    });
    const dialog = make("dialog", { class: "window", "aria-labelledby": "help-title" },
      make("h2", { id: "help-title" }, words.help),
      make("dl", { class: "keys" }, ...rows),
      make("label", { class: "choice" }, keep, words.shortcutsOn),
      make("div", { class: "row end" }, button({ class: "strong", onclick: () => dialog.close() }, words.close)));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("button").focus();
  }
}
