// Waveform, spectrum and syllables along the clip, with a playhead driven by the picture.
"use strict";

const ZOOMS = [1, 2, 4, 8];
const NARROWEST_PX = 24; // a syllable with less room is a tick
const WAVE_SHARE = 0.5; // of the canvas; the spectrum has the rest

const timeline = {
  canvas: byId("wave"),
  lane: byId("lane"),
  marks: byId("marks"),
  head: byId("playhead"),
  clip: null,
  peaks: null,
  spectrum: null,
  speech: null,
  zoom: 1,
  first_s: 0,
  current: -1,

  async open(clip) {
    this.clip = clip;
    this.peaks = this.spectrum = this.speech = null;
    this.zoom = this.readableZoom();
    this.first_s = 0;
    this.note();
    this.draw();
    const { peaks, spectrum, speech } = clip.drawings;
    const found = await Promise.all([unpack(peaks), unpack(spectrum), unpack(speech)]);
    if (desk.clip !== clip) return;
    [this.peaks, this.spectrum, this.speech] = found;
    this.draw();
  },

  // Another text stands in the lane now, while the clip is shown.
  relabel(clip) {
    if (this.clip !== clip) return;
    this.note();
    this.drawLane();
    this.follow(player.frame, player.frame / clip.fps);
  },

  note() {
    const { clip } = this;
    let text = "";
    if (clip.syllables.length && !clip.aligned) text = label("not_aligned");
    if (clip.is_part) text = label("is_part");
    if (!clip.drawings.peaks) text = `${label("timeline")}: ${label("unmeasured")}`;
    byId("timeline-note").textContent = text;
  },

  get length_s() {
    return this.clip.duration_s / this.zoom;
  },

  share(time_s) {
    return (time_s - this.first_s) / this.length_s;
  },

  // The least zoom at which most syllables have room for their letters.
  readableZoom() {
    const lengths = this.clip.syllables.map((one) => one.end_s - one.start_s).sort((a, b) => a - b);
    if (!lengths.length) return 1;
    const room = (lengths[lengths.length >> 1] / this.clip.duration_s) * this.lane.clientWidth;
    return ZOOMS.find((zoom) => zoom * room >= NARROWEST_PX) ?? ZOOMS.at(-1);
  },

  changeZoom() {
    this.zoom = ZOOMS[(ZOOMS.indexOf(this.zoom) + 1) % ZOOMS.length];
    this.turnTo(player.time_s);
    this.draw();
  },

  // Turn the page so that a time can be seen; says whether anything has moved.
  turnTo(time_s) {
    const last = this.clip.duration_s - this.length_s;
    if (time_s >= this.first_s && time_s < this.first_s + this.length_s && this.first_s <= last) {
      return false;
    }
    this.first_s = Math.min(Math.max(time_s - this.length_s / 10, 0), last);
    return true;
  },

  follow(frame, time_s) {
    if (!this.clip) return;
    if (this.turnTo(time_s)) this.draw();
    const share = this.share(time_s + 0.5 / this.clip.fps);
    this.head.style.transform = `translateX(${share * this.canvas.clientWidth}px)`;
    this.mark(this.clip.syllables.findIndex((one) => time_s >= one.start_s && time_s < one.end_s));
  },

  mark(index) {
    if (index === this.current) return;
    this.current = index;
    for (const one of document.querySelectorAll("[data-syllable]")) {
      const isNow = Number(one.dataset.syllable) === index;
      one.classList.toggle("now", isNow);
      if (isNow && one.tagName === "SPAN") one.scrollIntoView({ block: "nearest" });
    }
  },

  draw() {
    const { canvas } = this;
    canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
    canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
    const context = canvas.getContext("2d");
    const style = getComputedStyle(document.documentElement);
    const waveHeight = this.spectrum ? canvas.height * WAVE_SHARE : canvas.height;
    if (this.speech) this.drawSpeech(context, waveHeight, style.getPropertyValue("--speech"));
    if (this.peaks) this.drawPeaks(context, waveHeight, style.getPropertyValue("--wave"));
    if (this.spectrum) this.drawSpectrum(context, waveHeight, style);
    this.drawLane();
    this.drawMarks();
    this.follow(player.frame, player.frame / this.clip.fps);
  },

  drawSpeech(context, height, colour) {
    context.fillStyle = colour;
    const width = context.canvas.width / (this.length_s * this.clip.fps);
    this.speech.forEach((share, frame) => {
      if (share < 128) return;
      const x = this.share(frame / this.clip.fps) * context.canvas.width;
      context.fillRect(x, 0, width + 1, height);
    });
  },

  drawPeaks(context, height, colour) {
    context.fillStyle = colour;
    const count = this.peaks.length / 2;
    const perSecond = tthd.settings.peaks_hz;
    const { width } = context.canvas;
    const loudest = this.peaks.reduce((most, value) => Math.max(most, Math.abs(value)), 12);
    for (let x = 0; x < width; x += 1) {
      const from = Math.floor((this.first_s + (x / width) * this.length_s) * perSecond);
      const to = Math.max(from + 1, Math.floor((this.first_s + ((x + 1) / width) * this.length_s) * perSecond));
      let [low, high] = [0, 0];
      for (let k = from; k < Math.min(to, count); k += 1) {
        low = Math.min(low, this.peaks[k]);
        high = Math.max(high, this.peaks[count + k]);
      }
      const top = (0.5 - (0.48 * high) / loudest) * height;
      const bottom = (0.5 - (0.48 * low) / loudest) * height;
      context.fillRect(x, top, 1, Math.max(1, bottom - top));
    }
  },

  drawSpectrum(context, top, style) {
    const bands = this.clip.drawings.spectrum.shape[1];
    const frames = this.clip.drawings.spectrum.shape[0];
    const image = new ImageData(frames, bands);
    const [red, green, blue] = style.getPropertyValue("--spectrum").split(",").map(Number);
    for (let k = 0; k < frames * bands; k += 1) {
      const at = 4 * ((bands - 1 - (k % bands)) * frames + Math.floor(k / bands));
      image.data.set([red, green, blue, this.spectrum[k]], at);
    }
    const stamp = document.createElement("canvas");
    [stamp.width, stamp.height] = [frames, bands];
    stamp.getContext("2d").putImageData(image, 0, 0);
    const { width, height } = context.canvas;
    const scale = frames / this.clip.duration_s;
    context.drawImage(stamp, this.first_s * scale, 0, this.length_s * scale, bands,
      0, top, width, height - top);
  },

  drawLane() {
    const width = this.lane.clientWidth;
    const found = this.clip.syllables.map((one, index) => {
      const room = ((one.end_s - one.start_s) / this.length_s) * width;
      const button = el("button", {
        type: "button", class: room < NARROWEST_PX ? "tick" : "", tabindex: -1,
        "data-syllable": index, title: seconds(one.start_s), text: one.text,
        onclick: () => player.playFrom(one.start_s, one.end_s),
      });
      button.style.left = `${this.share(one.start_s) * 100}%`;
      button.style.width = `${(room / width) * 100}%`;
      if (one.confidence !== null && one.confidence !== undefined) {
        button.style.setProperty("--confidence", one.confidence);
      }
      return button;
    });
    this.current = -1;
    this.lane.replaceChildren(...found);
  },

  // Notes and trim marks: of others only once this reviewer has voted.
  drawMarks() {
    const marks = desk.marks().map(({ time_s, kind, text }) => {
      const mark = el("span", { class: `mark ${kind}`, title: visible(text) });
      mark.style.left = `${this.share(time_s) * 100}%`;
      return mark;
    });
    this.marks.replaceChildren(...marks);
  },

  start() {
    player.watchers.push((frame, time_s) => this.follow(frame, time_s));
    this.canvas.addEventListener("pointerdown", (event) => {
      if (!this.clip) return;
      const share = event.offsetX / this.canvas.clientWidth;
      player.seekFrame(Math.floor((this.first_s + share * this.length_s) * this.clip.fps));
    });
    new ResizeObserver(() => this.clip && this.draw()).observe(this.canvas);
  },
};
