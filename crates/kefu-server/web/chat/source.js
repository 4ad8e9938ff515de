// The panel that shows a quotation in its document.

import { byId, make } from "./dom.js";
import { call } from "./service.js";

/** The text of a document with the bytes from start to end marked. Offsets are UTF-8 bytes. */
function markedText(text, start, end) {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const part = (from, to) => decoder.decode(bytes.subarray(from, to));
  const mark = make("mark", {}, part(start, end));
  return { mark, nodes: [part(0, start), mark, part(end)] };
}

/** Opens the panel with the quotation, and marks it in the document once that is loaded. */
export async function openSource(citation, words) {
  const panel = byId("source");
  const note = byId("source-note");
  const textBox = byId("source-text");
  const meta = byId("source-meta");
  byId("source-title").textContent = citation.title;
  byId("source-quote").textContent = citation.quote;
  meta.replaceChildren(citation.document_id);
  if (/^https?:\/\//i.test(citation.url || "")) {
    const link = { href: citation.url, target: "_blank", rel: "noopener noreferrer" };
    meta.append(" · ", make("a", link, words.original));
  }
  note.textContent = words.loading;
  textBox.replaceChildren();
  panel.showModal();
  panel.dataset.showing = citation.document_id + citation.start;
  const mine = panel.dataset.showing;
  try {
    const id = encodeURIComponent(citation.document_id);
    const revision = encodeURIComponent(citation.revision);
    const response = await call(`/v1/documents/${id}?revision=${revision}`);
    const text = (await response.json()).text;
    if (panel.dataset.showing !== mine) return;
    const { mark, nodes } = markedText(text, citation.start, citation.end);
    note.textContent = "";
    textBox.replaceChildren(...nodes);
    mark.scrollIntoView({ block: "center" });
  } catch {
    if (panel.dataset.showing === mine) note.textContent = words.noDocument;
  }
}
