// Who is at the desk, and that this agent is.

import { button, make } from "../shared/dom.js";

const HEARTBEAT_MS = 20_000;
const STATES = ["online", "away", "offline"];

export class Presence {
  constructor({ service, storage, words }) {
    Object.assign(this, { service, storage, words });
    this.name = storage.read("agent");
    this.state = "online";
    this.agents = [];
    this.count = button({ class: "quiet", "aria-expanded": "false", "aria-controls": "team", onclick: () => this.toggle() });
    this.list = make("ul", { class: "team", id: "team", hidden: true });
    this.choice = make("select", { class: "presence" });
    this.choice.addEventListener("change", () => {
      this.state = this.choice.value;
      this.beat();
    });
    addEventListener("pagehide", () => this.#tell("offline", { keepalive: true }));
    setInterval(() => this.beat(), HEARTBEAT_MS);
  }

  rename(name) {
    if (this.name && this.name !== name) this.#tell("offline");
    this.name = name;
    this.storage.write("agent", name);
    this.beat();
  }

  /** Says that this agent is here; what nobody says lapses. */
  beat() {
    this.#tell(this.state);
  }

  async #tell(state, options = {}) {
    if (!this.name) return;
    const path = `v1/agents/${encodeURIComponent(this.name)}`;
    await this.service.send(path, { state }, { method: "PUT", ...options }).catch(() => {});
  }

  async read() {
    const agents = await this.service.read("v1/agents").catch(() => null);
    if (agents) this.take(agents.items);
  }

  take(agents) {
    this.agents = agents;
    this.draw();
  }

  toggle() {
    this.list.hidden = !this.list.hidden;
    this.count.setAttribute("aria-expanded", String(!this.list.hidden));
  }

  draw() {
    const words = this.words();
    const n_online = this.agents.filter((agent) => agent.state === "online").length;
    this.count.textContent = words.teamCount(n_online);
    const items = this.agents.map((agent) => make("li", {},
      make("span", { class: `dot dot-${agent.state}`, "aria-hidden": "true" }),
      make("span", { class: "team-name" }, agent.agent),
      make("span", { class: "small" }, `${words.states[agent.state] ?? agent.state} · ${words.teamLoad(agent.n_open, agent.capacity)}`)));
    this.list.replaceChildren(...(items.length ? items : [make("li", { class: "small" }, words.nobody)]));
    this.list.setAttribute("aria-label", words.team);
    this.choice.setAttribute("aria-label", words.presence);
    this.choice.replaceChildren(...STATES.map((state) => make("option", { value: state }, words.states[state])));
    this.choice.value = this.state;
  }
}
