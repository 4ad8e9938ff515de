// The panel that shows a quotation in its document.

import { button, emphasised, make } from "../shared/dom.js";

/** The text of a document with the bytes from start to end marked. Offsets are UTF-8 bytes. */
function markedText(text, start, end) {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const part = (from, to) => decoder.decode(bytes.subarray(from, to));
  const mark = make("mark", {}, part(start, end));
  return { mark, nodes: [part(0, start), mark, part(end)] };
}

export class SourcePanel {
  constructor(service) {
    this.service = service;
    this.title = make("h2", { id: "source-title" });
    this.meta = make("p", { class: "source-meta" });
    this.quote = make("blockquote", { tabindex: "0" });
    this.note = make("p", { class: "source-note", role: "status" });
    this.text = make("div", { class: "source-text", tabindex: "0", role: "document", "data-label": "documentText" });
    const close = button({ class: "quiet", "data-text": "close", onclick: () => this.dialog.close() });
    const eyebrow = make("p", { class: "eyebrow", "data-text": "source" });
    this.dialog = make("dialog", { class: "source", "aria-labelledby": "source-title" },
      make("header", { class: "source-head" }, make("div", {}, eyebrow, this.title, this.meta), close),
      this.quote, this.note, this.text,
    );
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
  }

  /** Opens with the quotation, and marks it in the document once that is loaded. */
  async open(citation, words) {
    this.title.textContent = citation.title;
    this.quote.replaceChildren(...emphasised(citation.quote));
    this.meta.replaceChildren(citation.document_id);
    if (/^https?:\/\//i.test(citation.url || "")) {
      const link = { href: citation.url, target: "_blank", rel: "noopener noreferrer" };
      this.meta.append(" · ", make("a", link, words.original));
    }
    this.note.textContent = words.loading;
    this.text.replaceChildren();
    this.dialog.showModal();
    const mine = (this.showing = {});
    try {
      const id = encodeURIComponent(citation.document_id);
      const revision = encodeURIComponent(citation.revision);
      const { text } = await this.service.read(`v1/documents/${id}?revision=${revision}`);
      if (this.showing !== mine) return;
      const { mark, nodes } = markedText(text, citation.start, citation.end);
      this.note.textContent = "";
      this.text.replaceChildren(...nodes);
      mark.scrollIntoView({ block: "center" });
    } catch {
      if (this.showing === mine) this.note.textContent = words.noDocument;
    }
  }
}
