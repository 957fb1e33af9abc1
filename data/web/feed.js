// feed.js: what happens at the station, as it happens: /v1/events as Server-Sent Events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html), read by fetch(): EventSource can't
// give the token in a header, and does not tell why it fails. Goes on after the last event that it had.

import { FORBIDDEN, Failure, UNREACHABLE, open } from "./api.js";
import { Wait } from "./wait.js";

// The station says something every 10 s: a connection that is silent for longer is dead.
const SILENCE = 25000;
const STALE = 12000;

// Nobody looks: after so long the connection is given back.
const HIDDEN = 60000;

// Not let in: only a person changes that, so it is seldom tried.
const BARRED_PAUSE = 60000;

const LINE_MAX = 1 << 20;

// "opened": detail.isFresh: nothing is known of what was before. "event": detail is the event's record.
// "reset": what was before is not told again. "lost": detail is the Failure.
export class Feed extends EventTarget {
  #wait = new Wait(300, 15000);
  #after = null;
  #control = null;
  #watchdog = 0;
  #last = 0;
  #hiding = 0;
  #isPaused = false;

  constructor() {
    super();
    document.addEventListener("visibilitychange", () => this.#look());
    addEventListener("online", () => this.hurry());
  }

  #look() {
    clearTimeout(this.#hiding);
    if (document.hidden) {
      this.#hiding = setTimeout(() => { this.#isPaused = true; this.#control?.abort(); }, HIDDEN);
    } else {
      this.#isPaused = false;
      // While nobody looks clocks stand still, and so may the connection.
      if (performance.now() - this.#last > STALE) this.#control?.abort();
      this.hurry();
    }
  }

  #heard() {
    clearTimeout(this.#watchdog);
    this.#last = performance.now();
    this.#watchdog = setTimeout(() => this.#control?.abort(), SILENCE);
  }

  #take(line) {
    if (!line.startsWith("data: ")) return;
    const record = JSON.parse(line.slice(6));
    this.#after = record.seq;
    if (record.event === "reset") this.dispatchEvent(new Event("reset"));
    else this.dispatchEvent(new CustomEvent("event", { detail: record }));
  }

  async #read(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      this.#heard();
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      if (rest.length > LINE_MAX) throw new Error("a line without an end");
      lines.forEach((line) => this.#take(line));
    }
  }

  async #connect() {
    const isFresh = this.#after === null;
    this.#control = new AbortController();
    this.#heard();
    try {
      const answer = await open("GET", "/v1/events" + (isFresh ? "" : "?after=" + this.#after), {
        headers: { Accept: "text/event-stream" }, signal: this.#control.signal,
      });
      this.#wait.reset();
      this.dispatchEvent(new CustomEvent("opened", { detail: { isFresh } }));
      await this.#read(answer.body);
      throw new Failure(UNREACHABLE, 0, "the connection has ended");
    } finally {
      clearTimeout(this.#watchdog);
      this.#control.abort();
    }
  }

  #choosePause(failure) {
    if (this.#isPaused) return 1 << 30;
    if (failure.isStranger || failure.code === FORBIDDEN) return BARRED_PAUSE;
    return Math.max(this.#wait.next(), failure.retryAfter);
  }

  async run() {
    for (;;) {
      try {
        await this.#connect();
      } catch (error) {
        const failure = error instanceof Failure ? error : new Failure(UNREACHABLE, 0, error.message);
        this.dispatchEvent(new CustomEvent("lost", { detail: failure }));
        await this.#wait.sleep(this.#choosePause(failure));
      }
    }
  }

  // Another device's eyes: begins anew.
  restart() {
    this.#after = null;
    this.#control?.abort();
    this.hurry();
  }

  hurry() {
    this.#wait.reset();
    this.#wait.wake();
  }
}
