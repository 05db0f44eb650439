// The reviewer's own events: kept in this browser, sent to the server where there is one.
"use strict";

const PREFIX = "tthd-review/";
const UNDO_DEPTH = 20;
const HANDLE = /^[a-z0-9][a-z0-9_-]{0,38}$/;

const store = {
  handle: null,
  events: new Map(), // clip id -> events of this reviewer, oldest first
  order: [], // ids of the events of this browser as they were made; a clock may jump
  undoStack: [], // [{clip_id, event_ids}], newest last
  outbox: [], // events that the server has not confirmed
  sending: false,

  // Read what this reviewer has decided before, in this browser or as the logs say.
  async open(handle) {
    this.handle = handle;
    this.events = new Map();
    const known = await ownEvents(handle);
    for (const entry of tthd.queue.clips) {
      const mine = Object.hasOwn(known, entry.clip_id) ? known[entry.clip_id] : [];
      const here = this.read(`event/${entry.clip_id}`, []);
      const ids = new Set(mine.map((event) => event.event_id));
      const all = [...mine, ...here.filter((event) => !ids.has(event.event_id))];
      if (all.length) this.events.set(entry.clip_id, all);
    }
    this.order = this.read("order", []);
    this.undoStack = this.read("undo", []).filter((one) => this.events.has(one.clip_id));
    this.outbox = this.read("outbox", []);
    this.write("handle", handle, "");
    this.send();
  },

  read(name, otherwise, handle = this.handle) {
    try {
      const text = localStorage.getItem(`${PREFIX}${handle}/${name}`);
      return text === null ? otherwise : JSON.parse(text);
    } catch {
      return otherwise;
    }
  },

  write(name, value, handle = this.handle) {
    try {
      localStorage.setItem(`${PREFIX}${handle}/${name}`, JSON.stringify(value));
    } catch {
      toast(label("not_stored"));
    }
  },

  lastHandle() {
    return this.read("handle", null, "");
  },

  // Add events of one clip; `undoable` puts them on the undo stack as one step.
  add(clipId, events, undoable = true) {
    const all = [...(this.events.get(clipId) ?? []), ...events];
    this.events.set(clipId, all);
    this.write(`event/${clipId}`, all);
    this.order.push(...events.map((event) => event.event_id));
    this.write("order", this.order);
    if (undoable) {
      const step = { clip_id: clipId, event_ids: events.map((event) => event.event_id) };
      this.undoStack = [...this.undoStack, step].slice(-UNDO_DEPTH);
    }
    this.write("undo", this.undoStack);
    if (tthd.settings.served) {
      this.outbox.push(...events);
      this.write("outbox", this.outbox);
      this.send();
    }
  },

  // Take the newest step back by new events: nothing that was said is erased. What was undone.
  undo() {
    const step = this.undoStack.pop();
    if (!step) return null;
    const known = this.events.get(step.clip_id) ?? [];
    const undone = known.filter((event) => step.event_ids.includes(event.event_id));
    const events = [...undone].reverse().map(opposite).filter(Boolean);
    this.add(step.clip_id, events, false);
    return { clip_id: step.clip_id, events: undone };
  },

  // What holds of this reviewer's events of a clip: the last vote that was not withdrawn.
  vote(clipId) {
    let vote = null;
    for (const event of this.events.get(clipId) ?? []) {
      if (event.clip_id === null) continue;
      if (["vote", "adjudicate"].includes(event.event)) vote = event;
      if (["withdraw_vote", "reopen"].includes(event.event)) vote = null;
    }
    return vote;
  },

  // This reviewer's vote on the rights of a whole item, whichever of its clips it was given at.
  rights(itemId) {
    const last = this.inOrder().filter((event) => (
      event.item_id === itemId && event.clip_id === null)).at(-1);
    return last && last.event === "vote" ? last : null;
  },

  count() {
    return [...this.events.values()].reduce((sum, events) => sum + events.length, 0);
  },

  // One JSON object a line, in the order in which they were made; the merge seals them.
  lines() {
    return this.inOrder().map((event) => `${JSON.stringify(event)}\n`).join("");
  },

  // All events as they were made; those of the logs, which this browser did not make, come first.
  inOrder() {
    const place = new Map(this.order.map((id, index) => [id, index]));
    const of = (event) => place.get(event.event_id) ?? -1;
    return [...this.events.values()].flat().sort((a, b) => of(a) - of(b));
  },

  download() {
    const blob = new Blob([this.lines()], { type: "application/x-ndjson" });
    const address = URL.createObjectURL(blob);
    const link = el("a", { download: `decisions.${this.handle}.jsonl`, href: address });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  },

  // Send what waits, one after the other; what the server refuses for good is told and dropped.
  async send() {
    if (!tthd.settings.served || this.sending) return;
    this.sending = true;
    while (this.outbox.length) {
      const answer = await post("decisions", this.outbox[0]);
      if (answer.retry) {
        toast(label("not_sent", { why: answer.why }));
        setTimeout(() => this.send(), 5000);
        break;
      }
      if (answer.why) toast(label("refused", { why: answer.why }));
      this.outbox.shift();
      this.write("outbox", this.outbox);
      end.tell();
    }
    this.sending = false;
  },
};

// What the logs hold of this reviewer, by clip; only a server can be asked for any handle.
async function ownEvents(handle) {
  if (!tthd.settings.served) return tthd.settings.reviewer === handle ? tthd.queue.own ?? {} : {};
  try {
    return await (await fetch(`data/own/${handle}.json`)).json();
  } catch {
    return {};
  }
}

async function post(address, event) {
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(event),
    });
    if (response.ok) return {};
    const why = (await response.text()).slice(0, 300);
    return { why, retry: response.status >= 500 };
  } catch (error) {
    return { why: error.message, retry: true };
  }
}

// The event that takes another back; null for one that stays, such as a comment.
function opposite(event) {
  if (event.event === "vote") {
    return { ...event, ...fresh(), event: "withdraw_vote", verdict: null, reasons: [], answers: {},
             settles: [], comment: "" };
  }
  if (event.event === "adjudicate") {
    return { ...event, ...fresh(), event: "reopen", verdict: null, reasons: [], fields_changed: {},
             settles: [...event.settles, event.event_id], comment: label("undone") };
  }
  if (event.event === "correct") {
    const swapped = Object.entries(event.fields_changed).map(
      ([name, change]) => [name, { old: change.new, new: change.old }],
    );
    return { ...event, ...fresh(), fields_changed: Object.fromEntries(swapped) };
  }
  return null;
}

function fresh() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const id = Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
  return { event_id: id, at: new Date().toISOString() };
}

// A line of the log about the clip that is shown.
function makeEvent(clip, fields) {
  return {
    ...fresh(),
    actor: store.handle,
    role: "reviewer",
    item_id: clip.item_id,
    clip_id: clip.clip_id,
    content_sha256: clip.content_sha256,
    source_sha256: clip.source_sha256,
    guideline_version: tthd.settings.guideline_version,
    event: "vote",
    verdict: null,
    reasons: [],
    fields_changed: {},
    answers: {},
    comment: "",
    seconds_spent: Math.round((performance.now() - desk.shownAt) / 100) / 10,
    ui_version: tthd.settings.ui_version,
    ...fields,
  };
}
