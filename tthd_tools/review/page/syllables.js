// A text comes in; its syllables, spread evenly over the speech of a clip, come out.
"use strict";

// The rules of tthd_tools/text/syllables.py: syllables of Tibetan, words of other languages.
function splitSyllables(text, isTibetan) {
  const { letters, signs, digits } = tthd.settings.text;
  const scripts = ["Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar"];
  const unspaced = scripts.map((name) => `\\p{Script=${name}}`).join("");
  const letter = `(?![${unspaced}${isTibetan ? "\\p{Script=Tibetan}" : ""}])[\\p{L}\\p{N}]`;
  const word = `${letter}(?:${letter}|[\\p{M}\\u200c\\u200d])*`;
  const kinds = [
    `[${unspaced}ー]\\p{M}*`,
    "[0-9]+(?:[.,][0-9]+)*(?![0-9]|[.,][0-9]|\\p{L})",
    `${word}(?:['’\\-‑]${word})*`,
  ];
  if (isTibetan) {
    kinds.unshift(
      `(?:(?<![${signs}])[${signs}]+)?[${letters}](?:(?!\\u0f7f)[${letters}${signs}\\u0f85])*\\u0f7f*`,
      `[${digits}][${digits}\\u0f18\\u0f19\\u0f3e\\u0f3f]*`,
    );
  }
  return text.match(new RegExp(kinds.join("|"), "gu")) ?? [];
}

// As `spread` of tthd_tools/review/transcript.py: one that falls on both sides of a pause lies on
// the side of its middle.
function spread(texts, { speech_s, duration_s }) {
  const spans = speech_s.length ? speech_s : [[0, duration_s]];
  const each_s = spans.reduce((sum, [start_s, end_s]) => sum + end_s - start_s, 0) / texts.length;
  let [before_s, index] = [0, 0];
  return texts.map((text, k) => {
    const length_s = () => spans[index][1] - spans[index][0];
    while ((k + 0.5) * each_s > before_s + length_s() && index < spans.length - 1) {
      before_s += length_s();
      index += 1;
    }
    const [low_s, high_s] = spans[index];
    const start_s = low_s + k * each_s - before_s;
    return { text, start_s: Math.max(low_s, start_s), end_s: Math.min(high_s, start_s + each_s) };
  });
}
