// Messages that the service has not confirmed yet. They outlive the page.

import { randomName } from "../shared/name.js";

const MOST_MESSAGES = 20;

export class Outbox {
  #storage;

  constructor(storage) {
    this.#storage = storage;
    this.messages = storage.read("outbox") ?? [];
  }

  get first() {
    return this.messages[0] ?? null;
  }

  get isFull() {
    return this.messages.length >= MOST_MESSAGES;
  }

  /** Adds a message under a name of its own, by which the service knows it again. */
  add(text) {
    const message = { id: randomName("msg"), text, was_sent: false };
    this.messages.push(message);
    this.#keep();
    return message;
  }

  /** Says that the message may have reached the service although nothing came back. */
  sent(message) {
    message.was_sent = true;
    this.#keep();
  }

  remove(id) {
    this.messages = this.messages.filter((message) => message.id !== id);
    this.#keep();
  }

  clear() {
    this.messages = [];
    this.#keep();
  }

  #keep() {
    this.#storage.write("outbox", this.messages.length ? this.messages : null);
  }
}
