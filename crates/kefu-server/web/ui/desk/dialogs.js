// Windows that ask for something before a step is taken.

import { button, make } from "../shared/dom.js";

/** Opens a window with a form and resolves to its fields, or to null when it is left. */
export function askFor({ title, more, fields, action, cancel, holder = document.body }) {
  return new Promise((resolve) => {
    const heading = make("h2", { id: "dialog-title" }, title);
    const submit = make("button", { type: "submit", class: "strong" }, action);
    const leave = cancel ? button({ class: "plain", onclick: () => dialog.close() }, cancel) : null;
    const form = make("form", { method: "dialog" }, heading,
      more ? make("p", { class: "small" }, more) : null, ...fields, make("div", { class: "row end" }, leave, submit));
    const dialog = make("dialog", { class: "window", "aria-labelledby": "dialog-title" }, form);
    let answer = null;
    form.addEventListener("submit", () => (answer = Object.fromEntries(new FormData(form))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    if (!cancel) dialog.addEventListener("cancel", (event) => event.preventDefault());
    holder.append(dialog);
    dialog.showModal();
    form.querySelector("input, select, textarea")?.focus();
  });
}

/** A field with its label above. */
export function field(label, control) {
  return make("label", { class: "field" }, make("span", {}, label), control);
}

export const textField = (label, name, value = "", properties = {}) =>
  field(label, Object.assign(make("input", { type: "text", name, autocomplete: "off", ...properties }), { value }));

export const areaField = (label, name, value = "", properties = {}) =>
  field(label, Object.assign(make("textarea", { name, rows: "3", ...properties }), { value }));

export function choiceField(label, name, first, options) {
  const items = options.map(([value, text]) => make("option", { value }, text));
  return field(label, make("select", { name }, make("option", { value: "" }, first), ...items));
}
