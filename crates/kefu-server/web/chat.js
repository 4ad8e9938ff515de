// The chat page: asks over server-sent events, shows sources, calls a person.
// Text from anywhere reaches the page as text nodes only.

import { byId, emphasised, icon, make } from "./chat/dom.js";
import { Problem, call, events, post } from "./chat/service.js";
import { openSource } from "./chat/source.js";
import { WORDS } from "./chat/words.js";

const STORED_CONVERSATION = "kefu.conversation";
const STORED_LANGUAGE = "kefu.language";
const POLL_MIN_MS = 5000;
const POLL_MAX_MS = 30000;

const page = {
  log: byId("log"),
  welcome: byId("welcome"),
  suggestions: byId("suggestions"),
  composer: byId("composer"),
  question: byId("question"),
  send: byId("send"),
  stop: byId("stop"),
  person: byId("person"),
  language: byId("language"),
  announcer: byId("announcer"),
  source: byId("source"),
};

const state = {
  language: firstLanguage(),
  conversation: sessionStorage.getItem(STORED_CONVERSATION),
  ticket: null,
  asking: null, // AbortController of the answer in progress
  seenTurns: new Set(),
  suggestions: [],
  with: "bot",
  poll: { timer: null, wait: POLL_MIN_MS },
  epoch: 0, // grows with every new conversation; late replies to an old one are dropped
};

function firstLanguage() {
  const chosen = sessionStorage.getItem(STORED_LANGUAGE);
  if (chosen in WORDS) return chosen;
  return (navigator.language || "en").toLowerCase().startsWith("zh") ? "zh" : "en";
}

const words = () => WORDS[state.language];

const THUMB_UP = "M6.5 9v7.500h-3V9zM6.5 9l3.200-6c1.500 0 2.300 1 2 2.500L11.200 8H15c1.100 0 1.900 1 1.700 2.100l-.9 4.800a2 2 0 0 1-2 1.600H6.5";
const THUMB_DOWN = "M6.5 11V3.500h-3V11zM6.5 11l3.200 6c1.500 0 2.300-1 2-2.500L11.200 12H15c1.100 0 1.900-1 1.700-2.100l-.9-4.800a2 2 0 0 0-2-1.600H6.5";

function announce(text) {
  page.announcer.textContent = text;
}

function scrollToEnd() {
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  window.scrollTo({ top: document.documentElement.scrollHeight, behavior });
}

const isNearEnd = () =>
  document.documentElement.scrollHeight - window.scrollY - window.innerHeight < 160;

// ---- the conversation on the page ---------------------------------------------------------------

function addToLog(element) {
  const follow = isNearEnd();
  page.welcome.hidden = true;
  page.log.append(element);
  if (follow) scrollToEnd();
  return element;
}

function showCustomer(text) {
  addToLog(make("li", { class: "turn turn-customer" }, make("p", { class: "words" }, text)));
  scrollToEnd();
}

function showAgent(text) {
  addToLog(
    make(
      "li",
      { class: "turn turn-agent" },
      make("p", { class: "who" }, words().agent),
      make("p", { class: "words" }, text),
    ),
  );
  announce(`${words().agent}: ${text}`);
}

function assistantTurn(text = "") {
  const said = make("p", { class: "words" }, ...emphasised(text));
  const tag = make("span", { class: "tag", title: words().disclosure }, words().ai);
  const who = make("p", { class: "who" }, words().kefu, tag);
  return { turn: make("li", { class: "turn turn-assistant" }, who, said), said };
}

function notice(kind, title, ...more) {
  const box = make("li", { class: `notice notice-${kind}` }, make("strong", {}, title), ...more);
  addToLog(box);
  announce(title);
  return box;
}

/** Buttons for what may have been meant; a click is the customer's reply. */
function optionList(options) {
  const buttons = options.map(({ label }) => make("button", { type: "button" }, label));
  for (const button of buttons) {
    button.addEventListener("click", () => {
      if (state.asking) return;
      buttons.forEach((other) => (other.disabled = true));
      button.setAttribute("aria-pressed", "true");
      ask(button.textContent);
    });
  }
  const items = buttons.map((button) => make("li", {}, button));
  return make("ul", { class: "options", "aria-label": words().options }, ...items);
}

