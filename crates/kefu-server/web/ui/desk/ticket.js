// One ticket: its conversation, its background, and the steps a person takes.

import { button, icon, make, plain } from "../shared/dom.js";
import { Live } from "../shared/live.js";
import { Assist } from "./assist.js";
import { backgroundOf } from "./background.js";
import { areaField, askFor, choiceField, textField } from "./dialogs.js";
import { numberOf, queueOf, slaOf, wordOf } from "./format.js";
import { Reply } from "./reply.js";
import { Steps } from "./steps.js";
import { Transcript } from "./transcript.js";

const STEPS = ["claim", "transfer", "giveBack", "resolve", "reopen"];
const TABS = ["talk", "background", "assist"];

export class TicketView {
  #live = null;
  #reading = 0;
  #is_opening = false;
  #n_steps = 0; // steps of one's own that are under way

  /** `ui` is { say(text), alarm(text), left(), failed(error), queues(), agents() }. */
  constructor({ service, storage, words, tag, agent, drafts, ui }) {
    Object.assign(this, { service, words, tag, agent, drafts, ui });
    this.id = null;
    this.ticket = null;
    this.taking = new Steps({ service, storage });
    this.transcript = new Transcript({ words, tag, teach: (turn) => this.teach(turn.text) });
    this.reply = new Reply({
      words,
      send: (text) => this.send(text),
      changed: (text) => this.#draftChanged(text),
      teach: () => this.teach(this.reply.text.value),
    });
    this.assist = new Assist({
      service, words,
      insert: (text) => this.#insert(text),
      warn: (warnings) => this.reply.warn(warnings),
    });
    this.#build();
  }

