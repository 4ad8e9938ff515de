// What was said, turn by turn.

import { button, icon, make, said, scriptOf } from "../shared/dom.js";
import { languageTag } from "../shared/taste.js";
import { clock } from "./format.js";

export class Transcript {
  #turns = new Map(); // id -> element

  constructor({ words, tag, teach }) {
    Object.assign(this, { words, tag, teach });
    this.list = make("ol", { class: "transcript" });
    this.element = make("div", { class: "transcript-box", tabindex: "0", role: "region", "data-label": "transcript" }, this.list);
  }

  clear() {
    this.#turns.clear();
    this.list.replaceChildren();
  }

  /** Makes a change around the conversation; its end stays in sight where it was. */
  keepEnd(change) {
    const box = this.element;
    const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
    change();
    if (isAtEnd) box.scrollTop = box.scrollHeight;
  }

  /** Adds the turns that are not shown yet; true when there were some. */
  add(turns) {
    const box = this.element;
    const follow = box.scrollHeight - box.scrollTop - box.clientHeight < 120;
    let isNew = false;
    for (const turn of turns) {
      const id = turn.turn_id ?? turn.id;
      if (this.#turns.has(id)) continue;
      const element = this.#turn(turn);
      this.#turns.set(id, element);
      this.list.append(element);
      isNew = true;
    }
    if (isNew && follow) box.scrollTop = box.scrollHeight;
    return isNew;
  }

  #turn(turn) {
    const words = this.words();
    const isAgent = turn.speaker === "agent";
    const teach = isAgent && turn.text
      ? button({ class: "quiet round teach", title: words.teachThis, "aria-label": words.teachThis, onclick: () => this.teach(turn) }, icon("up"))
      : null;
    const who = turn.agent ?? words.speakers[turn.speaker];
    return make("li", { class: `said said-${turn.speaker}`, tabindex: "-1" },
      make("p", { class: "said-who" }, make("strong", {}, who), make("time", { datetime: turn.at }, clock(turn.at, this.tag())), teach),
      make("p", { class: "said-words", lang: turn.text ? languageTag(scriptOf(turn.text)) : null },
        ...(turn.speaker === "customer" ? [turn.text || words.notKept] : said(turn.text || words.notKept))),
    );
  }

  /** Shows a turn and the words that somebody points to. */
  point(quote) {
    const element = this.#turns.get(quote.turn_id);
    if (!element) return;
    const text = element.querySelector(".said-words");
    const at = text.textContent.indexOf(quote.text);
    for (const mark of this.list.querySelectorAll("mark")) mark.replaceWith(...mark.childNodes);
    text.normalize();
    if (at >= 0 && text.childNodes.length === 1) {
      const whole = text.firstChild;
      const part = whole.splitText(at);
      part.splitText(quote.text.length);
      const mark = make("mark");
      part.replaceWith(mark);
      mark.append(quote.text);
    }
    element.scrollIntoView({ block: "center" });
    element.focus({ preventScroll: true });
  }
}
