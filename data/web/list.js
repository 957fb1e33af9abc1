// list.js: the scans, newest on top: what this device still has to send, what the station's events tell, and
// the history below, which comes as the reader gets there. Changes are gathered for a moment and shown
// together, so that a flood of scans costs no more than a few.

import { FORBIDDEN, STORE_AWAY, ask } from "./api.js";
import { find, make, withoutMoving } from "./dom.js";
import { Row } from "./row.js";
import { say } from "./words.js";

const GATHER = 40; // milliseconds

const PAGE = 100;

// Of what waits at the station: pages, and rows of each. What is behind them comes by its events.
const QUEUE_PAGES = 5;
const QUEUE_PAGE = 1000;

// Rows in a page whose newest are looked at: past it the oldest go, and come again from the history.
const ROWS_MAX = 2000;

// Of the station's, the younger: by id where the store gave both one, else by the time in the uuid.
function isYounger(a, b) {
  if (a.id !== null && b.id !== null) return a.id > b.id;
  return a.uuid > b.uuid;
}

// "changed": how many wait; "failed": detail is the Failure of a question to the history.
export class List extends EventTarget {
  #list = find("list");
  #rows = new Map(); // by uuid
  #waiting = new Map(); // by key
  #byElement = new WeakMap();
  #verbs;
  #changes = [];
  #touched = null; // while something is read: by uuid, what events say meanwhile
  #before = null; // the id that the history goes on below; null: not begun
  #hasEnded = false;
  #isLoading = false;
  #isOlderWanted = false;
  #hasLoaded = false;
  #generation = 0; // what was asked for before the list was cleared is no longer wanted
  #problem = null;
  #nNewer = 0;
  #nPlaced = 0; // on top, by the changes that are being shown

