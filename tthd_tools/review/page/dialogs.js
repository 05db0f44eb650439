// One dialog at a time: reasons, a note, another clip, the keys, who reviews.
"use strict";

const REASON_KEYS = "123456789abcdefghijklmnop";
const MOST_FOUND = 12;

const dialogs = {
  box: byId("dialog"),
  onKey: null, // keys of the dialog's own

  // Show a form; resolves with what `read` returns, or null where it was left.
  ask(title, content, read, { confirm = label("ok"), onKey = null, mayCancel = true } = {}) {
    const { box } = this;
    return new Promise((resolve) => {
      let answer = null;
      const problem = el("p", { class: "problem", role: "alert" });
      const finish = () => {
        const found = read();
        if (found.problem) {
          problem.textContent = found.problem;
          return;
        }
        answer = found.value;
        box.close();
      };
      const form = el("form", { method: "dialog", onsubmit: (event) => {
        event.preventDefault();
        finish();
      } },
      el("h2", { text: title }), ...content, problem,
      el("div", { class: "row answers" },
        mayCancel ? el("button", { type: "button", onclick: () => box.close() }, label("cancel"),
          el("kbd", { text: label("escape") })) : null,
        el("button", { type: "submit", class: "strong" }, confirm, el("kbd", { text: label("enter") }))));
      this.onKey = onKey;
      box.replaceChildren(form);
      box.addEventListener("close", () => {
        this.onKey = null;
        box.replaceChildren();
        resolve(answer);
      }, { once: true });
      box.showModal();
      (box.querySelector("[autofocus]") ?? box.querySelector("input, textarea, button"))?.focus();
    });
  },

  handle(proposal) {
    const input = el("input", { value: proposal ?? "", maxlength: 39, autocomplete: "off", autofocus: true,
      spellcheck: "false", "aria-label": label("handle") });
    return this.ask(label("who"), [el("label", {}, label("handle"), input)], () => (
      HANDLE.test(input.value) ? { value: input.value } : { problem: label("handle_bad") }));
  },

  reasons(verdict) {
    const { reasons, vetoes } = tthd.settings;
    const offered = verdict === "reject" ? [...reasons, ...vetoes] : reasons;
    const chosen = new Set();
    const buttons = offered.map((reason, index) => {
      const button = el("button", { type: "button", class: "chip", "aria-pressed": "false",
        onclick: () => flip(index) }, el("kbd", { text: REASON_KEYS[index] }), reasonLabel(reason));
      return button;
    });
    const flip = (index) => {
      const reason = offered[index];
      if (!chosen.delete(reason)) chosen.add(reason);
      buttons[index].setAttribute("aria-pressed", String(chosen.has(reason)));
    };
    const comment = el("textarea", { rows: 2, maxlength: 2000, dir: "auto", "aria-label": label("why_comment"),
      placeholder: label("why_comment") });
    const groups = [el("div", { class: "chips" }, ...buttons.slice(0, reasons.length))];
    if (verdict === "reject") {
      groups.push(el("h3", { text: label("veto") }),
        el("div", { class: "chips veto" }, ...buttons.slice(reasons.length)));
    }
    buttons[0].setAttribute("autofocus", "");
    return this.ask(label(verdict === "reject" ? "why_reject" : "why_changes"), [...groups, comment], () => {
      const text = comment.value.trim();
      if (verdict === "reject" && !chosen.size && !text) return { problem: label("reason_needed") };
      if (chosen.has("other") && !text) return { problem: label("reason_needed") };
      if (verdict !== "reject" && !chosen.size && !text) return { problem: label("comment_needed") };
      const found = offered.filter((reason) => chosen.has(reason));
      return { value: { reasons: found.length ? found : ["other"], comment: text } };
    }, {
      confirm: label(verdict === "reject" ? "reject" : "changes"),
      onKey: (key) => {
        const index = key.length === 1 ? REASON_KEYS.indexOf(key) : -1;
        if (index >= 0 && index < offered.length) flip(index);
        return index >= 0 && index < offered.length;
      },
    });
  },

  note(time_s) {
    const text = el("textarea", { rows: 3, maxlength: 2000, dir: "auto", "aria-label": label("note_text"), autofocus: true });
    return this.ask(label("note_title", { time: seconds(time_s) }), [text], () => (
      text.value.trim() ? { value: text.value.trim() } : { problem: label("note_text") }));
  },

  go() {
    let found = [];
    const list = el("ul", { class: "found" });
    const input = el("input", { autocomplete: "off", spellcheck: "false", "aria-label": label("go_text"), autofocus: true,
      placeholder: label("go_text"), oninput: () => search() });
    const search = () => {
      const part = input.value.trim().toLowerCase();
      found = tthd.queue.clips.filter((entry) => entry.clip_id.includes(part)).slice(0, MOST_FOUND);
      list.replaceChildren(...found.map((entry) => el("li", {}, el("button", {
        type: "button", text: entry.clip_id,
        onclick: () => { this.box.close(); desk.show(entry.clip_id); },
      }))));
    };
    search();
    return this.ask(label("go_title"), [input, list], () => (
      found.length ? { value: found[0].clip_id } : { problem: label("no_clip") }));
  },

  keys() {
    const rows = keys.actions().map((action) => {
      const button = el("button", { type: "button", class: "key" }, ...keys.caps(action));
      button.addEventListener("click", async () => {
        button.replaceChildren(label("keys_press"));
        this.onKey = (key) => {
          this.onKey = null;
          const holder = keys.bind(action, key);
          if (holder) toast(label("keys_taken", { key: label(holder) }));
          button.replaceChildren(...keys.caps(action));
          return true;
        };
      });
      return el("tr", {}, el("th", { scope: "row", text: label(action) }), el("td", {}, button));
    });
    const fixed = [["1 … 9", "digits"], ["Shift 0 … 3", "shift_digits"]].map(([key, name]) => (
      el("tr", {}, el("th", { scope: "row", text: label(name) }), el("td", {}, el("kbd", { text: key })))));
    const reset = el("button", { type: "button", onclick: () => { keys.reset(); this.box.close(); } }, label("keys_reset"));
    return this.ask(label("keys_title"), [el("p", { class: "quiet", text: label("keys_hint") }),
      el("table", { class: "keys" }, el("tbody", {}, ...rows, ...fixed)), reset], () => ({ value: true }),
    { confirm: label("close"), mayCancel: false });
  },
};