  #build() {
    this.title = make("h2");
    this.facts = make("p", { class: "ticket-facts" });
    this.subject = make("p", { class: "ticket-subject" });
    this.steps = make("div", { class: "row steps" });
    this.news = make("div"); // room for what is said on narrow screens, above the reply
    const back = button({ class: "quiet round back", "data-label": "back", onclick: () => this.ui.left() }, icon("back"));
    const tabs = TABS.map((name) => button({ class: "tab", "aria-pressed": String(name === "talk"), onclick: () => this.#tab(name) }));
    this.tabs = make("div", { class: "tabs" }, ...tabs);
    this.background = make("div", { class: "background" });
    const side = (name, body) => make("section", { class: `side-part side-${name}` }, make("h3", { "data-text": name }), body);
    this.element = make("section", { class: "ticket", "data-tab": "talk", hidden: true },
      make("header", { class: "ticket-head" },
        make("div", { class: "ticket-top" }, back, make("div", { class: "ticket-what" }, this.title, this.facts), this.steps),
        this.subject),
      this.tabs,
      make("div", { class: "columns" },
        make("div", { class: "talk" }, this.transcript.element, this.news, this.reply.element),
        make("aside", { class: "side", tabindex: "0", "data-label": "background" },
          side("background", this.background), side("assist", this.assist.element))),
    );
  }

  /** Whether the conversation of a ticket is in sight. */
  get isTalk() {
    return this.id !== null && this.element.dataset.tab === "talk";
  }

  #tab(name) {
    this.element.dataset.tab = name;
    [...this.tabs.children].forEach((tab, at) => tab.setAttribute("aria-pressed", String(TABS[at] === name)));
  }

  // ---- opening and keeping up ---------------------------------------------------------------------

  async open(id) {
    this.close();
    this.id = id;
    this.#is_opening = true;
    const ticket = await this.#read();
    if (!ticket) return;
    this.#is_opening = false;
    this.transcript.clear();
    this.element.hidden = false;
    this.#tab("talk");
    this.#take(ticket);
    this.transcript.element.scrollTop = this.transcript.element.scrollHeight;
    this.reply.write(this.drafts.read(id));
    this.assist.open(ticket);
    const url = this.service.url(`v1/conversations/${encodeURIComponent(ticket.conversation_id)}/events`);
    this.#live = new Live(url, {
      handlers: {
        turn: (turn) => this.#heard(turn),
        state: () => this.refresh(),
        reset: () => this.refresh(),
      },
    });
  }

  close() {
    this.id = null;
    this.ticket = null;
    this.element.hidden = true;
    this.#live?.close();
    this.#live = null;
    this.assist.close();
    this.reply.warn([]);
  }

  #heard(turn) {
    this.#arrived(turn);
    if (this.transcript.add([turn]) && turn.speaker === "customer") {
      const words = this.words();
      this.ui.say(`${words.speakers.customer}: ${turn.text || words.notKept}`);
    }
  }

  /** The ticket as it is now; null when it cannot be read or another one was chosen meanwhile. */
  async #read() {
    const id = this.id;
    const mine = (this.#reading += 1);
    try {
      const ticket = await this.service.read(`v1/tickets/${encodeURIComponent(id)}`);
      return id === this.id && mine === this.#reading ? ticket : null;
    } catch (error) {
      if (id === this.id) this.ui.failed(error);
      return null;
    }
  }

  async refresh() {
    if (!this.id || this.#is_opening) return;
    const ticket = await this.#read();
    if (!ticket) return;
    const isClosed = ticket.status === "resolved" && this.ticket?.status !== "resolved";
    this.#take(ticket);
    if (isClosed && !this.#n_steps && this.reply.text.value.trim()) this.ui.alarm(this.words().closedMeanwhile);
  }

  /** The list says that a ticket changed. */
  changed(summary) {
    if (summary.ticket_id === this.id && summary.updated_at !== this.ticket?.updated_at) this.refresh();
  }

  #take(ticket) {
    if (ticket.ticket_id !== this.id) return;
    this.ticket = { ...ticket, handoff: ticket.handoff ?? this.ticket?.handoff ?? null };
    this.transcript.add(ticket.transcript);
    this.draw();
  }

  draw() {
    const words = this.words();
    [...this.tabs.children].forEach((tab, at) => (tab.textContent = words.tabs[TABS[at]]));
    this.#drawSteps(words);
    if (!this.ticket) return;
    const { ticket } = this;
    this.transcript.keepEnd(() => this.reply.close(ticket.status === "resolved"));
    this.title.textContent = `${numberOf(ticket)} · ${wordOf(words.reasons, ticket.reason)}`;
    const sla = slaOf(ticket, words);
    const isMine = ticket.assignee === this.agent();
    const who = ticket.assignee ? (isMine ? words.isMine : words.assignee(ticket.assignee)) : words.nobodys;
    this.facts.replaceChildren(
      make("span", { class: `badge badge-${ticket.priority}` }, wordOf(words.priorities, ticket.priority)),
      make("span", {}, wordOf(words.statuses, ticket.status)), make("span", {}, who),
      sla ? make("span", { class: `sla sla-${sla.level}` }, sla.text) : "");
    this.subject.textContent = ticket.subject;
    this.subject.lang = ticket.language;
    this.background.replaceChildren(...backgroundOf(ticket, words, (quote) => {
      this.#tab("talk");
      this.transcript.point(quote);
    }));
  }

  /** Everything anew, as after a change of language. */
  redraw() {
    this.transcript.clear();
    if (this.ticket) this.transcript.add(this.ticket.transcript);
    this.assist.draw();
    this.reply.write(this.reply.text.value);
    this.draw();
  }

  #drawSteps(words) {
    const isOver = this.ticket?.status === "resolved";
    const shown = { claim: this.ticket?.status === "open", transfer: !isOver, giveBack: !isOver, resolve: !isOver, reopen: isOver };
    const steps = STEPS.filter((step) => shown[step]);
    // Buttons that stay are left alone: a click or the focus may be on one.
    const drawn = steps.map((step) => words[step]).join();
    if (this.steps.dataset.drawn === drawn) return;
    this.steps.dataset.drawn = drawn;
    const buttons = steps.map((step) =>
      button({ class: step === "claim" || step === "reopen" ? "strong" : "plain", onclick: () => this[step]() }, words[step]));
    this.steps.replaceChildren(...buttons);
  }

  // ---- steps ------------------------------------------------------------------------------------

  async #step(verb, body, said) {
    if (!this.id) return false;
    const id = this.id;
    this.#n_steps += 1;
    try {
      const again = () => this.ui.say(this.words().sendingAgain);
      const ticket = await this.taking.take(id, verb, { agent: this.agent(), ...body }, again);
      if (id === this.id) this.#take(ticket);
      this.ui.say(said);
      return true;
    } catch (error) {
      if (error.code !== "conflict") this.ui.failed(error);
      else await this.#explain(error);
      return false;
    } finally {
      this.#n_steps -= 1;
    }
  }

  /** Somebody was quicker: says who or what. */
  async #explain(error) {
    const words = this.words();
    const path = `v1/tickets/${encodeURIComponent(this.id)}`;
    const { status, assignee } = await this.service.read(path).catch(() => ({}));
    this.refresh();
    if (status === "resolved") this.ui.alarm(words.closedMeanwhile);
    else if (assignee && assignee !== this.agent()) this.ui.alarm(words.takenBy(assignee));
    else this.ui.alarm(error.detail || words.failed);
  }

  claim() {
    return this.#step("claim", {}, this.words().claimed);
  }

  reopen() {
    return this.#step("reopen", {}, this.words().reopened);
  }

  send(text) {
    return this.#step("reply", { text }, this.words().sent);
  }

  async resolve() {
    const answer = await this.#askForNote(this.words().resolveTitle, this.words().resolve);
    if (answer) await this.#step("resolve", answer, this.words().resolved);
  }

  async giveBack() {
    const answer = await this.#askForNote(this.words().returnTitle, this.words().giveBack);
    if (answer) await this.#step("return", answer, this.words().returned);
  }

  async #askForNote(title, action) {
    const words = this.words();
    const answer = await askFor({ title, action, cancel: words.cancel, fields: [areaField(words.note, "note")] });
    return answer && withoutEmpty(answer);
  }

  async transfer() {
    const words = this.words();
    const agents = this.ui.agents().filter((agent) => agent.agent !== this.agent())
      .map((agent) => [agent.agent, `${agent.agent} · ${words.states[agent.state]}`]);
    const queues = this.ui.queues().map((queue) => [queue, queueOf(queue, words)]);
    const answer = await askFor({
      title: words.transferTitle, action: words.transfer, cancel: words.cancel,
      fields: [
        choiceField(words.toAgent, "to_agent", words.nobodyChosen, agents),
        choiceField(words.toQueue, "to_queue", words.nobodyChosen, queues),
        areaField(words.note, "note"),
      ],
    });
    if (!answer || !(answer.to_agent || answer.to_queue)) return;
    if (answer.to_agent) delete answer.to_queue;
    await this.#step("transfer", withoutEmpty(answer), words.transferred);
  }

  /** Makes a reviewed answer of a reply. */
  async teach(text, known = null) {
    if (!this.ticket) return;
    const words = this.words();
    const { handoff, transcript } = this.ticket;
    const asked = handoff?.open_question?.text ?? transcript.find((turn) => turn.speaker === "customer")?.text ?? "";
    const lastReply = transcript.findLast((turn) => turn.speaker === "agent")?.text ?? "";
    const replace = make("input", { type: "checkbox", name: "replace", value: "yes" });
    const answer = await askFor({
      title: words.teachTitle, more: known ? words.known(known.answer) : words.teachMore, action: words.teach, cancel: words.cancel,
      fields: [
        textField(words.question, "question", known?.question ?? asked, { required: true }),
        areaField(words.answer, "answer", known?.mine ?? (text.trim() || lastReply), { required: true }),
        ...(known ? [make("label", { class: "choice" }, replace, words.replace)] : []),
      ],
    });
    if (!answer) return;
    const body = { agent: this.agent(), question: answer.question, answer: answer.answer };
    if (answer.replace) body.replace = true;
    try {
      const taught = await this.service.post(`v1/tickets/${encodeURIComponent(this.id)}/teach`, body);
      this.ui.say(words.taught[taught.outcome] ?? words.taught.taught);
    } catch (error) {
      if (error.code !== "conflict") return this.ui.failed(error);
      this.teach(text, { question: body.question, answer: error.detail, mine: body.answer });
    }
  }

  /** A reply is in the conversation although its confirmation may be lost: it is no draft any more. */
  #arrived({ speaker, agent, text }) {
    if (speaker !== "agent" || agent !== this.agent() || text !== this.reply.text.value.trim()) return;
    this.taking.arrived(this.id, "reply", { agent, text });
    this.reply.write("");
  }

  // ---- the draft ----------------------------------------------------------------------------------

  #draftChanged(text) {
    if (!this.id) return;
    this.drafts.write(this.id, text);
    this.assist.check(text);
  }

  /** Not every channel sets emphasis, so its marks stay out. */
  #insert(text) {
    this.#tab("talk");
    this.reply.insert(plain(text));
  }
}

const withoutEmpty = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value));