function sourceList(citations, conflicting = []) {
  const list = make("ul", { class: "sources", "aria-label": words().sources });
  for (const citation of citations) {
    const label = words().openSource(citation.label, citation.title);
    const button = make(
      "button",
      { type: "button", "aria-label": label, click: () => openSource(citation, words()) },
      make("span", { class: "number" }, String(citation.label)),
      make("span", { class: "title" }, citation.title, ...otherwise(citation, conflicting)),
      make("span", { class: "quote" }, ...emphasised(citation.quote)),
    );
    list.append(make("li", {}, button));
  }
  return list;
}

/** Marks a source that says something else than the answer. */
function otherwise(citation, conflicting) {
  if (!conflicting.includes(citation.label)) return [];
  return [make("span", { class: "otherwise" }, words().otherwise)];
}

function feedbackRow(answer) {
  const row = make("div", { class: "after" });
  const said = make("span", { role: "status" });
  const thumbs = [
    ["up", words().helpful, THUMB_UP],
    ["down", words().unhelpful, THUMB_DOWN],
  ].map(([thumb, label, path]) => {
    const button = make(
      "button",
      { type: "button", class: "thumb", "aria-label": label, title: label, "aria-pressed": "false" },
      icon(path),
    );
    button.addEventListener("click", async () => {
      thumbs.forEach((other) => (other.disabled = true));
      try {
        await post("/v1/feedback", { answer_id: answer.answer_id, thumbs: thumb });
        button.setAttribute("aria-pressed", "true");
        said.textContent = words().thanks;
      } catch {
        thumbs.forEach((other) => (other.disabled = false));
        said.textContent = words().feedbackFailed;
      }
    });
    return button;
  });
  row.append(...thumbs, said);
  if (answer.offer_human && state.with === "bot") {
    row.append(
      make("button", { type: "button", class: "link", click: askForPerson }, words().offer),
    );
  }
  return row;
}

function showTicket(escalation) {
  if (!escalation || escalation.ticket_id === state.ticket) return;
  state.ticket = escalation.ticket_id;
  notice(
    "agent",
    words().handedOver,
    words().handedOverMore,
    make("p", { class: "number" }, `${words().ticket} ${escalation.ticket_id}`),
  );
}

function showProblem(error, question) {
  const text = words().problems[error.code] || words().problems.other;
  if (error.code === "too_large") {
    page.question.value = question;
    fitQuestion();
    notice("error", text);
    return;
  }
  const again = make("button", { type: "button", class: "link" }, words().again);
  const box = notice("error", text, again);
  again.addEventListener("click", () => {
    box.remove();
    ask(question, { repeat: true });
  });
}

// ---- asking -------------------------------------------------------------------------------------

function setAsking(controller) {
  state.asking = controller;
  page.send.hidden = controller !== null;
  page.stop.hidden = controller === null;
  showWhoAnswers();
}

/** A person can be called when nobody is on the way and nothing is being answered. */
function showWhoAnswers() {
  page.person.disabled = state.asking !== null || waitsForPerson();
}

