// Appearance and consent.

import { make } from "../shared/dom.js";
import { THEMES } from "../shared/taste.js";

export function settingsPanel(words, { theme, consent, setTheme, setConsent }) {
  const themes = THEMES.map((name) => {
    const input = make("input", { type: "radio", name: "theme", value: name });
    input.checked = name === theme;
    input.addEventListener("change", () => setTheme(name));
    return make("label", { class: "choice" }, input, words.themes[name]);
  });
  const keep = make("input", { type: "checkbox", role: "switch", class: "switch", "aria-describedby": "consent-more" });
  keep.checked = consent;
  keep.addEventListener("change", () => setConsent(keep.checked));
  return [
    make("fieldset", {}, make("legend", {}, words.theme), make("div", { class: "row" }, ...themes)),
    make("label", { class: "choice" }, keep, words.consent),
    make("p", { class: "small", id: "consent-more" }, words.consentMore),
  ];
}
