// row.js: one scan in the list: a line to be read in passing, and all that is known of it when it is opened.

import { INVALID, TOO_LARGE } from "./api.js";
import { makeText } from "./code.js";
import { make, speak } from "./dom.js";
import { FULL, UNKEPT } from "./outbox.js";
import { say, sayMoment, sayTime } from "./words.js";

const CONFLICT = 1007;

const states = {
  queued: "stateQueued",
  stored: "stateStored",
  rejected: "stateRejected",
  voided: "stateVoided",
};

const sources = {
  "wedge": "sourceScanner",
  "evdev": "sourceScanner",
  "hid-pos": "sourceScanner",
  "serial": "sourceScanner",
  "camera": "sourceCamera",
  "manual": "sourceManual",
  "remote": "sourceRemote",
  "import": "sourceImport",
};

const refusals = {
  [INVALID]: "refusedInvalid",
  [TOO_LARGE]: "refusedTooLarge",
  [CONFLICT]: "refusedConflict",
  [FULL]: "refusedFull",
  [UNKEPT]: "refusedUnkept",
};

function toDate(text) {
  return text === null ? null : new Date(text);
}

export class Row {
  #scan = null;
  #entry = null;
  #details = make("details", { toggle: () => this.#fillFacts() });
  #summary = make("summary");
  #facts = make("div", { class: "facts" });
  #verbs;
  #shown = "";
  element = make("li", { class: "row" });

  // verbs: { remove(entry), retry(entry) }: what a person can do with a code that was refused.
  constructor(verbs) {
    this.#verbs = verbs;
    this.#details.append(this.#summary, this.#facts);
    this.element.append(this.#details);
  }

  // The station's record; null while it is on this side alone.
  get scan() {
    return this.#scan;
  }

  // What waits in the outbox; null once the station has it.
  get entry() {
    return this.#entry;
  }

  showScan(scan) {
    this.#scan = scan;
    this.#entry = null;
    this.retell();
  }

  showEntry(entry) {
    this.#entry = entry;
    this.retell();
  }

  #describe() {
    if (this.#scan !== null) {
      const { code, state, symbology, station, device, reason, scanned_at: at } = this.#scan;
      return { code: code ?? "", state, word: states[state], symbology, where: device ?? station,
        at: toDate(at), reason };
    }
    const { code, at, refused } = this.#entry;
    const state = refused === null ? "waiting" : "refused";
    return { code, state, word: refused === null ? "stateWaiting" : "stateRefused",
      symbology: null, where: null, at: new Date(at), reason: refused === null ? null
        : say(refusals[refused.code] ?? "refusedFault", { message: refused.message, most: refused.most }) };
  }

  // In the language of now.
  retell() {
    const { code, state, word, symbology, where, at, reason } = this.#describe();
    if (this.#shown !== code) {
      this.#summary.replaceChildren(makeText(code, { class: "code" }), make("span", { class: "about" }));
      this.#shown = code;
    }
    this.element.dataset.state = state;
    this.#summary.lastChild.replaceChildren(...[
      make("span", { class: "state" }, say(word)),
      at !== null && make("time", { datetime: at.toISOString() }, sayTime(at)),
      symbology !== null && makeText(symbology, { class: "symbology" }),
      where !== null && makeText(where, { class: "where" }),
    ].filter(Boolean));
    this.element.querySelectorAll(":scope > :not(details)").forEach((element) => element.remove());
    if (reason !== null) this.element.append(make("p", { class: "reason" }, makeText(reason)));
    if (state === "refused") this.element.append(this.#makeVerbs());
    if (this.#details.open) this.#fillFacts();
  }

  #makeVerbs() {
    const entry = this.#entry;
    return make("div", { class: "verbs" },
      make("button", { type: "button", click: () => this.#verbs.retry(entry) }, say("tryAgain")),
      make("button", { type: "button", class: "danger", click: () => this.#verbs.remove(entry) }, say("remove")));
  }

  #listFacts() {
    const { code } = this.#describe();
    if (this.#scan === null) return [["factCode", code], ["factScanned", sayMoment(new Date(this.#entry.at))]];
    const scan = this.#scan;
    const tell = (text) => text === null ? null : sayMoment(new Date(text));
    return [
      ["factCode", code],
      ["factCodeRead", scan.code_read],
      ["factSymbology", scan.symbology],
      ["factAim", scan.aim],
      ["factSource", sources[scan.source] === undefined ? scan.source : say(sources[scan.source])],
      ["factDevice", scan.device],
      ["factStation", scan.station],
      ["factOperator", scan.operator],
      ["factScanned", tell(scan.scanned_at)],
      ["factStored", tell(scan.stored_at)],
      ["factCollected", tell(scan.collected_at)],
      ["factVoided", tell(scan.voided_at)],
      ["factId", scan.id === null ? null : String(scan.id)],
      ["factUuid", scan.uuid],
    ].filter(([, value]) => value !== null);
  }

  // Made when it is wanted: most rows are never opened.
  #fillFacts() {
    if (!this.#details.open) {
      this.#facts.replaceChildren();
      return;
    }
    const list = make("dl");
    for (const [word, value] of this.#listFacts()) {
      const isCode = word.startsWith("factCode");
      list.append(make("dt", {}, say(word)), make("dd", { class: isCode ? "code" : null }, makeText(value)));
    }
    this.#facts.replaceChildren(list);
    if (navigator.clipboard === undefined) return;
    const button = make("button", { type: "button" }, say("copy"));
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(this.#describe().code);
      button.textContent = say("copied");
      speak(say("copied"));
    });
    this.#facts.append(make("div", { class: "verbs" }, button));
  }
}
