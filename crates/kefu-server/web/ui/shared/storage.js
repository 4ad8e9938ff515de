// What a page keeps between visits. Where a browser forbids that, it is kept until the page closes.

export class Storage {
  #prefix;
  #fallback = new Map();

  constructor(prefix) {
    this.#prefix = prefix;
  }

  read(name) {
    try {
      const text = localStorage.getItem(this.#prefix + name);
      return text === null ? null : JSON.parse(text);
    } catch {
      return this.#fallback.get(name) ?? null;
    }
  }

  write(name, value) {
    if (value === null) return this.remove(name);
    try {
      localStorage.setItem(this.#prefix + name, JSON.stringify(value));
    } catch {
      this.#fallback.set(name, value);
    }
  }

  remove(name) {
    this.#fallback.delete(name);
    try {
      localStorage.removeItem(this.#prefix + name);
    } catch {
      // Nothing was kept there.
    }
  }
}
