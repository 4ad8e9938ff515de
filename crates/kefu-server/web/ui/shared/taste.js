// Language and appearance: what was chosen, else what the page or the browser asks for.

export const THEMES = ["system", "light", "dark"];

export function firstLanguage(...candidates) {
  for (const candidate of [...candidates, navigator.language]) {
    if (candidate) return candidate.toLowerCase().startsWith("zh") ? "zh" : "en";
  }
  return "en";
}

/** The language that the page's address names, as `?lang=zh`; null without one. */
export const languageOfAddress = () => new URLSearchParams(location.search).get("lang");

/** A choice of the reader counts more than the address: what it names is taken out. */
export function forgetLanguageOfAddress() {
  const address = new URL(location.href);
  if (!address.searchParams.has("lang")) return;
  address.searchParams.delete("lang");
  history.replaceState(history.state, "", address);
}

export const languageTag = (language) => (language === "zh" ? "zh-CN" : "en");

/** Shows `theme` on these elements; "system" follows the browser. */
export function showTheme(theme, ...elements) {
  for (const element of elements) {
    if (theme === "system") delete element.dataset.theme;
    else element.dataset.theme = theme;
  }
}

/** Writes a language's words into every element below `root` that names some. */
export function showWords(root, words) {
  const each = (attribute, write) => {
    for (const element of root.querySelectorAll(`[data-${attribute}]`)) {
      write(element, words[element.dataset[attribute]]);
    }
  };
  each("text", (element, text) => (element.textContent = text));
  each("hint", (element, text) => (element.placeholder = text));
  each("label", (element, text) => {
    element.setAttribute("aria-label", text);
    if (element.localName === "button") element.title = text;
  });
}
