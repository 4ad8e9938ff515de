// Replies that are not sent yet, by ticket. They outlive the page.

const MOST_DRAFTS = 50;

export class Drafts {
  constructor(storage) {
    this.storage = storage;
    this.texts = new Map(storage.read("drafts") ?? []);
  }

  read(ticketId) {
    return this.texts.get(ticketId) ?? "";
  }

  write(ticketId, text) {
    this.texts.delete(ticketId);
    if (text.trim()) this.texts.set(ticketId, text);
    while (this.texts.size > MOST_DRAFTS) this.texts.delete(this.texts.keys().next().value);
    this.storage.write("drafts", [...this.texts]);
  }
}