async function ask(question, { repeat = false } = {}) {
  if (state.asking) return;
  const epoch = state.epoch;
  if (!repeat) showCustomer(question);
  const controller = new AbortController();
  setAsking(controller);
  const progress = addToLog(make("li", { class: "progress" }, words().statuses.triage));
  const { turn, said } = assistantTurn();
  turn.classList.add("writing");
  try {
    const body = { question, channel: "web" };
    if (state.conversation) body.conversation_id = state.conversation;
    const response = await post("/v1/answers", body, {
      headers: { accept: "text/event-stream" },
      signal: controller.signal,
    });
    let answer = null;
    for await (const { event, data } of events(response)) {
      if (event === "status") {
        progress.textContent = words().statuses[data.status] || words().statuses.retrieving;
      } else if (event === "delta") {
        if (!turn.isConnected) {
          progress.remove();
          addToLog(turn);
        }
        const follow = isNearEnd();
        said.append(data.text); // emphasis is set when the answer is whole
        if (follow) scrollToEnd();
      } else if (event === "final") {
        answer = data;
      } else if (event === "error") {
        throw new Problem(data);
      }
    }
    if (!answer) throw new Problem({ code: "offline" });
    if (epoch === state.epoch) showAnswer(answer, turn, said);
  } catch (error) {
    if (epoch !== state.epoch) return;
    if (error.name === "AbortError") {
      addToLog(make("li", { class: "progress-end after" }, words().stopped));
      announce(words().stopped);
    } else {
      if (error.code === "not_found") forgetConversation(); // the next try begins a new one
      showProblem(error, question);
    }
  } finally {
    progress.remove();
    turn.classList.remove("writing");
    if (epoch === state.epoch) {
      setAsking(null);
      page.question.focus({ preventScroll: true });
    }
  }
}

function showAnswer(answer, turn, said) {
  const follow = isNearEnd();
  rememberConversation(answer.conversation_id);
  if (!turn.isConnected) addToLog(turn);
  turn.lang = answer.language === "und" ? "" : answer.language;
  turn.querySelector(".tag").title = answer.disclosure;
  said.replaceChildren(...emphasised(answer.answer));
  announce(answer.answer);
  if (answer.outcome === "escalated") {
    state.with = state.with === "human" ? "human" : "queued";
    showTicket(answer.escalation);
    startPolling();
  } else {
    state.with = "bot";
    if (answer.clarify) turn.append(optionList(answer.clarify.options));
    if (answer.citations.length) turn.append(sourceList(answer.citations, answer.conflicting));
    turn.append(feedbackRow(answer));
  }
  if (follow) scrollToEnd();
}

function askForPerson() {
  ask(words().personAsk);
}

// ---- people -------------------------------------------------------------------------------------

const waitsForPerson = () => state.with === "queued" || state.with === "human";

function startPolling() {
  state.poll.wait = POLL_MIN_MS;
  schedulePoll();
}

function schedulePoll() {
  clearTimeout(state.poll.timer);
  if (!state.conversation || !waitsForPerson()) return;
  state.poll.timer = setTimeout(poll, state.poll.wait);
}

async function poll() {
  if (document.hidden || state.asking) return schedulePoll();
  const epoch = state.epoch;
  try {
    const conversation = await readConversation(state.conversation);
    if (epoch !== state.epoch) return;
    const isNews = showNews(conversation);
    state.poll.wait = isNews ? POLL_MIN_MS : Math.min(state.poll.wait * 1.3, POLL_MAX_MS);
  } catch {
    state.poll.wait = Math.min(state.poll.wait * 2, POLL_MAX_MS);
  }
  schedulePoll();
}

async function readConversation(id) {
  const response = await call(`/v1/conversations/${encodeURIComponent(id)}`);
  return response.json();
}

/** Shows what people wrote since the last look; true when there was something new. */
function showNews(conversation) {
  let isNews = false;
  for (const turn of conversation.turns) {
    if (turn.speaker !== "agent" || state.seenTurns.has(turn.turn_id)) continue;
    state.seenTurns.add(turn.turn_id);
    showAgent(turn.text);
    isNews = true;
  }
  const before = state.with;
  state.with = conversation.state === "closed" ? "bot" : conversation.state;
  showWhoAnswers();
  if (before === "queued" && state.with === "human" && !isNews) {
    notice("agent", words().joined);
    isNews = true;
  }
  if (conversation.state === "closed" && before !== "bot") {
    notice("agent", words().closed);
    state.ticket = null;
    isNews = true;
  }
  return isNews;
}

// ---- keeping and leaving a conversation -----------------------------------------------------------

function rememberConversation(id) {
  state.conversation = id;
  sessionStorage.setItem(STORED_CONVERSATION, id);
}

