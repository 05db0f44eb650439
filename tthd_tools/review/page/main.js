// The desk: which clip is shown, the queue and its filter, and what each action does.
"use strict";

const FILTERS = ["todo", "all", "mine", "accepted", "rejected", "disputed"];
const POLL_MS = 20_000;

const desk = {
  clip: null,
  shownAt: 0,
  filter: "todo",

  entries() {
    return tthd.queue.clips.filter((entry) => this.fits(entry));
  },

  entry() {
    return tthd.queue.clips.find((entry) => entry.clip_id === this.clip.clip_id);
  },

  // Nobody decides about what they have sent themselves, or in a dialect that they do not know.
  isMine(entry) {
    const bare = (handle) => (handle ?? "").toLowerCase().replace(/[^a-z0-9]/g, "");
    const dialects = tthd.settings.dialects_of[store.handle] ?? [];
    return bare(entry.contributor) !== bare(store.handle)
      && (!dialects.length || [null, "unknown", ...dialects].includes(entry.dialect));
  },

  fits(entry) {
    const vote = store.vote(entry.clip_id);
    if (this.filter === "todo") {
      return vote === null && !["rejected", "accepted"].includes(entry.state) && this.isMine(entry);
    }
    if (this.filter === "mine") return vote !== null;
    return this.filter === "all" || entry.state === this.filter;
  },

  // Go to the next clip of the list, or the one before; `left` where the one shown leaves the list.
  move(by, left = false) {
    const clips = tthd.queue.clips;
    const here = clips.findIndex((entry) => entry.clip_id === this.clip?.clip_id);
    for (let k = 1; k <= clips.length; k += 1) {
      const entry = clips[(((here + by * k) % clips.length) + clips.length) % clips.length];
      if (this.fits(entry) && (k < clips.length || !left)) {
        this.show(entry.clip_id);
        return;
      }
    }
    this.close(label(this.filter === "todo" ? "all_done" : "no_clip"));
  },

  async show(clipId) {
    const wanted = loadClip(clipId);
    this.wanted = clipId;
    let clip;
    try {
      clip = await wanted;
    } catch (error) {
      if (this.wanted === clipId) this.close(error.message);
      return;
    }
    if (this.wanted !== clipId) return;
    this.clip = clip;
    this.shownAt = performance.now();
    end.hide();
    this.tellScreen("");
    this.correct(clip);
    this.hideWhole();
    player.open(clip);
    words.open(clip);
    facts.open(clip);
    await Promise.all([timeline.open(clip), overlays.open(clip)]);
    this.showHead();
    decide.showOwn();
    document.body.dataset.clip = clipId; // what is shown is complete now
    this.prefetch();
  },

  // This reviewer's own corrections hold at once on top of what the logs have settled; of that,
  // only the text is seen before the own vote.
  correct(clip) {
    clip.settled ??= clip.corrected;
    const hasVoted = store.vote(clip.clip_id) !== null;
    clip.corrected = hasVoted ? { ...clip.settled } : { ...clip.stated, text: clip.settled.text };
    for (const event of store.events.get(clip.clip_id) ?? []) {
      if (event.event === "correct") apply(clip, event.fields_changed);
    }
  },

  prefetch() {
    const entries = this.entries();
    const here = entries.findIndex((entry) => entry.clip_id === this.clip.clip_id);
    const next = entries[here + 1] ?? entries[0];
    if (next && next.clip_id !== this.clip.clip_id) loadClip(next.clip_id).catch(() => {});
  },

  close(text) {
    this.clip = null;
    player.close();
    document.body.dataset.clip = "";
    end.show(text);
    this.showHead();
    decide.showOwn();
  },

  tellScreen(text) {
    const note = byId("screen-note");
    note.textContent = text;
    note.hidden = !text;
  },

  showHead() {
    const { clip } = this;
    const [, stem, number] = /^(.*?)(_[0-9]+)?$/.exec(clip?.clip_id ?? "tthd review");
    byId("clip-name").replaceChildren(el("span", { class: "stem", text: stem }), number ?? "");
    byId("clip-name").title = stem + (number ?? "");
    const tags = clip ? [clip.language, clip.corrected.dialect, seconds(clip.duration_s),
      this.maySeeState(clip) && label(`state_${this.entry().state}`)] : [];
    byId("clip-tags").replaceChildren(...tags.filter(Boolean).map((tag) => el("span", { class: "tag" }, said(tag))));
    const all = tthd.queue.clips.length;
    const done = tthd.queue.clips.filter((one) => store.vote(one.clip_id)).length;
    const bar = byId("progress");
    bar.setAttribute("aria-valuemax", all);
    bar.setAttribute("aria-valuenow", done);
    byId("progress-fill").style.transform = `scaleX(${all ? done / all : 0})`;
    byId("progress-text").textContent = label("progress", { done, all });
  },

  // What others have decided is seen after the own vote, and by who ends disputes.
  maySeeState(clip) {
    return store.vote(clip.clip_id) !== null || tthd.settings.rulers.includes(store.handle);
  },

  // Notes with a time and trim marks on the time line.
  marks() {
    const { clip } = this;
    if (!clip) return [];
    const own = store.events.get(clip.clip_id) ?? [];
    const others = store.vote(clip.clip_id) ? clip.history : [];
    const found = [...others, ...own].filter((event) => typeof event.time_s === "number")
      .map((event) => ({ time_s: event.time_s, kind: "note", text: event.comment }));
    const trim = words.draft?.trim_s ?? clip.corrected.trim_s;
    if (trim) found.push(...trim.map((time_s) => ({ time_s, kind: "trim", text: seconds(time_s) })));
    return found;
  },

  hideWhole() {
    byId("still").hidden = true;
    byId("overlay").hidden = false;
    document.querySelector("[data-action=whole]").setAttribute("aria-pressed", "false");
  },

  toggleWhole() {
    const still = byId("still");
    if (!this.clip?.still) return toast(`${label("whole")}: ${label("no_overlay")}`);
    if (still.hidden) still.src = this.clip.still;
    still.hidden = !still.hidden;
    byId("overlay").hidden = !still.hidden;
    return press("whole", !still.hidden);
  },

  // What others have decided meanwhile, where a server knows it.
  async poll() {
    try {
      const response = await fetch("data/queue.json");
      const states = new Map((await response.json()).clips.map((one) => [one.clip_id, one.state]));
      for (const entry of tthd.queue.clips) entry.state = states.get(entry.clip_id) ?? entry.state;
      this.showHead();
    } catch { /* the next poll may reach it */ }
  },
};

