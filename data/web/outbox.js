// outbox.js: the codes that this device still has to send. In IndexedDB: it is on the disk before the
// page says that a code waits (localStorage is written seconds later, and a page that is killed loses
// what it was told), and it tells tabs apart by transactions. Each code has its key from here on, so the
// station takes it once, however often and from however many tabs it is sent.

const LIMIT = 10000;
const STORE = "codes";

// Where it does not take a code: beside the station's error codes.
export const FULL = "full";
export const UNKEPT = "unkept";

export class FullError extends Error {
  most = LIMIT;
}

// A version 4 UUID; crypto.randomUUID() is only for pages that came encrypted.
function makeKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function promise(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function openDatabase() {
  const request = indexedDB.open("bipe", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(STORE, { keyPath: "number", autoIncrement: true });
  };
  return promise(request);
}

// Its entries: { number, key, code, at, refused }: at is milliseconds since 1970; refused is null, or
// { code, message }: the station does not take it, and a person has to say what becomes of it.
// "changed": by another tab; "sent": likewise, detail is { entry, scan }.
class Outbox extends EventTarget {
  #database = null;
  #others = "BroadcastChannel" in self ? new BroadcastChannel("bipe.outbox") : null;

  constructor() {
    super();
    this.#others?.addEventListener("message", ({ data }) => {
      if (data !== null) this.dispatchEvent(new CustomEvent("sent", { detail: data }));
      this.dispatchEvent(new Event("changed"));
    });
  }

  async #open() {
    this.#database ??= openDatabase().then((database) => {
      // Browsers close it when they like, iOS most of all: the next one opens it anew.
      database.onclose = () => { this.#database = null; };
      database.onversionchange = () => { database.close(); this.#database = null; };
      return database;
    });
    try {
      return await this.#database;
    } catch (error) {
      this.#database = null;
      throw error;
    }
  }

  // Resolves once what it did is on the disk. news: for the other tabs.
  async #change(action, news = null) {
    const transaction = (await this.#open()).transaction(STORE, "readwrite", { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error ?? new Error("the browser took it back"));
    });
    let value;
    try {
      value = await action(transaction.objectStore(STORE));
    } catch (error) {
      done.catch(() => {});
      throw error;
    }
    await done;
    this.#others?.postMessage(news);
    return value;
  }

  // The new entry. Throws FullError, or what the browser says.
  add(code) {
    return this.#change(async (store) => {
      if (await promise(store.count()) >= LIMIT) throw new FullError("the outbox is full");
      const entry = { key: makeKey(), code, at: Date.now(), refused: null };
      entry.number = await promise(store.add(entry));
      return entry;
    });
  }

  // scan: the station's record, where it has the code now.
  remove(entry, scan = null) {
    return this.#change((store) => promise(store.delete(entry.number)), scan && { entry, scan });
  }

  // refused: null: to be sent once more.
  mark(number, refused) {
    return this.#change(async (store) => {
      const entry = await promise(store.get(number));
      if (entry !== undefined) await promise(store.put({ ...entry, refused }));
    });
  }

  // All of them, oldest first.
  async list() {
    const store = (await this.#open()).transaction(STORE, "readonly").objectStore(STORE);
    return promise(store.getAll());
  }

  // The oldest that is to be sent; null: none is.
  async first() {
    const store = (await this.#open()).transaction(STORE, "readonly").objectStore(STORE);
    return new Promise((resolve, reject) => {
      const request = store.openCursor();
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const cursor = request.result;
        if (cursor === null || cursor.value.refused === null) resolve(cursor?.value ?? null);
        else cursor.continue();
      };
    });
  }
}

export const outbox = new Outbox();
