// field.js: where codes come in: by fingers, by paste, or by a scanner that types. What it holds goes to the
// outbox first, and only then is anything said of it.

import { countCharacters, hasHidden, makeText, shorten } from "./code.js";
import { find, speak, withoutMoving } from "./dom.js";
import { FULL, FullError, UNKEPT, outbox } from "./outbox.js";
import { sender } from "./sender.js";
import { say } from "./words.js";

// Characters, the capacity of a QR code, as the station has it.
const CODE_MAX = 7089;

// Group, field, record, unit separator, and end of transmission, as scanners type them: Ctrl and a key.
const controls = { "]": "\u001d", "\\": "\u001c", "^": "\u001e", "6": "\u001e", "_": "\u001f", "-": "\u001f" };
const END = "\u0004";
const RECORD = "\u001e";

// A scanner that ends with Tab has just typed; a person who moves on has paused.
const BURST = 60;

// "taken": detail is the entry, which is durable. "lost": likewise, and it is not: its refused says why.
export class Field extends EventTarget {
  #code = find("code");
  #hint = find("hint");
  #typed = 0;
  #isShifted = false;

  constructor() {
    super();
    find("field").addEventListener("submit", (event) => { event.preventDefault(); this.#submit(); });
    this.#code.addEventListener("keydown", (event) => this.#press(event));
    this.#code.addEventListener("beforeinput", (event) => this.#beforeInput(event));
    this.#code.addEventListener("input", () => { this.#typed = performance.now(); this.retell(); });
    document.addEventListener("keydown", (event) => this.#catch(event), true);
  }

  focus() {
    this.#code.focus({ preventScroll: true });
  }

  #insert(character) {
    const { selectionStart, selectionEnd } = this.#code;
    this.#code.setRangeText(character, selectionStart, selectionEnd, "end");
    this.#code.dispatchEvent(new Event("input"));
  }

  // null: it is no control character.
  #toControl(event) {
    if (event.key.length === 1 && event.key < " ") return event.key;
    if (!event.ctrlKey || event.altKey || event.metaKey) return null;
    // Ctrl+D belongs to the browser, but for a message of the form that ends with it (ISO/IEC 15434).
    if (event.key.toLowerCase() === "d" && this.#code.value.includes(RECORD)) return END;
    if ((event.key === "6" || event.key === "-") && !event.shiftKey) return null;
    return controls[event.key] ?? null;
  }

  #press(event) {
    this.#isShifted = event.shiftKey;
    if (event.isComposing) return; // Enter chooses a word there
    const control = this.#toControl(event);
    const isBurst = performance.now() - this.#typed < BURST && this.#code.value !== "";
    if (control !== null) {
      event.preventDefault();
      this.#insert(control);
    } else if ((event.key === "Enter" && !event.shiftKey)
        || (event.key === "Tab" && !event.shiftKey && isBurst)) {
      event.preventDefault();
      this.#submit();
    }
  }

  // Keyboards on glass give no Enter key, but say what it would do.
  #beforeInput(event) {
    if (event.inputType !== "insertLineBreak" && event.inputType !== "insertParagraph") return;
    if (this.#isShifted || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  // A scanner does not know where the focus is: what is typed beside all fields belongs in this one.
  #catch(event) {
    const target = event.target;
    if (event.key.length !== 1 || event.ctrlKey || event.altKey || event.metaKey) return;
    if (target.closest("input, textarea, select, dialog") !== null) return;
    if (event.key === " " && target.closest("button, summary") !== null) return;
    if (document.querySelector("dialog[open]") === null && !find("field").hidden) this.focus();
  }

  // What was sent before the page is ready for the next: that may be typed already.
  async #submit() {
    // What is pasted often brings the end of its line; no code ends so.
    const code = this.#code.value.replace(/\n+$/, "");
    const length = countCharacters(code);
    this.focus();
    if (length > CODE_MAX) {
      this.#explain(say("tooLong", { most: CODE_MAX, length }));
      speak(this.#hint.textContent);
      return;
    }
    this.#code.value = "";
    this.retell();
    if (code !== "") await this.send(code);
  }

  async send(code) {
    try {
      const entry = await outbox.add(code);
      speak(say("spokenTaken", { code: shorten(code) }));
      this.dispatchEvent(new CustomEvent("taken", { detail: entry }));
    } catch (error) {
      const refused = { code: error instanceof FullError ? FULL : UNKEPT, message: error.message,
        most: error.most };
      const entry = { number: null, key: crypto.getRandomValues(new Uint32Array(4)).join("-"), code,
        at: Date.now(), refused };
      speak(say("spokenRefused", { code: shorten(code) }));
      this.dispatchEvent(new CustomEvent("lost", { detail: entry }));
    }
    sender.start();
  }

  #explain(...content) {
    withoutMoving(() => this.#hint.replaceChildren(...content));
  }

  // What of it can't be seen in a field; and the field as high as its text.
  retell() {
    const code = this.#code.value;
    if (hasHidden(code)) {
      this.#explain(say("preview") + " ", makeText(code, { class: "code" }));
    } else if (this.#hint.hasChildNodes()) {
      this.#explain();
    }
    this.#code.style.height = "auto";
    if (code !== "") this.#code.style.height = this.#code.scrollHeight + 2 + "px";
  }
}
