// connection.js: how things stand between this page and the station, in a word at the top, and, where
// somebody should know or do something, in a sentence.

import { FORBIDDEN, NOT_KEPT, STORE_AWAY, TOKEN_EXPIRED, TOO_MANY, UNREACHABLE } from "./api.js";
import { device } from "./device.js";
import { find, withoutMoving } from "./dom.js";
import { sender } from "./sender.js";
import { say } from "./words.js";

// A restart of the station is over before anybody needs to read of it.
const PATIENCE = 1500;

const NEWS = 8000;

// "stranger": this device must be paired.
export class Connection extends EventTarget {
  #list;
  #failure = null; // of the feed
  #isLive = false;
  #isStranger = false;
  #isLate = false;
  #patience = 0;
  #text = "";
  #news = null;

  constructor(list) {
    super();
    this.#list = list;
    list.addEventListener("changed", () => this.retell());
    sender.addEventListener("changed", () => this.#look(sender.problem));
  }

  get isStranger() {
    return this.#isStranger;
  }

  #look(failure) {
    // Too many wrong tokens are answered so; whose token is wrong does not change by it.
    if (failure?.isStranger && !this.#isStranger) {
      this.#isStranger = true;
      this.dispatchEvent(new Event("stranger"));
    }
    this.retell();
  }

  opened() {
    clearTimeout(this.#patience);
    this.#failure = null;
    this.#isLive = true;
    this.#isStranger = this.#isLate = false;
    this.retell();
  }

  lost(failure) {
    if (this.#failure === null) {
      clearTimeout(this.#patience);
      this.#patience = setTimeout(() => { this.#isLate = true; this.retell(); }, PATIENCE);
    }
    this.#failure = failure;
    this.#isLive = false;
    this.#look(failure);
  }

  // Something good, for a while, unless something bad has to be said. text: gives it, in the language of then.
  tell(text) {
    this.#news = text;
    setTimeout(() => { this.#news = null; this.retell(); }, NEWS);
    this.retell();
  }

  // It is another device from now on.
  restart() {
    this.#isStranger = this.#isLive = false;
    this.#failure = null;
    this.retell();
  }

  #chooseState() {
    if (this.#isLive) return "live";
    if (this.#isStranger) return "stranger";
    if (this.#failure?.code === FORBIDDEN) return "connected";
    return this.#isLate ? "away" : "connecting";
  }

  // The worst of it; null: nothing needs to be said.
  #chooseNotice() {
    const problem = sender.problem;
    if (this.#isStranger) {
      if (device.token === null) return null; // the pairing says it all
      const isExpired = [problem, this.#failure].some((failure) => failure?.code === TOKEN_EXPIRED);
      return say(isExpired ? "noticeTokenExpired" : "noticeTokenInvalid");
    }
    if ([problem, this.#failure].some((failure) => failure?.code === TOO_MANY)) return say("noticeTooMany");
    if (problem?.code === NOT_KEPT) return say("noticeNotKept");
    if (problem?.code === FORBIDDEN) return say("noticeMayNotSend");
    if (this.#failure?.code === FORBIDDEN) return say("noticeMayNotRead");
    if (this.#isLate && this.#failure !== null) return say("noticeAway");
    if (problem !== null && problem.code !== UNREACHABLE && problem.code !== STORE_AWAY)
      return say("noticeTrouble", { message: problem.message });
    return this.#news?.() ?? null;
  }

  retell() {
    const state = this.#chooseState();
    const chip = find("connection");
    chip.dataset.state = state;
    chip.querySelector(".text").textContent = say(state);

    const count = this.#list.nWaiting;
    const notice = this.#chooseNotice();
    const text = notice !== null && count > 0 ? notice + " " + say("noticeWaiting", { count }) : notice ?? "";
    if (text === this.#text) return;
    this.#text = text;
    withoutMoving(() => {
      find("notice").hidden = text === "";
      find("notice").textContent = text;
      find("notice").classList.toggle("good", notice !== null && notice === this.#news?.());
    });
  }
}
