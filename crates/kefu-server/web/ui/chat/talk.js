// The conversation with the service: what is said, what comes back, who has it.

import { plain } from "../shared/dom.js";
import { Live } from "../shared/live.js";
import { Problem, events } from "../shared/service.js";
import { Outbox } from "./outbox.js";

/** How long after its end a conversation is still listened to. */
const LISTENS_ON_MS = 15 * 60_000;

export class Talk {
  #pumping = false;
  #is_introduced = false; // the conversation knows the customer, whatever becomes of the signature
  #epoch = 0; // grows with every new conversation; late replies to an old one are dropped
  #live = null;
  #farewell = null;
  #held = []; // turns that came while an answer was being written

  /** `ui` is told of changes: showState(), alarm(text), announce(text), news(n), giveBack(text). */
  constructor({ service, storage, log, connection, words, settings, ui }) {
    Object.assign(this, { service, storage, log, connection, words, settings, ui });
    this.outbox = new Outbox(storage);
    this.conversation = storage.read("conversation");
    this.asking = null; // AbortController of the answer in progress
    this.mode = "bot";
    this.ticket = null; // { id, number, callback_at, agent }
  }

  get waitsForPerson() {
    return this.mode === "queued" || this.mode === "human";
  }

  // ---- speaking -------------------------------------------------------------------------------

  say(text) {
    if (this.outbox.isFull) return false;
    this.#show(this.outbox.add(text));
    this.pump();
    return true;
  }

