// device.js: who this browser is at the station: the token that it was given, and its name. In
// localStorage, where the other tabs find it, too, and hear of its changes.

const TOKEN = "bipe.token";
const NAME = "bipe.name";

function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // a browser that keeps nothing
  }
}

class Device extends EventTarget {
  #token = read(TOKEN);
  #name = read(NAME);

  constructor() {
    super();
    addEventListener("storage", (event) => {
      if (event.key !== null && event.key !== TOKEN) return;
      this.#token = read(TOKEN);
      this.#name = read(NAME);
      this.dispatchEvent(new Event("changed"));
    });
  }

  get token() {
    return this.#token;
  }

  get name() {
    return this.#name;
  }

  // False: the browser keeps it no longer than the page.
  adopt(token, name) {
    this.#token = token;
    this.#name = name;
    let isKept = true;
    try {
      localStorage.setItem(NAME, name);
      localStorage.setItem(TOKEN, token);
    } catch {
      isKept = false;
    }
    this.dispatchEvent(new Event("changed"));
    return isKept;
  }

  forget() {
    this.#token = this.#name = null;
    try {
      localStorage.removeItem(TOKEN);
      localStorage.removeItem(NAME);
    } catch {
      // Then there was nothing kept.
    }
    this.dispatchEvent(new Event("changed"));
  }
}

export const device = new Device();
