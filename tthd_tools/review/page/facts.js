// What is known of a clip beside what is seen and heard: consent, scores, and earlier decisions.
"use strict";

const facts = {
  open(clip) {
    this.showConsent(clip);
    this.showScores(clip);
    this.showHistory(clip);
  },

  showConsent(clip) {
    const { consent } = clip;
    const status = clip.consent_status
      ?? (clip.consent_needed ? "missing" : clip.rights === "unknown" ? "unknown" : "not_needed");
    const box = byId("consent");
    box.dataset.status = status;
    const rows = [
      ["rights", clip.rights, "wide"], ["license", clip.license], ["tier", consent?.tier ?? clip.tier],
      ["speaker", clip.speaker_id], ["form", consent?.form_version],
    ].filter(([, value]) => value);
    const scopes = (consent?.scope ?? []).map((one) => el("span", { class: "tag", text: one }));
    box.replaceChildren(
      el("div", { class: "row" }, el("h2", { text: label("consent") }),
        el("strong", { class: "verdict", text: label(`consent_${status}`) })),
      el("dl", {}, ...rows.flatMap(([name, value, kind]) => [
        el("dt", { text: label(name) }), el("dd", { class: kind ?? "", title: visible(value) }, said(value)),
      ])),
      el("div", { class: "tags" }, ...scopes),
      tthd.settings.rights_vote ? this.rightsButtons(clip) : "",
    );
  },

  rightsButtons(clip) {
    const vote = store.rights(clip.item_id);
    const buttons = [["accept", "rights_hold"], ["reject", "rights_fail"]].map(([verdict, name]) => (
      el("button", { type: "button", "aria-pressed": vote?.verdict === verdict, text: label(name),
        onclick: () => decide.voteRights(verdict) })));
    return el("div", { class: "row rights" }, ...buttons);
  },

  showScores(clip) {
    const rows = clip.scores.map((score) => el("tr", { "data-state": score.state, title: score.when },
      el("th", { scope: "row", text: label(score.rule) }),
      el("td", { class: "number", text: score.value }),
      el("td", { class: "limit", text: score.limit }),
      el("td", { class: "state" }, el("span", { text: label(score.state) }))));
    byId("scores").replaceChildren(el("tbody", {}, ...rows));
  },

  showHistory(clip) {
    const box = byId("history");
    if (!store.vote(clip.clip_id)) {
      box.replaceChildren(el("p", { class: "quiet", text: label("hidden_history") }));
      return;
    }
    const own = (store.events.get(clip.clip_id) ?? []).map((event) => event.event_id);
    const others = clip.history.filter((event) => !own.includes(event.event_id));
    const mine = store.events.get(clip.clip_id) ?? [];
    const all = [...others, ...mine].sort((a, b) => (a.at < b.at ? 1 : -1));
    box.replaceChildren(...(others.length ? [] : [el("p", { class: "quiet", text: label("no_history") })]),
      el("ul", {}, ...all.map((event) => this.line(event))));
  },

  line(event) {
    const verdict = event.verdict ? label(`voted_${event.verdict}`) : label(event.event);
    const parts = [verdict, ...event.reasons.map(reasonLabel)];
    if (event.time_s !== null && event.time_s !== undefined) {
      parts.push(label("at_time", { time: seconds(event.time_s) }));
    }
    const changed = Object.keys(event.fields_changed).map((name) => label(name));
    return el("li", {}, el("strong", {}, said(event.actor)), ` ${[...parts, ...changed].join(" · ")} `,
      event.comment ? said(event.comment, { class: "comment" }) : null);
  },
};

function reasonLabel(reason) {
  return label(reason === "other" ? "other_reason" : reason);
}
