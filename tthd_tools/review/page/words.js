// Transcript with its forms, editor and warnings, the dialect, and the emotion that is perceived.
"use strict";

const FORMS = ["norm", "raw", "wylie"];
const LONG_TEXT = 180; // characters: smaller letters show more of it
const EMPTY_DRAFT = {
  text: null, dialect: null, trim_s: null, emotion: null, intensity: null, relabel: false,
};

const words = {
  clip: null,
  form: "norm",
  draft: null, // as EMPTY_DRAFT; null in it: as it was

  open(clip) {
    this.clip = clip;
    this.form = clip.text.norm ? "norm" : "raw";
    this.draft = { ...EMPTY_DRAFT, ...store.read(`draft/${clip.clip_id}`, {}) };
    const vote = store.vote(clip.clip_id);
    if (vote && this.draft.emotion === null) {
      this.draft.emotion = vote.answers.emotion ?? null;
      this.draft.intensity = vote.answers.emotion_intensity ?? null;
    }
    this.leave();
    this.show();
  },

  // Keep what is begun, so that a reload loses nothing.
  keep() {
    store.write(`draft/${this.clip.clip_id}`, this.draft);
    this.show();
  },

  forget() {
    localStorage.removeItem(`${PREFIX}${store.handle}/draft/${this.clip.clip_id}`);
  },

  // What a vote that is undone held waits for the next vote; what was begun since then stays.
  bringBack(clipId, events) {
    const draft = { ...EMPTY_DRAFT };
    for (const { fields_changed, answers } of events) {
      const { text, dialect, trim_s, emotion, emotion_intensity } = fields_changed;
      const found = {
        text: text?.new, dialect: dialect?.new, trim_s: trim_s?.new,
        emotion: answers.emotion ?? emotion?.new,
        intensity: answers.emotion_intensity ?? emotion_intensity?.new,
        relabel: emotion || emotion_intensity ? true : null,
      };
      for (const [name, value] of Object.entries(found)) draft[name] = value ?? draft[name];
    }
    store.write(`draft/${clipId}`, store.read(`draft/${clipId}`, draft));
  },

  // What a text, dialect or label was and shall be, as the log wants it.
  changes() {
    const { clip, draft } = this;
    const now = clip.corrected;
    const found = {};
    if (draft.text !== null && draft.text !== now.text) {
      found.text = { old: now.text, new: draft.text };
    }
    if (draft.dialect !== null && draft.dialect !== now.dialect) {
      found.dialect = { old: now.dialect, new: draft.dialect };
    }
    if (draft.trim_s !== null && String(draft.trim_s) !== String(now.trim_s)) {
      // The log knows no missing trim: all of the clip stands for it.
      found.trim_s = { old: now.trim_s ?? [0, clip.duration_s], new: draft.trim_s };
    }
    if (draft.relabel && draft.emotion !== null) {
      if (draft.emotion !== now.emotion) found.emotion = { old: now.emotion, new: draft.emotion };
      if (draft.intensity !== null && draft.intensity !== now.emotion_intensity) {
        found.emotion_intensity = { old: now.emotion_intensity, new: draft.intensity };
      }
    }
    return found;
  },

  answers() {
    const found = {};
    if (this.draft.emotion !== null) found.emotion = this.draft.emotion;
    if (this.draft.emotion !== null && this.draft.intensity !== null) {
      found.emotion_intensity = this.draft.intensity;
    }
    return found;
  },

  get text() {
    return this.draft.text ?? this.clip.corrected.text;
  },

  show() {
    this.showText();
    this.showForms();
    this.showDialects();
    this.showEmotions();
    const names = Object.keys(this.changes()).map((name) => label(name === "trim_s" ? "trim" : name));
    byId("pending").textContent = names.length ? label("pending", { fields: names.join(", ") }) : "";
  },

  showText() {
    const box = byId("text");
    const { clip } = this;
    const isOwn = this.isCorrected;
    this.place();
    byId("text-status").textContent = isOwn ? label("corrected")
      : clip.text.status ? label(clip.text.status) : "";
    if (!this.text) box.replaceChildren(...this.nothing());
    else if (this.form === "wylie" && !isOwn) box.replaceChildren(said(clip.text.wylie ?? "", { class: "latin" }));
    else if (this.form === "raw" && !isOwn) box.replaceChildren(said(this.text));
    else box.replaceChildren(el("bdi", {}, ...this.spans(isOwn ? this.text : clip.text.norm)));
    box.classList.toggle("draft", isOwn);
    box.classList.toggle("long", this.text.length > LONG_TEXT);
    const found = checkText(this.text, clip);
    byId("warnings").replaceChildren(
      ...found.map(({ code, value }) => el("li", { text: `${label(code, { value })} [${code}]` })),
    );
  },

  // Without a transcript: what a machine suggests, for a person to take over and to mend.
  nothing() {
    const { draft } = this.clip.text;
    const none = el("p", { class: "quiet", text: label("no_text") });
    if (!draft) return [none];
    const take = el("button", {
      type: "button", id: "take-draft", text: label("take_draft"),
      onclick: () => {
        this.draft.text = draft;
        this.keep();
      },
    });
    none.append(" ", label("suggested"), " ", take);
    return [none, el("bdi", { class: "suggested", text: draft })];
  },

  get isCorrected() {
    return this.text !== this.clip.text.raw;
  },

  // The lane has the syllables of the text that is shown; nobody has aligned one that is corrected.
  place() {
    const { clip } = this;
    clip.sent ??= { syllables: clip.syllables, aligned: clip.aligned };
    Object.assign(clip, clip.sent);
    if (this.isCorrected && !clip.is_part) {
      clip.syllables = spread(splitSyllables(this.text, clip.is_tibetan), clip);
      clip.aligned = false;
    }
    timeline.relabel(clip);
  },

  // A text with each syllable marked, so that the one that is spoken can be shown.
  spans(text) {
    const found = [];
    let at = 0;
    this.clip.syllables.forEach((one, index) => {
      const start = text.indexOf(one.text, at);
      if (start < 0) return;
      found.push(visible(text.slice(at, start)));
      found.push(el("span", {
        "data-syllable": index, text: one.text,
        onclick: () => player.playFrom(one.start_s, one.end_s),
      }));
      at = start + one.text.length;
    });
    found.push(visible(text.slice(at)));
    return found;
  },

  // Only what was sent is known in all its forms.
  forms() {
    return this.isCorrected ? [] : FORMS.filter((form) => this.clip.text[form]);
  },

  showForms() {
    const buttons = this.forms().map((form) => el("button", {
      type: "button", text: label(form), "aria-pressed": this.form === form,
      onclick: () => this.setForm(form),
    }));
    byId("forms").replaceChildren(...buttons);
  },

  setForm(form) {
    this.form = form;
    this.showText();
    this.showForms();
    timeline.mark(-1);
  },

  nextForm() {
    const forms = this.forms();
    if (forms.length) this.setForm(forms[(forms.indexOf(this.form) + 1) % forms.length]);
  },

  showDialects() {
    const chosen = this.draft.dialect ?? this.clip.corrected.dialect ?? "unknown";
    const names = [...new Set([...this.clip.dialects, chosen])];
    byId("dialect").replaceChildren(
      ...names.map((name) => el("option", { value: name, text: name, selected: name === chosen })),
    );
  },

  showEmotions() {
    const { emotions } = tthd.settings;
    const chips = emotions.map((name, index) => el("button", {
      type: "button", role: "radio", class: "chip", "aria-checked": this.draft.emotion === name,
      onclick: () => this.chooseEmotion(index),
    }, el("span", { text: label(name) }),
    TIBETAN_NAMES[name] ? el("span", { class: "bo", lang: "bo", text: TIBETAN_NAMES[name] }) : null,
    index < 9 ? el("kbd", { text: index + 1 }) : null));
    byId("emotions").replaceChildren(...chips);
    const levels = [0, 1, 2, 3].map((level) => el("button", {
      type: "button", text: level, "aria-pressed": this.draft.intensity === level,
      disabled: this.draft.emotion === null, onclick: () => this.chooseIntensity(level),
    }));
    byId("intensity").replaceChildren(el("span", { class: "quiet", text: label("intensity") }), ...levels);
    this.showStated();
  },

  // What the contributor says would pull a reviewer along, so it comes after the vote.
  showStated() {
    const box = byId("stated-emotion");
    if (!store.vote(this.clip.clip_id)) {
      box.replaceChildren(label("hidden_label"));
      return;
    }
    const { emotion } = this.clip.stated;
    box.replaceChildren(emotion
      ? said(label("stated_label", { label: label(emotion) })) : label("no_label"));
    if (this.draft.emotion !== null && this.draft.emotion !== this.clip.corrected.emotion) {
      box.append(" ", el("label", {}, el("input", {
        type: "checkbox", checked: this.draft.relabel,
        onchange: (event) => { this.draft.relabel = event.target.checked; this.keep(); },
      }), ` ${label("correct_label")}`));
    }
  },

  chooseEmotion(index) {
    const name = tthd.settings.emotions[index];
    this.draft.emotion = this.draft.emotion === name ? null : name;
    if (this.draft.emotion === null) this.draft.intensity = null;
    this.keep();
  },

  chooseIntensity(level) {
    if (this.draft.emotion === null) return;
    this.draft.intensity = this.draft.intensity === level ? null : level;
    this.keep();
  },

  edit() {
    const editor = byId("editor");
    editor.value = this.text;
    editor.hidden = false;
    byId("text").hidden = true;
    editor.focus();
  },

  // Leave the editor; what was typed waits for the vote.
  leave() {
    byId("editor").hidden = true;
    byId("text").hidden = false;
  },

  trim(side) {
    const [start, end] = this.draft.trim_s ?? this.clip.corrected.trim_s ?? [0, this.clip.duration_s];
    const fps = this.clip.fps;
    const trim = side === "start" ? [player.frame / fps, end] : [start, (player.frame + 1) / fps];
    if (trim[0] >= trim[1]) return;
    this.draft.trim_s = trim.map((time_s) => Math.round(time_s * 1000) / 1000);
    this.keep();
    timeline.drawMarks();
  },

  start() {
    const editor = byId("editor");
    editor.addEventListener("input", () => {
      this.draft.text = editor.value;
      this.keep();
    });
    editor.addEventListener("blur", () => this.leave());
    byId("dialect").addEventListener("change", (event) => {
      this.draft.dialect = event.target.value;
      this.keep();
      if (keys.byPointer) event.target.blur();
    });
  },
};
