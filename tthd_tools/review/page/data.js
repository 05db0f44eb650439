// Data files call tthd.take(...) with JSON in a string; a clip's file is loaded when it is shown.
"use strict";

const CLIP_FILE = /^clips\/[a-z0-9][a-z0-9_-]{0,120}\.js(\?[0-9]+)?$/;
const KEPT_CLIPS = 4;
const ARRAYS = { int8: Int8Array, uint8: Uint8Array, int16: Int16Array };

const tthd = {
  settings: null,
  queue: null,
  waiting: new Map(),
  clips: new Map(),

  take(kind, text) {
    const value = JSON.parse(text);
    if (kind === "settings") this.settings = value;
    else if (kind === "queue") this.queue = value;
    else if (kind === "clip") this.waiting.get(value.clip_id)?.(value);
  },
};

// The only addresses that may become scripts, where the browser knows Trusted Types.
const policy = window.trustedTypes?.createPolicy("tthd", {
  createScriptURL(address) {
    if (!CLIP_FILE.test(address)) throw new TypeError(`no script of this page: ${address}`);
    return address;
  },
}) ?? { createScriptURL: (address) => address };

// A clip's data, read at most once; the promise fails where its file is missing.
function loadClip(clipId) {
  const known = tthd.clips.get(clipId);
  if (known) return known;
  const promise = new Promise((resolve, reject) => {
    const script = document.createElement("script");
    tthd.waiting.set(clipId, resolve);
    script.onerror = () => reject(new Error(label("no_clip_data")));
    script.onload = () => {
      script.remove();
      tthd.waiting.delete(clipId);
      reject(new Error(label("no_clip_data"))); // does nothing where the clip has arrived
    };
    script.src = policy.createScriptURL(`clips/${clipId}.js`);
    document.head.append(script);
  });
  promise.catch(() => tthd.clips.delete(clipId));
  tthd.clips.set(clipId, promise);
  for (const old of tthd.clips.keys()) {
    if (tthd.clips.size <= KEPT_CLIPS) break;
    tthd.clips.delete(old);
  }
  return promise;
}

// The numbers of a packed array; null where there is none, or the browser is too old for it.
async function unpack(packed) {
  if (!packed || !window.DecompressionStream) return null;
  const bytes = Uint8Array.from(atob(packed.data), (one) => one.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new ARRAYS[packed.dtype](await new Response(stream).arrayBuffer());
}

// Undo the differences from frame to frame: `add` for the mesh, `flip` for the bits of masks.
function sumFrames(values, rowLength) {
  for (let k = rowLength; k < values.length; k += 1) values[k] += values[k - rowLength];
  return values;
}

function flipFrames(values, rowLength, rows) {
  const length = rowLength * rows;
  for (let first = 0; first < values.length; first += length) {
    for (let k = first + rowLength; k < first + length; k += 1) values[k] ^= values[k - rowLength];
  }
  return values;
}
