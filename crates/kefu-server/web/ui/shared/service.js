// Requests to the service, its problems and its event streams.

export class Problem extends Error {
  constructor(problem, retryAfterS = null) {
    super(problem.detail || problem.title || "error");
    this.code = problem.code || "other";
    this.detail = problem.detail || "";
    this.retryAfterMs = retryAfterS ? retryAfterS * 1000 : null;
  }

  /** Whether the same request may succeed later as it stands. */
  get isPassing() {
    return ["offline", "overloaded", "unavailable"].includes(this.code);
  }
}

/** A service at an address; paths are given as `v1/…`. */
export class Service {
  constructor(base) {
    this.base = new URL(base);
  }

  url(path) {
    return new URL(path, this.base).href;
  }

  async call(path, options = {}) {
    let response;
    try {
      response = await fetch(this.url(path), options);
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Problem({ code: "offline" });
    }
    if (!response.ok) {
      const problem = await response.json().catch(() => ({}));
      throw new Problem(problem, Number(response.headers.get("retry-after")));
    }
    return response;
  }

  async read(path, options) {
    return (await this.call(path, options)).json();
  }

  send(path, body, options = {}) {
    return this.call(path, {
      method: "POST",
      ...options,
      headers: { "content-type": "application/json", ...options.headers },
      body: JSON.stringify(body),
    });
  }

  async post(path, body, options) {
    return (await this.send(path, body, options)).json();
  }
}

/** Yields {event, data} of a response that is a server-sent event stream. */
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (;;) {
    let chunk;
    try {
      chunk = await reader.read();
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Problem({ code: "offline" });
    }
    if (chunk.done) return;
    waiting += chunk.value;
    const blocks = waiting.split(/\r?\n\r?\n/);
    waiting = blocks.pop();
    for (const block of blocks) {
      let event = "message";
      const data = [];
      for (const line of block.split(/\r?\n/)) {
        if (line.startsWith("event:")) event = line.slice(6).trim();
        else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
      }
      if (data.length) yield { event, data: JSON.parse(data.join("\n")) };
    }
  }
}
