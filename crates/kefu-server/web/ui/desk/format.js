// Times and states in words.

const MINUTE_MS = 60_000;

/** A length of time, roughly. */
export function duration(ms, words) {
  const minutes = Math.max(1, Math.round(Math.abs(ms) / MINUTE_MS));
  if (minutes < 60) return words.minutes(minutes);
  const hours = Math.round(minutes / 60);
  return hours < 48 ? words.hours(hours) : words.days(Math.round(hours / 24));
}

export function ago(at, words) {
  const ms = Date.now() - Date.parse(at);
  return ms < MINUTE_MS ? words.now : words.ago(duration(ms, words));
}

/** How a ticket stands against its clocks: { level, text }, or null where it has none. */
export function slaOf(ticket, words, now = Date.now()) {
  const sla = ticket.sla;
  if (!sla || sla.state === "none") return null;
  if (ticket.status === "resolved") {
    return sla.state === "breached" ? { level: "late", text: words.sla.missed } : { level: "met", text: words.sla.met };
  }
  const waitsForReply = sla.first_response_due && !sla.first_responded;
  const due = waitsForReply ? sla.first_response_due : sla.resolution_due;
  if (!due) return sla.state === "met" ? { level: "met", text: words.sla.met } : null;
  const left = Date.parse(due) - now;
  if (left <= 0) return { level: "late", text: words.sla.late(duration(left, words)) };
  const text = (waitsForReply ? words.sla.dueReply : words.sla.dueEnd)(duration(left, words));
  if (sla.state === "warning") return { level: "soon", text: `${text} · ${words.sla.warn}` };
  return { level: "ok", text };
}

export function moodOf(value, words) {
  if (value < -0.5) return words.moods.bad;
  if (value < -0.1) return words.moods.low;
  return value <= 0.3 ? words.moods.even : words.moods.good;
}

/** A word of the service in the words of the page. */
export const wordOf = (table, word) => table[word] ?? (word ?? "").replaceAll("_", " ");

/** A queue's name: in the words of the page where Kefu itself names it so, else as it is called. */
export const queueOf = (queue, words) => words.queues[queue] ?? queue;

export const numberOf = (ticket) => ticket.number ?? ticket.ticket_id.slice(-6);

export const clock = (at, tag) => new Date(at).toLocaleString(tag, {
  month: "short", day: "numeric", hour: "2-digit", minute: "2-digit",
});