  /** Shows a message that waits. */
  #show(message) {
    this.log.add({ kind: "customer", text: message.text, status: "waiting", message });
  }

  /** Sends what waits, in order, one at a time. */
  async pump() {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.outbox.first && (await this.#deliver(this.outbox.first)));
    } finally {
      this.#pumping = false;
    }
  }

  /** True when the message is dealt with; false when it has to wait for the network. */
  async #deliver(message) {
    const epoch = this.#epoch;
    const entry = this.log.entries.find((other) => other.message?.id === message.id);
    try {
      if (message.was_sent && this.conversation) {
        await this.reconcile();
        if (epoch !== this.#epoch) return true;
        if (entry.id) return this.#delivered(message);
      }
      await this.#ask(message, entry, epoch);
      return true;
    } catch (error) {
      if (epoch !== this.#epoch) return true;
      if (error.name === "AbortError") {
        this.#delivered(message);
        this.log.update(entry, { status: "sent" });
        this.notice("plain", (words) => ({ title: words.stopped }));
        return true;
      }
      if (error.isPassing) {
        this.connection.down("talk", error.code === "offline" ? "lost" : "busy", error.retryAfterMs);
        return false;
      }
      if (error.code === "identity_not_proven" && this.conversation && !this.#is_introduced) {
        this.#is_introduced = true; // a conversation goes on by its id when the signature is too old
        this.log.update(entry, { status: "waiting" });
        return true;
      }
      if (error.code === "not_found" && this.conversation) {
        this.#forget();
        this.notice("plain", (words) => ({ title: words.gone }));
        return true; // the next round begins a new conversation
      }
      this.#fail(message, entry, error);
      return true;
    }
  }

  #delivered(message) {
    this.outbox.remove(message.id);
    this.connection.up("talk");
    return true;
  }

  #fail(message, entry, error) {
    this.#delivered(message);
    this.log.update(entry, { status: "failed" });
    const box = this.notice("error", (words) => ({ title: words.problems[error.code] ?? words.problems.other }));
    // The same words would fail again: they are given back to be changed.
    if (error.code === "too_large" || error.code === "invalid") return this.ui.giveBack(message.text);
    const again = () => {
      this.log.remove(box);
      this.log.remove(entry);
      this.say(message.text);
    };
    this.log.update(box, { again });
  }

  async #ask(message, entry, epoch) {
    const controller = new AbortController();
    this.asking = controller;
    this.ui.showState();
    this.log.update(entry, { status: "sent" });
    const reply = this.log.add({ kind: "assistant", text: "", progress: "triage" });
    this.outbox.sent(message);
    try {
      const response = await this.service.send("v1/answers", this.#request(message), {
        headers: { accept: "text/event-stream", "idempotency-key": message.id },
        signal: controller.signal,
      });
      const answer = await this.#read(response, reply);
      if (epoch !== this.#epoch) return;
      this.#delivered(message);
      this.#answered(answer, reply);
    } catch (error) {
      if (epoch === this.#epoch) {
        this.log.remove(reply);
        this.log.update(entry, { status: "waiting" });
      }
      throw error;
    } finally {
      if (this.asking === controller) this.asking = null;
      if (epoch === this.#epoch) {
        this.#take(this.#held.splice(0));
        this.ui.showState();
      }
    }
  }

  #request(message) {
    const body = { question: message.text, channel: "web", consent: { record: this.settings.consent } };
    if (this.conversation) body.conversation_id = this.conversation;
    if (this.settings.customer && !this.#is_introduced) body.customer = this.settings.customer;
    return body;
  }

  /** Shows the steps of an answer and returns it whole. */
  async #read(response, reply) {
    for await (const { event, data } of events(response)) {
      if (event === "status" && reply.progress) this.log.update(reply, { progress: data.status });
      else if (event === "delta") this.log.write(reply, data.text);
      else if (event === "final") return data;
      else if (event === "error") throw new Problem(data);
    }
    throw new Problem({ code: "offline" });
  }

  #answered(answer, reply) {
    this.conversation = answer.conversation_id;
    this.#is_introduced = true;
    this.storage.write("conversation", answer.conversation_id);
    const { escalation } = answer;
    if (escalation && escalation.ticket_id === this.ticket?.id) {
      // A person has it: nothing is said, but that words that are not kept do not reach them.
      if (answer.answer) {
        this.log.update(reply, { text: answer.answer, answer, progress: null, is_writing: false });
        this.ui.announce(answer.answer);
      } else this.log.remove(reply);
      return;
    }
    this.log.update(reply, { text: answer.answer, answer, progress: null, is_writing: false });
    this.ui.announce(plain(answer.answer));
    if (escalation) {
      const { ticket_id: id, callback_at: at } = escalation;
      this.storage.write("callback", at ? { id, at } : null);
      this.#become({ ...escalation, state: escalation.agent ? "human" : "queued" }, { quietly: true });
      this.#listen();
    } else {
      this.mode = "bot";
      this.ticket = null;
      this.#hangUp();
    }
  }

  /** Says something beside the conversation, at its end or at the place `at`. */
  notice(tone, say, more = {}, at = null) {
    (tone === "error" ? this.ui.alarm : this.ui.announce)(say(this.words()).title);
    return this.log.add({ kind: "notice", tone, say, ...more }, at);
  }

  stop() {
    this.asking?.abort();
  }

  // ---- people ---------------------------------------------------------------------------------

  #listen() {
    if (this.#live || !this.conversation) return;
    const epoch = this.#epoch;
    const mine = (handle) => (data) => epoch === this.#epoch && handle(data);
    const url = this.service.url(`v1/conversations/${encodeURIComponent(this.conversation)}/events`);
    this.#live = new Live(url, {
      handlers: {
        turn: mine((turn) => this.#take([turn])),
        state: mine((state) => this.#become(state)),
        reset: mine(() => this.reconcile().catch(() => {})),
      },
      opened: mine(() => {
        this.connection.up("live");
        this.reconcile().catch(() => {}); // what was said while nobody listened
      }),
      lost: mine(() => this.connection.down("live", "lost")),
    });
  }

  #hangUp() {
    clearTimeout(this.#farewell);
    this.#live?.close();
    this.#live = null;
    this.connection.up("live");
  }

  /** Time for another try. */
  retry() {
    this.#live?.now();
    if (this.isUnread) this.resume();
    else this.pump();
  }

  /** Takes turns over; those that come while an answer is written have to wait for it. */
  #take(turns) {
    if (this.asking) {
      this.#held.push(...turns);
      return;
    }
    const added = this.log.merge(turns.map(turnOf));
    const fromPeople = added.filter((entry) => entry.kind === "agent");
    for (const entry of fromPeople) this.ui.announce(`${entry.name ?? this.words().agent}: ${plain(entry.text)}`);
    if (fromPeople.length) this.ui.news(fromPeople.length);
  }

  /** Goes on in the state the service names, and says what changed. */
  #become(next, { quietly = false } = {}) {
    const before = this.mode;
    this.mode = next.state;
    if (this.waitsForPerson) {
      this.ticket = { ...this.ticket, ...withoutNull(ticketOf(next)) };
      if (next.state === "queued") this.ticket.agent = null;
      const promised = this.storage.read("callback");
      if (promised && promised.id === this.ticket.id) this.ticket.callback_at = promised.at;
    }
    if (!quietly && before !== next.state) this.#sayWhatChanged(before, next);
    clearTimeout(this.#farewell);
    if (!this.waitsForPerson) this.ticket = null;
    if (next.state === "bot") this.#hangUp();
    // A person may open a closed request again.
    if (next.state === "closed") this.#farewell = setTimeout(() => this.#hangUp(), LISTENS_ON_MS);
    this.ui.showState();
  }

  #sayWhatChanged(before, next) {
    const name = this.ticket?.agent ?? null;
    if (next.state === "human") {
      // What they said first may have come before the news that they are here.
      const isTheirs = (entry) => entry.kind === "agent" && (!name || entry.name === name);
      const place = this.log.entries.findLastIndex((entry) => !isTheirs(entry)) + 1;
      this.notice("agent", (words) => ({ title: words.joined(name) }), {}, place);
      this.ui.news(1);
    } else if (next.state === "closed") {
      this.notice("agent", (words) => ({ title: words.closed }));
      this.askForRating();
    } else if (next.state === "bot" && (before === "queued" || before === "human")) {
      this.notice("agent", (words) => ({ title: words.returned }));
    }
  }

  /** Reads the conversation and shows what is missing here. */
  async reconcile({ quietly = false } = {}) {
    const epoch = this.#epoch;
    const conversation = await this.service.read(`v1/conversations/${encodeURIComponent(this.conversation)}`);
    if (epoch !== this.#epoch) return;
    this.#take(conversation.turns);
    this.#become({ ...conversation, ...conversation.ticket }, { quietly });
  }

  // ---- coming back and leaving ------------------------------------------------------------------

  /** Shows what was said on earlier visits, then sends what was left waiting. */
  async resume() {
    this.isUnread = false;
    if (this.conversation) {
      try {
        await this.reconcile({ quietly: true });
        this.connection.up("resume");
        if (this.waitsForPerson || this.mode === "closed") this.#listen();
        if (this.mode === "closed") this.askForRating();
      } catch (error) {
        if (error.isPassing) {
          this.isUnread = true;
          this.connection.down("resume", error.code === "offline" ? "lost" : "busy", error.retryAfterMs);
          return;
        }
        this.#forget();
      }
    }
    const shown = new Set(this.log.entries.map((entry) => entry.message?.id));
    for (const message of this.outbox.messages) if (!shown.has(message.id)) this.#show(message);
    this.log.scrollToEnd();
    this.pump();
  }

  /** Asks once for a rating of this conversation; false when there is nothing to ask. */
  askForRating(more = {}) {
    const answerId = this.log.entries.findLast((entry) => entry.answer?.answer_id)?.answer.answer_id;
    const asked = this.log.entries.some((entry) => entry.kind === "rating");
    if (!answerId || asked || this.storage.read("rated") === this.conversation) return false;
    this.log.add({ kind: "rating", answerId, ...more });
    return true;
  }

  rated(entry, rating) {
    this.storage.write("rated", this.conversation);
    this.log.update(entry, { rating });
    this.ui.announce(this.words().rated);
  }

  #forget() {
    this.conversation = null;
    this.#is_introduced = false;
    this.mode = "bot";
    this.ticket = null;
    this.storage.remove("conversation");
    this.#hangUp();
    this.ui.showState();
  }

  startOver() {
    this.#epoch += 1;
    this.stop();
    this.asking = null;
    this.#held = [];
    this.isUnread = false;
    this.outbox.clear();
    this.log.clear();
    this.#forget();
    this.connection.up("talk");
    this.connection.up("resume");
  }
}

const turnOf = (turn) => ({ ...turn, id: turn.id ?? turn.turn_id });

function ticketOf({ ticket_id, ticket_number, number, callback_at, agent }) {
  const id = ticket_id ?? null;
  return { id, number: ticket_number ?? number ?? id, callback_at: callback_at ?? null, agent: agent ?? null };
}

const withoutNull = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
