// Elements in and out of the document. Text from data becomes text nodes here and nothing else.
"use strict";

// Characters that hide or reorder what stands beside them: controls, bidi marks, zero widths.
const UNSEEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

function byId(id) {
  return document.getElementById(id);
}

// Text that shows every character it has: what is invisible becomes its code point.
function visible(text) {
  return String(text ?? "").replace(
    UNSEEN,
    (one) => `‹U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}›`,
  );
}

// An element with attributes, properties (`on…`, `text`) and children; strings become text.
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = visible(value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("aria-")) element.setAttribute(name, String(value));
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, String(value));
    }
  }
  for (const child of children) {
    if (child === null || child === undefined) continue;
    element.append(child instanceof Node ? child : visible(child));
  }
  return element;
}

// Something that a contributor wrote: kept apart, so that its direction turns nothing else round.
function said(text, attributes = {}) {
  return el("bdi", { text, ...attributes });
}

function seconds(time_s, digits = 2) {
  return `${Math.max(0, time_s).toFixed(digits)} s`;
}

let toastTimer = 0;

function toast(text) {
  const box = byId("toast");
  box.textContent = visible(text);
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, 3500);
}

// Fill in the words that index.html only names.
function fillLabels() {
  for (const element of document.querySelectorAll("[data-label]")) {
    element.textContent = label(element.dataset.label);
  }
  for (const element of document.querySelectorAll("[data-label-aria]")) {
    element.setAttribute("aria-label", label(element.dataset.labelAria));
  }
}