function press(action, isOn) {
  document.querySelector(`[data-action=${action}]`).setAttribute("aria-pressed", String(isOn));
}

const handlers = {
  play: () => player.toggle(),
  frame_back: () => player.step(-1),
  frame_forward: () => player.step(1),
  second_back: () => desk.clip && player.step(-desk.clip.fps),
  second_forward: () => desk.clip && player.step(desk.clip.fps),
  loop: () => press("loop", player.toggleLoop()),
  slower: () => player.changeSpeed(-1),
  faster: () => player.changeSpeed(1),
  mask: () => press("mask", overlays.toggle("mask")),
  mesh: () => press("mesh", overlays.toggle("mesh")),
  box: () => press("box", overlays.toggle("box")),
  whole: () => desk.toggleWhole(),
  zoom: () => desk.clip && timeline.changeZoom(),
  text_form: () => desk.clip && words.nextForm(),
  accept: () => decide.vote("accept"),
  reject: () => decide.vote("reject"),
  changes: () => decide.vote("request_changes"),
  skip: () => decide.vote("skip"),
  undo: () => decide.undo(),
  edit: () => desk.clip && words.edit(),
  note: () => decide.note(),
  trim_start: () => desk.clip && words.trim("start"),
  trim_end: () => desk.clip && words.trim("end"),
  next: () => desk.move(1),
  previous: () => desk.move(-1),
  go: async () => {
    const clipId = await dialogs.go();
    if (clipId) desk.show(clipId);
  },
  download: () => store.download(),
  help: () => dialogs.keys(),
};

async function start() {
  fillLabels();
  if (!tthd.settings || !tthd.queue) {
    end.show(label("no_data"));
    return;
  }
  const names = FILTERS.map((name) => el("option", { value: name, text: label(`filter_${name}`) }));
  byId("filter").append(...names);
  byId("filter").addEventListener("change", (event) => {
    desk.filter = event.target.value;
    if (keys.byPointer) event.target.blur();
    desk.move(1);
  });
  keys.start(handlers);
  player.start();
  player.watchers.push((frame) => overlays.draw(frame));
  timeline.start();
  words.start();
  document.addEventListener("heard", () => decide.showOwn());
  let handle = tthd.settings.reviewer ?? store.lastHandle();
  while (!handle) handle = await dialogs.handle(null);
  await store.open(handle);
  if (tthd.settings.served) setInterval(() => desk.poll(), POLL_MS);
  desk.move(1);
}

start();
