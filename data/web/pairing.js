// pairing.js: how this device gets its token. It was opened by the link in the QR code that the station's
// operator has shown, /#pair=CODE&fp=FINGERPRINT, or that link is pasted here. Both sides then show six
// digits; the operator compares them, and decides.

import { FORBIDDEN, Failure, INVALID, TOO_MANY, UNREACHABLE, ask } from "./api.js";
import { device } from "./device.js";
import { find, make, speak } from "./dom.js";
import { Wait } from "./wait.js";
import { say } from "./words.js";

const NAME_MAX = 64;
const NONCE_BYTES = 16;

// The station holds each question for 20 s; one that answers sooner is not asked without end.
const PACE = 1000;

function toBytes(hex) {
  return Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// { code, fingerprint } of a link or its fragment; null: it is none, or not whole.
export function parseLink(text) {
  const values = new URLSearchParams(text.slice(text.indexOf("#") + 1));
  const code = (values.get("pair") ?? "").toLowerCase();
  const fingerprint = (values.get("fp") ?? "").replaceAll(":", "").toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(code) || !/^[0-9a-f]{64}$/.test(fingerprint)) return null;
  return { code, fingerprint };
}

// HMAC-SHA-256, the code its key, over nonce and fingerprint; shortened as in RFC 4226, section 5.3.
export async function computeDigits({ code, fingerprint }, nonce) {
  const key = await crypto.subtle.importKey(
    "raw", toBytes(code), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const digest = new DataView(await crypto.subtle.sign("HMAC", key, toBytes(nonce + fingerprint)));
  const offset = digest.getUint8(digest.byteLength - 1) & 0x0f;
  return String((digest.getUint32(offset) & 0x7fffffff) % 1000000).padStart(6, "0");
}

function guessName() {
  const agent = navigator.userAgent;
  if (/Android/.test(agent)) return say("platformAndroid");
  if (/iPhone/.test(agent)) return say("platformIphone");
  // An iPad says that it is a Mac, but has fingers on it.
  if (/iPad/.test(agent) || (/Mac/.test(agent) && navigator.maxTouchPoints > 1)) return say("platformIpad");
  if (/Mac/.test(agent)) return say("platformMac");
  if (/Windows/.test(agent)) return say("platformWindows");
  return say(/Linux|CrOS/.test(agent) ? "platformLinux" : "platformOther");
}

function cleanName(text) {
  return Array.from(text.replace(/[\u0000-\u001f\u007f-\u009f]/g, " ").trim()).slice(0, NAME_MAX).join("").trim();
}

// "paired": detail.isKept; "ended": it was left without a token.
export class Pairing extends EventTarget {
  #card = find("pairing");
  #show = null; // what the card shows, to be told again in another language
  #control = null;
  #isUnderWay = false;

  get isOpen() {
    return !this.#card.hidden;
  }

  // Somebody is about it: not only told how it is done.
  get isUnderWay() {
    return this.isOpen && this.#isUnderWay;
  }

  retell() {
    if (this.isOpen) this.#show();
  }

  #fill(show, ...content) {
    this.#show = show;
    this.#card.hidden = false;
    this.#card.replaceChildren(
      make("h2", { id: "pairing-title", tabindex: "-1" }, say("pairTitle")), ...content.filter(Boolean));
  }

  close() {
    this.#control?.abort();
    this.#control = null;
    this.#card.hidden = true;
    this.#card.replaceChildren();
    this.#isUnderWay = false;
  }

  // How it is done; problem: why it has to be done anew.
  explain(problem = null) {
    this.#isUnderWay = problem !== null; // somebody is to read it
    if (!isSecureContext) {
      this.#fill(() => this.explain(problem), make("p", { class: "warning" }, say("pairUnencrypted")));
      return;
    }
    const link = make("input", { id: "pair-link", type: "url", inputmode: "url", autocomplete: "off",
      autocapitalize: "none", spellcheck: "false", placeholder: "https://…/#pair=…" });
    const submit = (event) => { event.preventDefault(); this.begin(link.value); };
    this.#fill(() => this.explain(problem),
      problem !== null && make("p", { class: "warning", role: "alert" }, problem()),
      make("p", {}, say("pairWhy")),
      make("ol", { class: "steps" }, make("li", {}, say("pairStepOpen")), make("li", {}, say("pairStepScan")),
        make("li", {}, say("pairStepCompare"))),
      make("form", { submit }, make("label", { for: "pair-link" }, say("pairLink")),
        make("div", { class: "line" }, link, make("button", { type: "submit" }, say("pairContinue")))),
      problem !== null && make("div", { class: "buttons" },
        make("button", { type: "button", click: () => this.#leave() }, say("close"))));
  }

  begin(text) {
    const link = parseLink(text);
    if (link === null) this.explain(() => say("pairBadLink"));
    else if (!isSecureContext) this.explain();
    else this.#askName(link, device.name ?? guessName(), false);
    this.focus();
  }

  focus() {
    find("pairing-title").focus();
  }

  #askName(link, name, isMissing) {
    this.#isUnderWay = true;
    const field = make("input", { id: "pair-name", type: "text", autocomplete: "off", maxlength: NAME_MAX,
      "aria-describedby": "pair-name-help" });
    field.value = name;
    const submit = (event) => {
      event.preventDefault();
      const cleaned = cleanName(field.value);
      if (cleaned === "") this.#askName(link, "", true);
      else this.#run(link, cleaned);
    };
    this.#fill(() => this.#askName(link, field.value, isMissing),
      make("form", { submit },
        make("label", { for: "pair-name" }, say("pairName")), field,
        make("p", { id: "pair-name-help", class: isMissing ? "warning" : "help" },
          say(isMissing ? "pairNameMissing" : "pairNameHelp")),
        make("div", { class: "buttons" },
          make("button", { type: "button", click: () => this.#leave() }, say("cancel")),
          make("button", { type: "submit", class: "primary" }, say("pairContinue")))));
    if (isMissing) field.focus();
  }

  #leave() {
    this.close();
    this.dispatchEvent(new Event("ended"));
  }

  // A page can't see the certificate that it came over: its digits are made with the fingerprint of the link,
  // so they don't tell of somebody in between. Only the browser's own warning does.
  #showDigits({ digits, fingerprint }, isAway) {
    const spaced = make("p", { class: "digits", role: "img", "aria-label":
      say("pairDigits", { digits: Array.from(digits).join(" ") }) },
      make("span", {}, digits.slice(0, 3)), make("span", {}, digits.slice(3)));
    this.#fill(() => this.#showDigits({ digits, fingerprint }, isAway),
      make("p", { class: "question" }, say("pairCompare")), spaced,
      make("p", {}, say("pairAllow")),
      make("p", { class: "help" }, say("pairCertificate")),
      make("p", { class: "code" }, fingerprint.toUpperCase().match(/../g).join(":")),
      make("p", { class: "waiting", role: "status" }, say(isAway ? "pairAway" : "pairWaiting")),
      make("div", { class: "buttons" },
        make("button", { type: "button", click: () => this.#leave() }, say("cancel"))));
  }

  // One question; the token, or null: ask again. Throws a Failure.
  async #ask(body, signal) {
    const { status, data } = await ask("POST", "/v1/pair", { body, signal, isAnonymous: true });
    return status === 201 ? data : null;
  }

  async #run(link, name) {
    const control = this.#control = new AbortController();
    const nonce = toHex(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
    const digits = await computeDigits(link, nonce);
    const shown = { digits, fingerprint: link.fingerprint };
    const wait = new Wait(1000, 5000);
    let isAway = false;
    const show = (isAwayNow) => {
      if (isAwayNow !== isAway) this.#showDigits(shown, isAwayNow);
      isAway = isAwayNow;
    };
    this.#showDigits(shown, false);
    this.focus();
    speak(say("pairDigits", { digits: Array.from(digits).join(" ") }));
    while (!control.signal.aborted) {
      const started = performance.now();
      let pause = 0;
      try {
        const grant = await this.#ask({ code: link.code, nonce, name }, control.signal);
        if (control.signal.aborted) return;
        if (grant !== null) {
          this.#adopt(grant, name);
          return;
        }
        show(false);
        pause = PACE - (performance.now() - started);
      } catch (failure) {
        if (control.signal.aborted) return;
        if (!(failure instanceof Failure)) throw failure;
        if (failure.code !== UNREACHABLE && failure.code !== TOO_MANY) {
          this.#fail(failure);
          return;
        }
        show(true);
        pause = Math.max(wait.next(), failure.retryAfter);
      }
      if (pause > 0) await wait.sleep(pause);
    }
  }

  #fail(failure) {
    if (failure.code === FORBIDDEN || failure.code === INVALID) this.explain(() => say("pairRefused"));
    else this.explain(() => say("pairFailed", { message: failure.message }));
  }

  // The operator may have called it otherwise.
  #adopt(grant, name) {
    const given = typeof grant.name === "string" ? grant.name : name;
    const isKept = device.adopt(String(grant.token), given);
    this.close();
    this.dispatchEvent(new CustomEvent("paired", { detail: { isKept } }));
  }
}
