// The one media element: playing, single frames, and which frame is on the screen now.
"use strict";

const SPEEDS = [0.25, 0.5, 0.75, 1, 1.5, 2];
const HEARD_SHARE = 0.95; // of its length: browsers report played stretches roughly

const player = {
  video: byId("video"),
  clip: null,
  frame: 0,
  heard: false, // played to the end once
  heardClips: new Set(), // those of this session
  stopAt_s: null, // end of a single syllable
  watchers: [], // called with (frame, time in seconds) whenever another frame is shown

  open(clip) {
    this.clip = clip;
    this.heard = this.heardClips.has(clip.clip_id);
    this.stopAt_s = null;
    this.frame = 0;
    this.video.src = clip.video;
    this.video.loop = true;
    this.video.load();
    this.setSpeed(this.video.defaultPlaybackRate);
    this.tell(0);
  },

  close() {
    this.clip = null;
    byId("clock").textContent = "";
    this.video.removeAttribute("src");
    this.video.load();
  },

  get time_s() {
    return (this.frame + 0.5) / this.clip.fps;
  },

  toggle() {
    if (!this.clip) return;
    if (this.video.paused) this.video.play().catch(() => {});
    else this.video.pause();
    this.stopAt_s = null;
  },

  seekFrame(frame) {
    if (!this.clip) return;
    const last = this.clip.frames - 1;
    const wanted = Math.min(Math.max(frame, 0), last);
    // The middle of a frame is shown as that frame, whichever way a browser rounds.
    this.video.currentTime = (wanted + 0.5) / this.clip.fps;
    this.tell(wanted);
  },

  step(frames) {
    this.video.pause();
    this.stopAt_s = null;
    this.seekFrame(this.frame + frames);
  },

  // A pause stands on the whole frame that is on the screen, however far the clock has run in it.
  settle() {
    if (!this.clip || !this.video.paused) return;
    if (this.video.ended) this.tell(this.clip.frames - 1); // a seek would not play from the start
    else this.seekFrame(this.frame);
  },

  playFrom(start_s, end_s) {
    this.video.currentTime = start_s;
    this.stopAt_s = end_s;
    this.video.play().catch(() => {});
  },

  toggleLoop() {
    this.video.loop = !this.video.loop;
    return this.video.loop;
  },

  changeSpeed(by) {
    const here = SPEEDS.indexOf(this.video.playbackRate);
    const next = Math.min(Math.max((here < 0 ? SPEEDS.indexOf(1) : here) + by, 0), SPEEDS.length - 1);
    this.setSpeed(SPEEDS[next]);
  },

  setSpeed(rate) {
    this.video.defaultPlaybackRate = rate;
    this.video.playbackRate = rate;
    byId("speed").textContent = `${rate}×`;
  },

  // The frame of the video's own clock; the last word has requestVideoFrameCallback.
  look(time_s) {
    if (!this.clip) return;
    const frame = Math.floor(time_s * this.clip.fps + 0.25);
    this.tell(Math.min(Math.max(frame, 0), this.clip.frames - 1));
    if (this.stopAt_s !== null && time_s >= this.stopAt_s) {
      this.video.pause();
      this.seekFrame(Math.ceil(this.stopAt_s * this.clip.fps) - 1); // stay on what was played
      this.stopAt_s = null;
    }
    if (!this.heard) this.listen();
  },

  listen() {
    const played = this.video.played;
    let sum_s = 0;
    for (let k = 0; k < played.length; k += 1) sum_s += played.end(k) - played.start(k);
    if (sum_s < HEARD_SHARE * this.clip.duration_s) return;
    this.heard = true;
    this.heardClips.add(this.clip.clip_id);
    document.dispatchEvent(new Event("heard"));
  },

  tell(frame) {
    this.frame = frame;
    byId("clock").textContent = `${seconds(frame / this.clip.fps)} · ${frame}`;
    for (const watcher of this.watchers) watcher(frame, frame / this.clip.fps);
  },

  start() {
    const video = this.video;
    const follow = (now, facts) => {
      if (!video.seeking) this.look(facts.mediaTime);
      video.requestVideoFrameCallback(follow);
    };
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(follow);
    video.addEventListener("timeupdate", () => {
      if (!this.clip) return;
      if (!video.requestVideoFrameCallback && !video.seeking) this.look(video.currentTime);
      if (!this.heard) this.listen();
    });
    video.addEventListener("ended", () => this.clip && this.listen());
    const showState = () => {
      byId("play").textContent = label(video.paused ? "play" : "pause");
      keys.hint(byId("play"));
    };
    video.addEventListener("play", showState);
    video.addEventListener("emptied", showState); // another clip stops this one without a pause
    video.addEventListener("pause", () => {
      showState();
      this.settle();
    });
    video.addEventListener("error", () => {
      if (this.clip) desk.tellScreen(label("no_video"));
    });
  },
};
