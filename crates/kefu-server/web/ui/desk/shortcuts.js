// Single keys, never while somebody types; the overview of them, and the page's appearance.

import { button, make } from "../shared/dom.js";
import { THEMES, showTheme } from "../shared/taste.js";
import { field } from "./dialogs.js";

const isTyping = (target) => target.closest?.("input, textarea, select, [contenteditable]") !== null;

export class Shortcuts {
  /** `steps` maps keys to functions. */
  constructor({ words, storage, taste, steps }) {
    Object.assign(this, { words, storage, taste, steps });
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

  #themes(words) {
    const choice = make("select", {}, ...THEMES.map((name) => make("option", { value: name }, words.themes[name])));
    choice.value = this.taste.read("theme") ?? "system";
    choice.addEventListener("change", () => {
      this.taste.write("theme", choice.value);
      showTheme(choice.value, document.documentElement);
    });
    return choice;
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
      field(words.theme, this.#themes(words)),
      make("h3", {}, words.keys),
      make("dl", { class: "keys" }, ...rows),
      make("label", { class: "choice" }, keep, words.shortcutsOn),
      make("div", { class: "row end" }, button({ class: "strong", onclick: () => dialog.close() }, words.close)));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("button").focus();
  }
}
