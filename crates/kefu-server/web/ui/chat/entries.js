// How entries of the conversation look.

import { button, emphasised, make, said, scriptOf } from "../shared/dom.js";
import { languageTag } from "../shared/taste.js";
import { ratingForm, thumbs } from "./rating.js";

const DRAWINGS = { customer, assistant, agent, notice, rating };

/** Draws an entry. `draw` is { words(), service, hooks }. */
export function drawn(entry, draw) {
  return DRAWINGS[entry.kind](entry, draw, draw.words());
}

const language = (text) => (text ? languageTag(scriptOf(text)) : null);

function customer(entry, draw, words) {
  const state = { waiting: words.waits, failed: words.notSent }[entry.status];
  return make("li", { class: `turn turn-customer is-${entry.status}` },
    make("span", { class: "unseen" }, `${words.you}: `),
    make("p", { class: "words", lang: language(entry.text) }, entry.text || words.notKept),
    state ? make("p", { class: "small" }, state) : null,
  );
}

function assistant(entry, draw, words) {
  const { answer } = entry;
  const tag = make("span", { class: "tag", title: answer?.disclosure ?? words.disclosure }, words.ai);
  const turn = make("li", { class: "turn turn-assistant" }, make("p", { class: "who" }, words.kefu, tag));
  if (entry.progress) {
    turn.append(make("p", { class: "progress" }, words.statuses[entry.progress] ?? words.statuses.retrieving));
    return turn;
  }
  turn.classList.toggle("is-writing", Boolean(entry.is_writing));
  const text = entry.text || (entry.is_writing ? "" : words.notKept);
  turn.append(make("p", { class: "words", lang: language(entry.text) }, ...said(text)));
  if (!answer) return turn;
  if (answer.clarify) turn.append(optionList(entry, draw, words));
  if (answer.citations.length) turn.append(sourceList(answer, draw, words));
  const isJudged = answer.outcome && answer.outcome !== "escalated"; // a hand-over is no answer
  if (answer.answer_id && isJudged) turn.append(afterAnswer(answer, draw, words));
  return turn;
}

function agent(entry, draw, words) {
  const who = entry.name ? words.agentNamed(entry.name) : words.agent;
  return make("li", { class: "turn turn-agent" },
    make("p", { class: "who" }, who),
    make("p", { class: "words", lang: language(entry.text) }, ...said(entry.text || words.notKept)),
  );
}

/** `entry.say(words)` gives { title }, so that it can be said in another language. */
function notice(entry, draw, words) {
  const again = entry.again ? button({ class: "link", onclick: entry.again }, words.again) : null;
  return make("li", { class: `notice notice-${entry.tone}` },
    make("strong", {}, entry.say(words).title), again);
}

function rating(entry, draw, words) {
  if (entry.rating) return make("li", { class: "notice notice-plain" }, words.rated, ...leaving(entry, words));
  const done = (value) => draw.hooks.rated(entry, value);
  const tools = { service: draw.service, done, leave: leaving(entry, words) };
  return make("li", { class: "notice notice-plain" }, ratingForm(entry, words, tools));
}

/** Ways out of a rating that was asked for before starting over. */
function leaving(entry, words) {
  if (!entry.restart) return [];
  const restart = button({ class: "strong restart", onclick: entry.restart }, words.restart);
  return [restart, button({ class: "link", onclick: entry.keep }, words.keepTalking)];
}

/** Buttons for what may have been meant; a click is the customer's reply. */
function optionList(entry, draw, words) {
  const buttons = entry.answer.clarify.options.map(({ label }) => {
    const choose = () => {
      entry.chosen = label;
      buttons.forEach((other) => (other.disabled = true));
      one.setAttribute("aria-pressed", "true");
      draw.hooks.say(label);
    };
    const one = button({ onclick: choose, disabled: Boolean(entry.chosen), "aria-pressed": String(entry.chosen === label) }, label);
    return one;
  });
  const items = buttons.map((one) => make("li", {}, one));
  return make("ul", { class: "options", "aria-label": words.options }, ...items);
}

function sourceList(answer, draw, words) {
  const items = answer.citations.map((citation) => {
    const isOther = answer.conflicting.includes(citation.label);
    const one = button(
      { "aria-label": words.openSource(citation.label, citation.title), onclick: () => draw.hooks.open(citation) },
      make("span", { class: "n" }, String(citation.label)),
      make("span", { class: "title" }, citation.title, isOther ? make("span", { class: "tag" }, words.otherwise) : null),
      make("span", { class: "quote" }, ...emphasised(citation.quote)),
    );
    return make("li", {}, one);
  });
  return make("ul", { class: "sources", "aria-label": words.sources }, ...items);
}

function afterAnswer(answer, draw, words) {
  const row = make("div", { class: "after" }, ...thumbs(answer.answer_id, words, draw.service));
  if (answer.offer_human) row.append(button({ class: "link", onclick: draw.hooks.callPerson }, words.offer));
  return row;
}
