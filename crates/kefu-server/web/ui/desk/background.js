// The hand-off package: what a person needs to go on.

import { button, emphasised, make } from "../shared/dom.js";
import { languageTag } from "../shared/taste.js";
import { ago, moodOf, queueOf, wordOf } from "./format.js";

const heading = (text) => make("h4", {}, text);
const folded = (title, body) => make("details", {}, make("summary", {}, title), body);
const fact = (name, ...value) => [make("dt", {}, name), make("dd", {}, ...value)];

/** The parts of the package. `point(quote)` shows a quotation in the conversation. */
export function backgroundOf(ticket, words, point) {
  const handoff = ticket.handoff;
  if (!handoff) return [facts(ticket, {}, words), ...history(ticket, words)];
  return [
    facts(ticket, handoff, words),
    ...openQuestion(handoff, words, point),
    ...summary(handoff, words, point),
    ...tried(handoff, words),
    ...asked(handoff, words, point),
    ...history(ticket, words),
  ];
}

/** Who did what at the desk. */
function history({ history: steps = [] }, words) {
  const shown = steps.filter((step) => words.actions[step.action]);
  if (!shown.length) return [];
  const items = shown.map((step) => make("li", {},
    make("span", { class: "tag" }, words.actions[step.action]),
    make("span", {}, [step.actor, step.action === "transfer" || step.action === "assign" ? step.assignee : null].filter(Boolean).join(" → ") || "Kefu"),
    " ", make("span", { class: "small" }, ago(step.at, words)),
    step.note ? make("p", { class: "note" }, step.note) : null));
  return [folded(words.history, make("ul", { class: "attempts" }, ...items))];
}

function facts(ticket, handoff, words) {
  const known = { ...ticket.customer, ...handoff.customer };
  const customer = { ...known, id: known.id ?? ticket.customer?.id, tier: known.tier ?? ticket.customer?.tier };
  const problem = handoff.problem ?? ticket.problem;
  const mood = handoff.sentiment ?? ticket.sentiment;
  const list = make("dl", { class: "facts" });
  const isClaim = (customer.id || customer.tier) && !customer.verified;
  const claim = isClaim ? make("span", { class: "tag", title: words.unverifiedMore }, words.unverified) : "";
  list.append(...fact(words.customer, [customer.id, customer.tier].filter(Boolean).join(" · ") || words.unknownCustomer, claim));
  for (const [name, value] of Object.entries(customer.attributes ?? {})) list.append(...fact(name, value));
  if (problem) list.append(...fact(words.problem, wordOf(words.problems, problem)));
  if (mood) {
    const trend = words.trends[mood.trend] ? ` · ${words.trends[mood.trend]}` : "";
    list.append(...fact(words.mood, moodOf(mood.now, words) + trend));
  }
  list.append(...fact(words.queue, queueOf(ticket.queue, words)));
  list.append(...fact(words.language, wordOf(words.languages, ticket.language)));
  if (handoff.channel ?? ticket.channel) list.append(...fact(words.channel, handoff.channel ?? ticket.channel));
  return list;
}

const quoted = (quote, words, point, tag) => make("li", {},
  tag ? make("span", { class: "tag" }, tag) : null,
  button({ class: "quote-link", title: words.showTurn, onclick: () => point(quote) }, ...emphasised(quote.text)));

function openQuestion({ open_question: quote, language }, words, point) {
  if (!quote) return [];
  return [heading(words.openQuestion), make("ul", { class: "quotes strong-quote", lang: languageTag(language) }, quoted(quote, words, point))];
}

function summary({ summary: lines, language }, words, point) {
  if (!lines?.length) return [];
  const items = lines.map((line) => quoted(line, words, point, wordOf(words.summaryReasons, line.reason)));
  return [heading(words.summary), make("ul", { class: "quotes", lang: languageTag(language) }, ...items)];
}

function tried({ tried: attempts }, words) {
  if (!attempts?.length) return [];
  const items = attempts.map((attempt) => make("li", {},
    make("span", { class: "tag" }, wordOf(words.outcomes, attempt.outcome)),
    make("span", {}, attempt.question || words.notKept),
    attempt.citations.length ? make("p", { class: "small" }, `${words.sources}: ${titles(attempt.citations)}`) : null,
  ));
  return [heading(words.tried), make("ul", { class: "attempts" }, ...items)];
}

const titles = (citations) => [...new Set(citations.map((citation) => citation.title))].join(" · ");

function asked({ asked: quotes, language }, words, point) {
  if (!quotes?.length) return [];
  const items = quotes.map((quote) => quoted(quote, words, point));
  return [folded(words.asked, make("ul", { class: "quotes", lang: languageTag(language) }, ...items))];
}
