// sender.js: brings the outbox to the station, in order, one after the other, each as often as it takes.

import { FORBIDDEN, INVALID, TOO_LARGE, ask } from "./api.js";
import { device } from "./device.js";
import { outbox } from "./outbox.js";
import { Wait } from "./wait.js";

// A fault that comes again and again is this code's, and shall not hold up those behind it.
const FAULTS_MAX = 5;
const UNEXPECTED = 999;

// Not let in: only a person changes that, so it is seldom tried.
const BARRED_PAUSE = 60000;

function isForThisCode(failure) {
  return failure.code === INVALID || failure.code === TOO_LARGE || failure.status === 409;
}

// "sent": detail is { entry, scan }; "refused": { entry }; "changed": the problem is another.
class Sender extends EventTarget {
  #wait = new Wait(500, 20000);
  #isRunning = false;
  #isWanted = false;
  #faults = 0;
  #problem = null;

  // The Failure for which codes wait; null: there is none.
  get problem() {
    return this.#problem;
  }

  #setProblem(problem) {
    const isNew = this.#problem?.code !== problem?.code;
    this.#problem = problem;
    if (isNew) this.dispatchEvent(new Event("changed"));
  }

  async #send(entry) {
    const { data } = await ask("POST", "/v1/scans", { body: {
      code: entry.code,
      key: entry.key,
      scanned_at: new Date(entry.at).toISOString(),
      device: device.name ?? undefined,
    } });
    await outbox.remove(entry, data);
    this.#faults = 0;
    this.#wait.reset();
    this.#setProblem(null);
    this.dispatchEvent(new CustomEvent("sent", { detail: { entry, scan: data } }));
  }

  async #fail(entry, failure) {
    this.#faults = failure.code === UNEXPECTED ? this.#faults + 1 : 0;
    if (isForThisCode(failure) || this.#faults >= FAULTS_MAX) {
      entry.refused = { code: failure.code, message: failure.message };
      await outbox.mark(entry.number, entry.refused);
      this.#faults = 0;
      this.#setProblem(null);
      this.dispatchEvent(new CustomEvent("refused", { detail: { entry } }));
      return;
    }
    this.#setProblem(failure);
    const isBarred = failure.isStranger || failure.code === FORBIDDEN;
    await this.#wait.sleep(isBarred ? BARRED_PAUSE : Math.max(this.#wait.next(), failure.retryAfter));
  }

  async #run() {
    let entry;
    while ((entry = await outbox.first()) !== null) {
      try {
        await this.#send(entry);
      } catch (failure) {
        if (!("status" in failure)) throw failure; // the browser's, not the station's
        await this.#fail(entry, failure);
      }
    }
    this.#setProblem(null);
  }

  // There is something to send.
  async start() {
    this.#isWanted = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (this.#isWanted) {
        this.#isWanted = false;
        await this.#run();
      }
    } catch (error) {
      // What IndexedDB said: what is in it stays there.
      setTimeout(() => this.start(), 5000);
      console.error(error);
    } finally {
      this.#isRunning = false;
    }
  }

  // The station is back, or knows us now: no need to wait longer.
  hurry() {
    this.#wait.reset();
    this.#wait.wake();
    this.start();
  }
}

export const sender = new Sender();
