// A lasting event stream that comes back by itself.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;

/** How long to wait before the n-th try: doubling, with a random part so that many pages that lost
 * the same service do not come back at the same moment. */
export function backoffMs(n, first = FIRST_WAIT_MS, longest = LONGEST_WAIT_MS) {
  const whole = Math.min(first * 2 ** n, longest);
  return whole / 2 + (Math.random() * whole) / 2;
}

/**
 * Listens to a stream of events. `handlers` maps names of events to functions of their data;
 * `opened` is called on every connection, the first and later ones: what happened in between has to
 * be read anew there. `lost` is called once per loss.
 */
export class Live {
  #url;
  #handlers;
  #source = null;
  #timer = null;
  #n_failures = 0;
  #is_lost = false;

  constructor(url, { handlers, opened, lost }) {
    this.#url = url;
    this.#handlers = handlers;
    this.opened = opened;
    this.lost = lost;
    this.wake = () => this.now();
    addEventListener("online", this.wake);
    this.#connect();
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#source?.close();
    const source = new EventSource(this.#url);
    this.#source = source;
    source.addEventListener("open", () => {
      this.#n_failures = 0;
      this.#is_lost = false;
      this.opened?.();
    });
    for (const [name, handle] of Object.entries(this.#handlers)) {
      source.addEventListener(name, (event) => handle(event.data ? JSON.parse(event.data) : null));
    }
    source.addEventListener("error", (event) => {
      if (event.data !== undefined) return; // an event of the service that is named so
      source.close();
      if (source !== this.#source) return;
      this.#timer = setTimeout(() => this.#connect(), backoffMs(this.#n_failures));
      this.#n_failures += 1;
      if (!this.#is_lost) this.lost?.();
      this.#is_lost = true;
    });
  }

  /** Tries again at once where the stream is lost. */
  now() {
    if (this.#n_failures) this.#connect();
  }

  close() {
    removeEventListener("online", this.wake);
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }
}
