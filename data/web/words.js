// words.js: what the page says, in the reader's language, and times and numbers as they are written there.

import en from "./words-en.js";
import pt from "./words-pt.js";
import zh from "./words-zh.js";

const SAVED = "bipe.language";

// By the tag that the page's elements get.
const all = {
  "en": { name: "English", words: en },
  "pt-BR": { name: "Português (Brasil)", words: pt },
  "zh-CN": { name: "简体中文", words: zh },
};

export const languages = Object.entries(all).map(([tag, { name }]) => ({ tag, name }));

function findSaved() {
  try {
    return localStorage.getItem(SAVED);
  } catch {
    return null;
  }
}

function choose() {
  const saved = findSaved();
  if (Object.hasOwn(all, saved)) return saved;
  for (const wanted of navigator.languages) {
    const spoken = wanted.toLowerCase().split("-")[0];
    const tag = Object.keys(all).find((tag) => tag.split("-")[0] === spoken);
    if (tag !== undefined) return tag;
  }
  return "en";
}

let tag = choose();
let plural, number, clock, day, year, moment;

// Where the reader writes English in his own way, his clock stays his own.
function findLocale() {
  const spoken = tag.split("-")[0];
  return navigator.languages.find((wanted) => wanted.toLowerCase().split("-")[0] === spoken) ?? tag;
}

function prepare() {
  const locale = findLocale();
  plural = new Intl.PluralRules(tag);
  number = new Intl.NumberFormat(locale);
  clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
  day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
  year = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  moment = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "medium" });
  document.documentElement.lang = tag;
}

prepare();

export const words = new EventTarget(); // "changed": another language

export function getLanguage() {
  return tag;
}

export function setLanguage(wanted) {
  tag = wanted;
  try {
    localStorage.setItem(SAVED, tag);
  } catch {
    // Then it is for this time alone.
  }
  prepare();
  words.dispatchEvent(new Event("changed"));
}

// say("newScans", { count: 3 }): a text with plural forms takes that of count.
export function say(key, values = {}) {
  const entry = all[tag].words[key];
  const text = typeof entry === "string" ? entry : entry[plural.select(values.count)] ?? entry.other;
  return text.replace(/\{(\w+)\}/g, (_, name) =>
    typeof values[name] === "number" ? number.format(values[name]) : values[name]);
}

// Of today the clock alone, of years past the date alone.
export function sayTime(date) {
  const now = new Date();
  if (date.toDateString() === now.toDateString()) return clock.format(date);
  return (date.getFullYear() === now.getFullYear() ? day : year).format(date);
}

export function sayMoment(date) {
  return moment.format(date);
}

// What stands in the page from the beginning.
export function fillPage() {
  for (const element of document.querySelectorAll("[data-words]"))
    element.textContent = say(element.dataset.words);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
    element.title = say(element.dataset.label);
  }
  for (const element of document.querySelectorAll("[data-placeholder]"))
    element.placeholder = say(element.dataset.placeholder);
}
