// settings.js: the dialog with what a person may want to change here: the language, and whether this browser
// is still the device that it was.

import { device } from "./device.js";
import { find, make } from "./dom.js";
import { getLanguage, languages, say, setLanguage } from "./words.js";

export class Settings {
  #dialog = find("settings");
  #list;

  constructor(list) {
    this.#list = list;
    const choice = find("language");
    choice.append(...languages.map(({ tag, name }) => make("option", { value: tag, lang: tag }, name)));
    choice.value = getLanguage();
    choice.addEventListener("change", () => setLanguage(choice.value));
    find("open-settings").addEventListener("click", () => this.#open());
    find("close").addEventListener("click", () => this.#dialog.close());
    find("forget").addEventListener("click", () => this.#askToForget(true));
    find("forget-cancel").addEventListener("click", () => this.#askToForget(false));
    find("forget-confirm").addEventListener("click", () => { this.#dialog.close(); device.forget(); });
    // Beside the sheet.
    this.#dialog.addEventListener("click", (event) => { if (event.target === this.#dialog) this.#dialog.close(); });
  }

  #open() {
    find("device").hidden = device.token === null;
    find("device-name").textContent = device.name ?? "";
    this.#askToForget(false);
    this.#dialog.showModal();
  }

  #askToForget(isAsked) {
    const count = this.#list.nWaiting;
    const question = say("forgetQuestion") + (count > 0 ? " " + say("forgetWaiting", { count }) : "");
    find("forget-question").textContent = question;
    for (const id of ["forget-question", "forget-cancel", "forget-confirm"]) find(id).hidden = !isAsked;
    for (const id of ["forget", "close"]) find(id).hidden = isAsked;
    if (isAsked) find("forget-cancel").focus();
  }
}
