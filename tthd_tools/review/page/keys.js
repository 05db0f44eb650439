// Which key does what: keymap.json, with this reviewer's own changes on top.
"use strict";

const NAMES = { ArrowLeft: "←", ArrowRight: "→", Space: "Space", Shift: "⇧" };

const keys = {
  map: {},
  byPointer: false, // the last thing touched was no key

  start(handlers) {
    this.handlers = handlers;
    this.read();
    document.addEventListener("keydown", (event) => {
      this.byPointer = false;
      this.press(event);
    });
    document.addEventListener("pointerdown", () => { this.byPointer = true; });
    // Space plays, also where a button has the focus; some browsers press that on the way up.
    document.addEventListener("keyup", (event) => {
      if (event.key === " " && event.target.matches("button") && !byId("dialog").open) event.preventDefault();
    });
    for (const button of document.querySelectorAll("[data-action]")) {
      button.addEventListener("click", () => {
        handlers[button.dataset.action]();
        if (this.byPointer) button.blur();
      });
    }
  },

  read() {
    const own = store.read("keymap", {}, "");
    this.map = {};
    for (const [action, known] of Object.entries(tthd.settings.keymap)) {
      this.map[action] = Object.hasOwn(own, action) ? [own[action]] : known;
    }
    document.querySelectorAll("[data-action]").forEach((button) => this.hint(button));
  },

  actions() {
    return Object.keys(this.map);
  },

  // Give an action another key; returns the action that has that key already.
  bind(action, key) {
    const holder = this.find(key);
    if (holder && holder !== action) return holder;
    const own = { ...store.read("keymap", {}, ""), [action]: key };
    store.write("keymap", own, "");
    this.read();
    return null;
  },

  reset() {
    localStorage.removeItem(`${PREFIX}/keymap`);
    this.read();
  },

  find(key) {
    return this.actions().find((action) => this.map[action].includes(key)) ?? null;
  },

  // The name of a pressed key. A Tibetan or Chinese layout types no `a`: then its place counts.
  name(event) {
    let { key } = event;
    if (key === " ") key = "Space";
    else if (/^Digit\d$/.test(event.code)) key = event.shiftKey ? `Shift+${event.code[5]}` : event.code[5];
    else if (/^[\x21-\x7e]$/.test(key)) key = key.toLowerCase();
    else if (/^Key[A-Z]$/.test(event.code)) key = event.code[3].toLowerCase();
    else if (event.shiftKey && key !== "Shift") key = `Shift+${key}`;
    return key;
  },

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const name = this.name(event);
    const writes = event.target.matches("input:not([type=checkbox]), textarea, select");
    if (writes) {
      const leaves = event.key === "Escape" || (event.key === "Enter" && event.target.matches("select"));
      if (leaves && !byId("dialog").open) event.target.blur();
      return;
    }
    if (byId("dialog").open) {
      if (event.key !== "Escape" && event.key !== "Tab" && dialogs.onKey?.(name)) event.preventDefault();
      else if (event.key === "Enter" && !event.target.matches("button.key, ul button")) {
        event.preventDefault();
        byId("dialog").querySelector("form").requestSubmit();
      }
      return;
    }
    if (event.key === "Enter" && event.target.matches("button")) return;
    const action = this.find(name);
    if (action) this.handlers[action]();
    else if (/^[1-9]$/.test(name) && desk.clip) words.chooseEmotion(Number(name) - 1);
    else if (/^Shift\+[0-3]$/.test(name) && desk.clip) words.chooseIntensity(Number(name.slice(6)));
    else return;
    event.preventDefault();
  },

  caps(action) {
    return this.map[action].map((key) => el("kbd", {
      text: key.split("+").map((part) => NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(" "),
    }));
  },

  // Write an action's key on its button.
  hint(button) {
    button.querySelector("kbd")?.remove();
    const cap = this.map[button.dataset.action] && this.caps(button.dataset.action)[0];
    if (cap) button.append(cap);
  },
};
