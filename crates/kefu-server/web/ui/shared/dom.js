// Elements made from text that is never read as markup.

/** Makes an element. Children that are strings become text; null ones are left out. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** A button that does not send forms. */
export const button = (properties, ...children) =>
  make("button", { type: "button", ...properties }, ...children);

const ICONS = {
  send: "M10 16V4M4.5 9.500 10 4l5.500 5.500",
  stop: "M6 6h8v8H6z",
  person: "M13 6.500a3 3 0 1 1-6 0 3 3 0 0 1 6 0ZM4 16.500c.6-3.400 3-5 6-5s5.400 1.600 6 5",
  chat: "M3 4.500h14v9.500H9l-4 3.500v-3.500H3z",
  close: "M5 5l10 10M15 5 5 15",
  restart: "M15.500 7A6.300 6.300 0 1 0 16.200 11M16 3v4.200h-4.200",
  settings: "M3 6h8M15 6h2M3 14h2M9 14h8M11 4v4M5 12v4",
  up: "M6.500 9v7.500h-3V9zM6.500 9l3.200-6c1.500 0 2.300 1 2 2.500L11.200 8H15c1.100 0 1.900 1 1.700 2.100l-.9 4.800a2 2 0 0 1-2 1.600H6.500",
  down: "M6.500 11V3.500h-3V11zM6.500 11l3.200 6c1.500 0 2.300-1 2-2.500L11.200 12H15c1.100 0 1.900-1 1.700-2.100l-.9-4.800a2 2 0 0 0-2-1.600H6.500",
  back: "M12.500 4 6.500 10l6 6",
  help: "M7.500 7.500a2.500 2.500 0 1 1 3.600 2.300c-.8.4-1.100.9-1.100 1.800M10 14.500v.2",
};

/** A drawing of the set; it is decoration, so its button needs a name of its own. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", ICONS[name]);
  svg.append(shape);
  return svg;
}

/** Text as nodes, with **strong** passages of Markdown set in bold. */
export function emphasised(text) {
  return text
    .split(/\*\*(?=\S)(.+?)(?<=\S)\*\*/)
    .map((part, at) => (at % 2 ? make("strong", {}, part) : part));
}

// Chinese text and its punctuation end an address that stands in it.
const ADDRESS = /https?:\/\/[^\s<>"'`\u2018-\u201f\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+/gi;

/** A link for an address of the web; null for what is none, or hides where it leads. */
function link(address) {
  if (!URL.canParse(address)) return null;
  const { protocol, username, href } = new URL(address);
  if (!/^https?:$/.test(protocol) || username) return null;
  return make("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, address);
}

/** Text as nodes, with addresses of the web as links. */
function linked(text) {
  const nodes = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    let address = found.replace(/[.,;:!?…*\]}]+$/, "");
    if (address.endsWith(")") && !address.includes("(")) address = address.replace(/[).,]+$/, "");
    const one = link(address);
    if (!one) continue;
    nodes.push(text.slice(end, index), one);
    end = index + address.length;
  }
  return [...nodes, text.slice(end)];
}

/** What the company says as nodes: emphasis set in bold, addresses as links. */
export const said = (text) => emphasised(text).flatMap((part) => {
  if (typeof part === "string") return linked(part);
  part.replaceChildren(...linked(part.textContent));
  return [part];
});

/** The same text without marks of emphasis, where they would be read as characters. */
export const plain = (text) => text.replace(/\*\*(?=\S)(.+?)(?<=\S)\*\*/g, "$1");

/** The language a text is written in, as far as its script tells. */
export const scriptOf = (text) => (/\p{Script=Han}/u.test(text) ? "zh" : "en");
