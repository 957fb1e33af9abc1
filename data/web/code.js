// code.js: a code as it is shown: exactly, and so that nothing in it can't be seen or changes how the rest
// is read: control characters, and those that are invisible or turn the direction, are shown as signs.

import { make } from "./dom.js";

// By their numbers; the pictures that Unicode has for them are in few fonts.
const controls = ["NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR",
  "SO", "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS",
  "RS", "US"];

const HIDDEN = new RegExp("[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u180e\\u200b-\\u200f"
  + "\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb]", "u");

// How it is called where it is spoken or shown: "GS", "U+202E".
function toSign(character) {
  const point = character.codePointAt(0);
  return controls[point] ?? (point === 0x7f ? "DEL" : "U+" + point.toString(16).toUpperCase().padStart(4, "0"));
}

// A joiner between two signs makes one emoji of them: there it hides nothing.
function isJoiner(text, index) {
  return text[index] === "\u200d" && index > 0
    && /\p{Extended_Pictographic}\ufe0f?[\u{1f3fb}-\u{1f3ff}]?$/u.test(text.slice(Math.max(0, index - 8), index))
    && /^\p{Extended_Pictographic}/u.test(text.slice(index + 1, index + 3));
}

// Pieces in turn: text as it is, and signs: [text, isSign].
function split(code) {
  const pieces = [];
  let start = 0;
  for (let i = 0; i < code.length; i++) {
    if (!HIDDEN.test(code[i]) || isJoiner(code, i)) continue;
    if (i > start) pieces.push([code.slice(start, i), false]);
    pieces.push([toSign(code[i]), true]);
    start = i + 1;
  }
  if (start < code.length) pieces.push([code.slice(start), false]);
  return pieces;
}

// Of a code, and of all else that somebody elsewhere has written.
export function makeText(text, attributes = {}) {
  return make("bdi", { dir: "auto", ...attributes }, ...split(text).map(([piece, isSign]) =>
    isSign ? make("span", { class: "sign" }, piece) : piece));
}

export function hasHidden(code) {
  return split(code).some(([, isSign]) => isSign);
}

// For a line that is spoken or shown in passing.
export function shorten(code, length = 40) {
  const text = split(code).map(([piece, isSign]) => isSign ? " " + piece + " " : piece).join("");
  const characters = Array.from(text);
  return characters.length > length ? characters.slice(0, length).join("") + "…" : text;
}

export function countCharacters(code) {
  let count = 0;
  for (const _ of code) count++;
  return count;
}