  constructor(verbs) {
    super();
    this.#verbs = verbs;
    find("newer").addEventListener("click", () => scrollTo({ top: 0 }));
    addEventListener("scroll", () => { if (scrollY < 40) this.#setNewer(0); }, { passive: true });
    new IntersectionObserver((entries) => {
      this.#isOlderWanted = entries.at(-1).isIntersecting;
      this.#loadOlder();
    }, { rootMargin: "600px" }).observe(find("older"));
  }

  get nWaiting() {
    let count = 0;
    for (const row of this.#waiting.values()) if (row.entry.refused === null) count++;
    return count;
  }

  // Changes of rows, all in one go.

  #change(action) {
    this.#changes.push(action);
    if (this.#changes.length === 1) setTimeout(() => this.#flush(), GATHER);
  }

  #flush() {
    const changes = this.#changes;
    // Asked once: each time after a change it costs a whole layout.
    const place = scrollY;
    this.#changes = [];
    this.#nPlaced = 0;
    withoutMoving(() => {
      for (const change of changes) change();
      // Not under who reads there: his list grows only as he goes on.
      if (place < innerHeight) this.#trim();
      this.#showFoot();
    });
    if (place > 40 && this.#nPlaced > 0) this.#setNewer(this.#nNewer + this.#nPlaced);
    this.dispatchEvent(new Event("changed"));
  }

  #showFoot() {
    const text = this.#problem === null ? "loadingOlder"
      : this.#problem.code === STORE_AWAY ? "storeAway" : "olderFailed";
    const foot = find("older");
    const isEmpty = this.#rows.size === 0 && this.#waiting.size === 0;
    find("empty").hidden = !(isEmpty && this.#hasLoaded && this.#problem === null);
    foot.hidden = this.#hasEnded || (this.#before === null && this.#problem === null)
      || this.#problem?.isStranger || this.#problem?.code === FORBIDDEN;
    foot.replaceChildren(say(text));
    if (this.#problem !== null)
      foot.append(" ", make("button", { type: "button", click: () => this.#retryHistory() }, say("tryAgain")));
  }

  #setNewer(count) {
    this.#nNewer = count;
    const button = find("newer");
    button.hidden = count === 0;
    if (count > 0) button.textContent = say("newScans", { count });
  }

  #trim() {
    while (this.#rows.size > ROWS_MAX) {
      const { scan, element } = this.#byElement.get(this.#list.lastElementChild);
      if (scan === null) return;
      this.#rows.delete(scan.uuid);
      element.remove();
      // The history goes on with this one. One without an id comes by its events.
      if (scan.id !== null) this.#before = scan.id + 1;
      this.#hasEnded = false;
    }
  }

  #makeRow() {
    const row = new Row(this.#verbs);
    this.#byElement.set(row.element, row);
    return row;
  }

  // Before the first that is older, seen from the top, or, for history, from the end.
  #place(row, isHistory) {
    const isBelow = (element) => {
      const other = this.#byElement.get(element);
      return other.scan !== null && !isYounger(other.scan, row.scan);
    };
    if (isHistory) {
      let after = this.#list.lastElementChild;
      while (after !== null && isBelow(after)) after = after.previousElementSibling;
      if (after === null) this.#list.prepend(row.element);
      else after.after(row.element);
      return;
    }
    let before = this.#list.firstElementChild;
    while (before !== null && !isBelow(before)) before = before.nextElementSibling;
    this.#list.insertBefore(row.element, before);
    this.#nPlaced++;
  }

  #put(scan, isHistory) {
    const known = this.#rows.get(scan.uuid);
    const waiting = known === undefined && scan.key !== null ? this.#waiting.get(scan.key) : undefined;
    const row = known ?? waiting ?? this.#makeRow();
    row.showScan(scan);
    this.#rows.set(scan.uuid, row);
    if (waiting !== undefined) this.#waiting.delete(scan.key);
    else if (known === undefined) this.#place(row, isHistory);
  }

  // What this device has to send.

  showEntry(entry) {
    this.#change(() => {
      let row = this.#waiting.get(entry.key);
      if (row === undefined) {
        row = this.#makeRow();
        this.#waiting.set(entry.key, row);
        this.#list.prepend(row.element);
      }
      row.showEntry(entry);
    });
  }

  removeEntry(entry) {
    this.#change(() => {
      this.#waiting.get(entry.key)?.element.remove();
      this.#waiting.delete(entry.key);
    });
  }

  // All that the outbox has, by what this or another tab has done with it.
  showEntries(entries) {
    const keys = new Set(entries.map((entry) => entry.key));
    for (const row of this.#waiting.values())
      if (row.entry.number !== null && !keys.has(row.entry.key)) this.removeEntry(row.entry);
    entries.forEach((entry) => this.showEntry(entry));
  }

  // The station's answer; where its event was faster, that knows more.
  showSent(entry, scan) {
    this.#change(() => {
      if (!this.#rows.has(scan.uuid)) this.#put(scan, false);
      else this.#dropTwin(entry);
    });
  }

  // Sent once more after another tab had: the scan has its row.
  #dropTwin(entry) {
    this.#waiting.get(entry.key)?.element.remove();
    this.#waiting.delete(entry.key);
  }

  // What the station tells.

  takeEvent({ scan }) {
    this.#touched?.set(scan.uuid, scan);
    this.#change(() => {
      // Of a scan further down than the history was read: it comes with its page.
      const isUnread = scan.id !== null && this.#before !== null && scan.id < this.#before;
      if (isUnread && !this.#rows.has(scan.uuid)) return;
      this.#put(scan, false);
    });
  }

  async #readQueue() {
    const all = [];
    for (let i = 0, after = ""; i < QUEUE_PAGES; i++) {
      const { data } = await ask("GET", "/v1/queue?limit=" + QUEUE_PAGE + after);
      all.push(...data);
      if (data.length < QUEUE_PAGE) break;
      after = "&after=" + data.at(-1).uuid;
    }
    return all.slice(-QUEUE_PAGE);
  }

  #setProblem(failure) {
    this.#problem = failure;
    if (failure !== null) this.dispatchEvent(new CustomEvent("failed", { detail: failure }));
  }

  #clear() {
    for (const row of this.#rows.values()) row.element.remove();
    this.#rows.clear();
    this.#before = null;
    this.#hasEnded = false;
    this.#generation++;
  }

  #takeNewest(page) {
    const isApart = this.#before !== null && !page.some((scan) => this.#rows.has(scan.uuid));
    if (isApart) this.#clear(); // more has happened than a page holds
    if (this.#before === null) this.#takePage(page);
    else this.#putAll(page);
  }

  #takePage(page) {
    this.#hasEnded = page.length < PAGE;
    if (page.length > 0) this.#before = page.at(-1).id;
    this.#putAll(page);
  }

  // An answer may be older than the events that came before it.
  #putAll(page) {
    for (const scan of page) this.#put(this.#touched?.get(scan.uuid) ?? scan, true);
  }

  // What there is, beside the events that come meanwhile, which are younger. isAll: nothing that is shown
  // counts any more.
  async load(isAll) {
    this.#touched = new Map();
    this.#isLoading = true;
    const [queue, page] = await Promise.allSettled([
      this.#readQueue(), ask("GET", "/v1/scans?order=desc&limit=" + PAGE)]);
    const failure = queue.reason ?? page.reason ?? null;
    this.#change(() => {
      this.#setProblem(failure);
      if (isAll && failure === null) this.#clear();
      if (page.status === "fulfilled") this.#takeNewest(page.value.data);
      if (queue.status === "fulfilled") this.#putAll(queue.value);
      this.#hasLoaded ||= failure === null;
      this.#touched = null;
      this.#isLoading = false;
    });
  }

  async #loadOlder() {
    if (this.#isLoading || !this.#isOlderWanted || this.#hasEnded || this.#before === null) return;
    const generation = this.#generation;
    this.#isLoading = true;
    this.#touched ??= new Map();
    try {
      const { data } = await ask("GET", "/v1/scans?order=desc&limit=" + PAGE + "&before=" + this.#before);
      this.#change(() => {
        this.#setProblem(null);
        if (generation === this.#generation) this.#takePage(data);
        this.#touched = null;
        this.#isLoading = false;
        // The foot may be in sight still, and then nothing tells that it is.
        setTimeout(() => this.#loadOlder(), GATHER);
      });
    } catch (failure) {
      this.#change(() => { this.#setProblem(failure); this.#isLoading = false; });
    }
  }

  #retryHistory() {
    if (this.#before === null) this.load(false);
    else this.#loadOlder();
  }

  // The store is back, perhaps.
  retry() {
    if (this.#problem !== null && !this.#isLoading) this.#retryHistory();
  }

  // Another language, another day.
  retell() {
    this.#change(() => {
      for (const row of this.#rows.values()) row.retell();
      for (const row of this.#waiting.values()) row.retell();
      if (this.#nNewer > 0) this.#setNewer(this.#nNewer);
    });
  }

  // Whoever is here now is not to see what the one before him could.
  forget() {
    this.#change(() => {
      this.#clear();
      this.#hasLoaded = false;
      this.#setNewer(0);
    });
  }
}
