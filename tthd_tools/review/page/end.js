// What stands on the screen where no clip does: why, what is decided, and what is left to do.
"use strict";

const end = {
  box: byId("end"),

  show(text) {
    document.body.classList.add("empty");
    this.box.hidden = false;
    byId("end-text").textContent = text;
    this.tell();
  },

  hide() {
    document.body.classList.remove("empty");
    this.box.hidden = true;
  },

  // How many clips this reviewer has decided in which way, and whether that is safe.
  tell() {
    if (this.box.hidden || store.handle === null) return;
    const verdicts = tthd.queue.clips.map((entry) => store.vote(entry.clip_id)?.verdict);
    const tags = ["accept", "reject", "request_changes", "skip"].map((verdict) => {
      const count = verdicts.filter((one) => one === verdict).length;
      return count ? el("li", { class: "tag" }, `${label(`voted_${verdict}`)}: ${count}`) : null;
    });
    byId("end-counts").replaceChildren(...tags.filter(Boolean));
    byId("end-next").textContent = this.next();
  },

  next() {
    if (!store.count()) return "";
    if (!tthd.settings.served) return label("end_download", { key: keys.caps("download")[0].textContent });
    const waiting = store.outbox.length;
    return waiting ? label("end_waits", { count: waiting }) : label("end_saved");
  },
};
