// Masks, mesh and face box over the picture, drawn anew for each frame.
"use strict";

const MASK_SIDE = 128;
const MASK_BYTES = (MASK_SIDE * MASK_SIDE) / 8;
const MASK_COLOURS = [[80, 220, 110], [255, 80, 90], [70, 140, 255]]; // face, mouth, person
const POINTS = 468;

const overlays = {
  canvas: byId("overlay"),
  shown: { mask: false, mesh: false, box: false },
  mesh: null,
  masks: null,
  valid: null,
  frames: 0,
  stamp: document.createElement("canvas"),

  async open(clip) {
    this.mesh = this.masks = this.valid = null;
    this.frames = clip.frames;
    const { mesh, masks, valid } = clip.drawings;
    const found = await Promise.all([unpack(mesh), unpack(masks), unpack(valid)]);
    if (desk.clip !== clip) return; // another clip was chosen meanwhile
    [this.mesh, this.masks, this.valid] = found;
    if (this.mesh) sumFrames(this.mesh, POINTS * 2);
    if (this.masks) flipFrames(this.masks, MASK_BYTES, this.frames);
    this.draw(player.frame);
  },

  toggle(name) {
    this.shown[name] = !this.shown[name];
    this.draw(player.frame);
    if (this.shown[name] && !(name === "mask" ? this.masks : this.mesh)) {
      toast(`${label(name)}: ${label("no_overlay")}`);
    }
    return this.shown[name];
  },

  draw(frame) {
    const { canvas } = this;
    const side = Math.round(canvas.clientWidth * devicePixelRatio);
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, side, side);
    if (this.shown.mask && this.masks) this.drawMasks(context, frame, side);
    const seen = this.valid && this.valid[frame] > 0;
    if (seen && this.shown.mesh && this.mesh) this.drawMesh(context, frame, side);
    if (seen && this.shown.box && this.mesh) this.drawBox(context, frame, side);
  },

  drawMasks(context, frame, side) {
    const image = new ImageData(MASK_SIDE, MASK_SIDE);
    for (const mask of [2, 0, 1]) { // the person below, the mouth on top
      const first = (mask * this.frames + frame) * MASK_BYTES;
      const [red, green, blue] = MASK_COLOURS[mask];
      for (let k = 0; k < MASK_SIDE * MASK_SIDE; k += 1) {
        if (!(this.masks[first + (k >> 3)] & (128 >> (k & 7)))) continue;
        image.data.set([red, green, blue, mask === 2 ? 70 : 110], 4 * k);
      }
    }
    this.stamp.width = this.stamp.height = MASK_SIDE;
    this.stamp.getContext("2d").putImageData(image, 0, 0);
    context.drawImage(this.stamp, 0, 0, side, side);
  },

  points(frame, side) {
    const scale = side / tthd.settings.mesh_px;
    const first = frame * POINTS * 2;
    return Array.from(this.mesh.subarray(first, first + POINTS * 2), (value) => value * scale);
  },

  drawMesh(context, frame, side) {
    const points = this.points(frame, side);
    const dot = Math.max(1, side / 300);
    context.fillStyle = "rgba(255, 255, 255, 0.9)";
    for (let k = 0; k < points.length; k += 2) {
      context.fillRect(points[k] - dot / 2, points[k + 1] - dot / 2, dot, dot);
    }
  },

  drawBox(context, frame, side) {
    const points = this.points(frame, side);
    const xs = points.filter((value, k) => k % 2 === 0);
    const ys = points.filter((value, k) => k % 2 === 1);
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    context.strokeStyle = "rgb(255, 210, 60)";
    context.lineWidth = Math.max(1.5, side / 250);
    context.strokeRect(left, top, Math.max(...xs) - left, Math.max(...ys) - top);
  },
};
