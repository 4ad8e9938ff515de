// The question at the end of a conversation.

import { button, icon, make } from "../shared/dom.js";

const STAR = "M10 2.500l2.300 4.800 5.200.7-3.800 3.700.9 5.200-4.600-2.500-4.600 2.500.9-5.200L2.500 8l5.200-.7z";

/** A form that sends a rating of `entry.answerId`. `done(rating)` is called when it got through. */
export function ratingForm(entry, words, { service, done, leave }) {
  const said = make("p", { role: "status" });
  const comment = make("textarea", { rows: "2", maxlength: "1000", id: `comment-${entry.key}` });
  const submit = make("button", { type: "submit", class: "strong", disabled: true }, words.rate);
  const name = `rating-${entry.key}`;
  const stars = words.ratings.map((meaning, at) => {
    const input = make("input", { type: "radio", name, value: String(at + 1), class: "unseen" });
    input.addEventListener("change", () => {
      submit.disabled = false;
      said.textContent = meaning;
      stars.forEach((star, other) => star.classList.toggle("lit", other <= at));
    });
    const hint = make("span", { class: "unseen" }, `${words.stars(at + 1)}: ${meaning}`);
    return make("label", { class: "star", title: meaning }, input, star(), hint);
  });
  const form = make("form", { class: "rating" },
    make("fieldset", {}, make("legend", {}, words.rateTitle), make("div", { class: "stars" }, ...stars)),
    said,
    make("label", { for: comment.id, class: "small" }, words.comment),
    comment,
    make("div", { class: "row" }, submit, leave),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    const rating = Number(new FormData(form).get(name));
    const body = { answer_id: entry.answerId, rating, reason: "conversation" };
    if (comment.value.trim()) body.comment = comment.value.trim();
    try {
      await service.send("v1/feedback", body);
      done(rating);
    } catch {
      submit.disabled = false;
      said.textContent = words.feedbackFailed;
    }
  });
  return form;
}

function star() {
  const svg = icon("help");
  svg.firstChild.setAttribute("d", STAR);
  return svg;
}

/** Thumbs under one answer. */
export function thumbs(answerId, words, service) {
  const said = make("span", { role: "status" });
  const buttons = [["up", words.helpful], ["down", words.unhelpful]].map(([thumb, label]) => {
    const one = button({ class: "thumb", "aria-label": label, title: label, "aria-pressed": "false" }, icon(thumb));
    one.addEventListener("click", async () => {
      buttons.forEach((other) => (other.disabled = true));
      try {
        await service.send("v1/feedback", { answer_id: answerId, thumbs: thumb });
        one.setAttribute("aria-pressed", "true");
        said.textContent = words.thanks;
      } catch {
        buttons.forEach((other) => (other.disabled = false));
        said.textContent = words.feedbackFailed;
      }
    });
    return one;
  });
  return [...buttons, said];
}