function forgetConversation() {
  state.conversation = null;
  state.ticket = null;
  state.with = "bot";
  state.seenTurns.clear();
  clearTimeout(state.poll.timer);
  sessionStorage.removeItem(STORED_CONVERSATION);
}

function newConversation() {
  state.epoch += 1;
  state.asking?.abort();
  forgetConversation();
  setAsking(null);
  page.log.replaceChildren();
  page.welcome.hidden = false;
  page.question.focus();
}

async function resumeConversation() {
  if (!state.conversation) return;
  const epoch = state.epoch;
  try {
    const conversation = await readConversation(state.conversation);
    if (epoch !== state.epoch || page.log.childElementCount) return;
    for (const turn of conversation.turns) {
      state.seenTurns.add(turn.turn_id);
      if (turn.speaker === "customer") showCustomer(turn.text);
      else if (turn.speaker === "agent") showAgent(turn.text);
      else addToLog(assistantTurn(turn.text).turn);
    }
    state.with = conversation.state === "closed" ? "bot" : conversation.state;
    showWhoAnswers();
    if (waitsForPerson()) {
      showTicket(conversation.ticket_id && { ticket_id: conversation.ticket_id });
      startPolling();
    }
    scrollToEnd();
  } catch (error) {
    if (error.code === "not_found") forgetConversation();
  }
}

// ---- language -------------------------------------------------------------------------------------

function useLanguage(language) {
  state.language = language;
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = words().title;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = words()[element.dataset.text];
  }
  for (const element of document.querySelectorAll("[data-hint]")) {
    element.placeholder = words()[element.dataset.hint];
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", words()[element.dataset.label]);
  }
  page.language.textContent = words().otherLanguage;
  page.language.setAttribute("aria-label", words().otherLanguageLabel);
  page.language.lang = language === "zh" ? "en" : "zh-CN";
}

function switchLanguage() {
  useLanguage(state.language === "zh" ? "en" : "zh");
  sessionStorage.setItem(STORED_LANGUAGE, state.language);
  showSuggestions();
}

// ---- start ----------------------------------------------------------------------------------------

async function loadSuggestions() {
  try {
    state.suggestions = (await (await call("/ui/config.json")).json()).suggested_questions;
  } catch {
    state.suggestions = [];
  }
  showSuggestions();
}

/** Offers the questions in the page's language, or all when none is. */
function showSuggestions() {
  const isChinese = (question) => /\p{Script=Han}/u.test(question);
  const own = state.suggestions.filter((q) => isChinese(q) === (state.language === "zh"));
  const buttons = (own.length ? own : state.suggestions).map((question) =>
    make("li", {}, make("button", { type: "button", click: () => ask(question) }, question)),
  );
  page.suggestions.replaceChildren(...buttons);
}

function fitQuestion() {
  page.question.style.height = "auto";
  page.question.style.height = `${page.question.scrollHeight}px`;
}

function submit() {
  const question = page.question.value.trim();
  if (!question || state.asking) return;
  page.question.value = "";
  fitQuestion();
  ask(question);
}

page.composer.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
page.question.addEventListener("input", fitQuestion);
page.question.addEventListener("keydown", (event) => {
  // Enter that ends the composition of a Chinese word is not a send.
  const isComposing = event.isComposing || event.keyCode === 229;
  if (event.key === "Enter" && !event.shiftKey && !isComposing) {
    event.preventDefault();
    submit();
  }
});
page.stop.addEventListener("click", () => state.asking?.abort());
page.person.addEventListener("click", askForPerson);
page.language.addEventListener("click", switchLanguage);
byId("new-conversation").addEventListener("click", newConversation);
byId("source-close").addEventListener("click", () => page.source.close());
page.source.addEventListener("click", (event) => {
  if (event.target === page.source) page.source.close();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && waitsForPerson()) startPolling();
});

useLanguage(state.language);
loadSuggestions();
resumeConversation();
page.question.focus();
