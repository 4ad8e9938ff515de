// The conversation as it is shown: a list of entries, each drawn from what is known of it.

import { make } from "../shared/dom.js";
import { drawn } from "./entries.js";

const NEAR_END_PX = 120;

export class Log {
  #n_entries = 0;

  /** `draw` holds what entries need to draw themselves: words, hooks, service. */
  constructor({ list, scroller, welcome, draw }) {
    this.list = list;
    this.scroller = scroller;
    this.welcome = welcome;
    this.draw = draw;
    this.entries = [];
  }

  /** Adds an entry at the end, but before messages that still wait to be sent; or at the place `at`. */
  add(entry, at = null) {
    const follow = this.#isNearEnd() || entry.kind === "customer";
    entry.key = this.#n_entries += 1;
    entry.element = drawn(entry, this.draw);
    const waiting = entry.status === "waiting" ? -1 : this.entries.findIndex((other) => other.status === "waiting");
    const places = [at ?? -1, waiting].filter((place) => place >= 0);
    const place = Math.min(...places, this.entries.length);
    this.list.insertBefore(entry.element, this.entries[place]?.element ?? null);
    this.entries.splice(place, 0, entry);
    this.welcome.hidden = true;
    if (follow) this.scrollToEnd();
    return entry;
  }

  update(entry, changes) {
    const follow = this.#isNearEnd();
    Object.assign(entry, changes);
    if (!this.entries.includes(entry)) return;
    const before = entry.element;
    entry.element = drawn(entry, this.draw);
    before.replaceWith(entry.element);
    if (follow) this.scrollToEnd();
  }

  /** Adds words to an answer that is being written. */
  write(entry, text) {
    const follow = this.#isNearEnd();
    if (entry.progress) this.update(entry, { progress: null, is_writing: true });
    entry.text += text;
    entry.element.querySelector(".words").append(text); // emphasis is set when the answer is whole
    if (follow) this.scrollToEnd();
  }

  remove(entry) {
    this.entries = this.entries.filter((other) => other !== entry);
    entry.element.remove();
  }

  clear() {
    this.entries = [];
    this.list.replaceChildren();
    this.welcome.hidden = false;
  }

  /** Draws everything anew, as after a change of language. */
  redraw() {
    for (const entry of this.entries) entry.element = drawn(entry, this.draw);
    this.list.replaceChildren(...this.entries.map((entry) => entry.element));
  }

  last(kind) {
    return this.entries.findLast((entry) => entry.kind === kind) ?? null;
  }

  /**
   * Takes turns of the service over. What is shown already gets its id, by its words where the id
   * is not known yet; everything else is added. Returns the entries that were added.
   */
  merge(turns) {
    const known = new Set(this.entries.map((entry) => entry.id).filter(Boolean));
    const added = [];
    for (const turn of turns) {
      if (known.has(turn.id)) continue;
      known.add(turn.id);
      const same = this.entries.find((entry) => !entry.id && isSame(entry, turn));
      if (same) {
        const changes = { id: turn.id };
        if (same.kind === "customer") changes.status = "sent";
        this.update(same, changes);
      } else {
        added.push(this.add(entryOf(turn)));
      }
    }
    return added;
  }

  scrollToEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #isNearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }
}

/** A turn without words is one that was not kept. */
function isSame(entry, turn) {
  if (entry.kind !== turn.speaker || entry.progress || entry.is_writing) return false;
  if (entry.status === "failed" || entry.message?.was_sent === false) return false;
  if (turn.answer_id && entry.answer) return entry.answer.answer_id === turn.answer_id;
  return turn.text === "" || entry.text.trim() === turn.text.trim();
}

function entryOf(turn) {
  const entry = { kind: turn.speaker, id: turn.id, text: turn.text, at: turn.at };
  if (turn.speaker === "customer") entry.status = "sent";
  if (turn.speaker === "agent") entry.name = turn.agent ?? null;
  if (turn.speaker === "assistant") {
    const { answer_id = null, outcome = null, citations = [], conflicting = [] } = turn;
    entry.answer = { answer_id, outcome, citations, conflicting };
  }
  return entry;
}

/** Words for screen readers; said once more even when they are the same. */
export function announce(element, text) {
  element.replaceChildren(make("span", {}, text));
}
