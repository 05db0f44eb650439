// Warnings about a transcript while it is typed: the rules of tthd_tools/text/checks.py, in short.
"use strict";

const BREAKS = /[\u0f0b-\u0f12\u0f14\s]+/u;

// The character classes are those of Python's rules, so that both mean the same letters.
function textRules() {
  const { letters, signs, digits, unseen, deprecated } = tthd.settings.text;
  return {
    letter: new RegExp(`[${letters}]`, "u"),
    spoken: new RegExp(`[${letters}${digits}A-Za-z0-9]`, "u"),
    stacks: new RegExp(`[${letters}]`, "gu"),
    hidden: new RegExp(`[${unseen}]`, "gu"),
    discouraged: new RegExp(`[${deprecated}]`, "gu"),
    orphan: new RegExp(`(?<![${letters}${digits}${signs}\\u00a0\\u25cc])[${signs}]`, "u"),
  };
}

function codePoints(found) {
  const names = [...new Set(found ?? [])].map((one) => (
    `U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`));
  return names.join(", ");
}

// What is odd about a text, as {code, value}; only text in Tibetan script has these rules.
function checkText(text, clip) {
  if (!clip.is_tibetan || !text.trim()) return [];
  const { most_stacks, fastest_hz } = tthd.settings.text;
  const rules = textRules();
  const seen = text.replace(rules.hidden, "");
  const syllables = seen.split(BREAKS).filter((one) => rules.spoken.test(one));
  const long = syllables.find((one) => (one.match(rules.stacks) ?? []).length > most_stacks);
  const rate = syllables.length / clip.duration_s;
  const found = [
    ["M042", seen && !rules.letter.test(seen) && " "],
    ["M043", codePoints(text.match(rules.hidden))],
    ["M044", codePoints(text.match(rules.discouraged))],
    ["M045", codePoints(rules.orphan.exec(seen))],
    ["M046", long],
    ["M047", !clip.is_part && rate > fastest_hz && rate.toFixed(1)],
  ];
  return found.filter(([, value]) => value).map(([code, value]) => ({ code, value }));
}
