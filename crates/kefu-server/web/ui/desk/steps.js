// Steps on tickets. Each has a name of its own until the service confirmed it, so that one whose
// answer was lost on the way is sent again and taken once. Names outlive the page.

import { randomName } from "../shared/name.js";

const WAITS_MS = [700, 2000, 5000];
const LONGEST_ANSWER_MS = 20_000;
const MOST_NAMES = 50;
/** Later the same words are meant anew. */
const NAMES_LAST_MS = 10 * 60_000;

export class Steps {
  constructor({ service, storage }) {
    Object.assign(this, { service, storage });
    this.names = new Map(storage.read("steps") ?? []);
  }

  /** The ticket after the step. `failed` is called when the service was not heard and it goes on. */
  async take(ticketId, verb, body, failed) {
    const step = JSON.stringify([ticketId, verb, body]);
    const path = `v1/tickets/${encodeURIComponent(ticketId)}/${verb}`;
    const name = this.#nameOf(step);
    for (let n = 0; ; n += 1) {
      try {
        const options = { headers: { "idempotency-key": name }, signal: AbortSignal.timeout(LONGEST_ANSWER_MS) };
        const ticket = await this.service.post(path, body, options);
        this.#forget(step);
        return ticket;
      } catch (error) {
        if (!error.isPassing || n === WAITS_MS.length) throw error;
        failed();
        await new Promise((go) => setTimeout(go, Math.max(WAITS_MS[n], error.retryAfterMs ?? 0)));
      }
    }
  }

  /** What was sent is there: the same once more is another step. */
  arrived(ticketId, verb, body) {
    this.#forget(JSON.stringify([ticketId, verb, body]));
  }

  #nameOf(step) {
    const known = this.names.get(step);
    if (known && Date.now() - known.at < NAMES_LAST_MS) return known.name;
    const name = randomName("step");
    this.names.delete(step);
    this.names.set(step, { name, at: Date.now() });
    while (this.names.size > MOST_NAMES) this.names.delete(this.names.keys().next().value);
    this.#keep();
    return name;
  }

  #forget(step) {
    if (this.names.delete(step)) this.#keep();
  }

  #keep() {
    this.storage.write("steps", this.names.size ? [...this.names] : null);
  }
}
