// What a reviewer does with the clip that is shown: votes, corrections, notes, and undo.
"use strict";

const decide = {
  async vote(verdict) {
    const { clip } = desk;
    if (!clip) return;
    if (verdict === "accept" && !this.mayAccept()) {
      toast(label("play_first"));
      return;
    }
    let why = { reasons: [], comment: "" };
    if (verdict === "reject" || verdict === "request_changes") {
      why = await dialogs.reasons(verdict);
      if (why === null || desk.clip !== clip) return;
    }
    const events = [];
    const fields_changed = words.changes();
    if (this.isRuling(verdict)) {
      const settles = clip.standing; // what was known of, whatever any clock says
      const ruling = { event: "adjudicate", role: "adjudicator", verdict, fields_changed, settles };
      events.push(makeEvent(clip, { ...ruling, ...why }));
    } else {
      if (Object.keys(fields_changed).length) {
        events.push(makeEvent(clip, { event: "correct", fields_changed }));
      }
      const settles = clip.reopened; // an acceptance counts where it answers these
      events.push(makeEvent(clip, { verdict, answers: words.answers(), settles, ...why }));
    }
    store.add(clip.clip_id, events);
    words.forget();
    apply(clip, fields_changed);
    toast(label(`voted_${verdict}`));
    desk.move(1, true);
  },

  mayAccept() {
    return !tthd.settings.play_first || player.heard || store.vote(desk.clip.clip_id) !== null;
  },

  // A dispute is ended by an adjudicator who has not voted on it.
  isRuling(verdict) {
    return ["accept", "reject"].includes(verdict) && desk.entry().state === "disputed"
      && tthd.settings.rulers.includes(store.handle) && !store.vote(desk.clip.clip_id);
  },

  // Whether the whole item may be used at all: a vote of its own where the project asks for one.
  async voteRights(verdict) {
    const { clip } = desk;
    const why = verdict === "reject" ? await dialogs.reasons(verdict) : { reasons: [], comment: "" };
    if (why === null || desk.clip !== clip) return;
    const about = { clip_id: null, content_sha256: clip.item_content_sha256, settles: clip.reopened };
    store.add(clip.clip_id, [makeEvent(clip, { ...about, verdict, ...why })]);
    facts.showConsent(clip);
    toast(label(`voted_${verdict}`));
  },

  undo() {
    const undone = store.undo();
    if (undone === null) {
      toast(label("nothing_to_undo"));
      return;
    }
    words.bringBack(undone.clip_id, undone.events);
    tthd.clips.delete(undone.clip_id);
    toast(label("undone"));
    desk.show(undone.clip_id);
  },

  async note() {
    const { clip } = desk;
    if (!clip) return;
    player.video.pause();
    const time_s = Math.round((player.frame / clip.fps) * 1000) / 1000;
    const comment = await dialogs.note(time_s);
    if (comment === null) return;
    store.add(clip.clip_id, [makeEvent(clip, { event: "comment", comment, time_s })], false);
    timeline.drawMarks();
    facts.showHistory(clip);
    toast(label("saved"));
  },

  // The vote of this reviewer on the clip that is shown, and whether it can be accepted.
  showOwn() {
    const { clip } = desk;
    const button = document.querySelector("[data-action=accept]");
    button.disabled = !clip || !this.mayAccept();
    button.title = button.disabled ? label("play_first") : "";
    const vote = clip && store.vote(clip.clip_id);
    const own = byId("own");
    own.dataset.verdict = vote ? vote.verdict : "";
    own.textContent = vote ? label("your_vote", { verdict: label(`voted_${vote.verdict}`) })
      : clip ? label("not_voted") : "";
  },
};

// The corrections that hold for a clip, with this reviewer's own on top.
function apply(clip, fields_changed) {
  for (const [name, change] of Object.entries(fields_changed)) clip.corrected[name] = change.new;
}
