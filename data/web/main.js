// main.js: the page put together: who hears of what.

import { shorten } from "./code.js";
import { Connection } from "./connection.js";
import { device } from "./device.js";
import { find, speak } from "./dom.js";
import { Feed } from "./feed.js";
import { Field } from "./field.js";
import { List } from "./list.js";
import { outbox } from "./outbox.js";
import { Pairing } from "./pairing.js";
import { sender } from "./sender.js";
import { Settings } from "./settings.js";
import { fillPage, say, words } from "./words.js";

// The store may be back without an event that says so.
const RETRY = 15000;

const field = new Field();
const feed = new Feed();
const pairing = new Pairing();
const list = new List({ remove: removeEntry, retry: retryEntry });
const connection = new Connection(list);
new Settings(list);

async function removeEntry(entry) {
  if (entry.number !== null) await outbox.remove(entry);
  list.removeEntry(entry);
  field.focus();
}

async function retryEntry(entry) {
  if (entry.number === null) {
    list.removeEntry(entry);
    await field.send(entry.code);
  } else {
    await outbox.mark(entry.number, null);
    list.showEntry({ ...entry, refused: null });
    sender.start();
  }
  field.focus();
}

async function showOutbox() {
  try {
    list.showEntries(await outbox.list());
  } catch (error) {
    console.error(error); // told to the person with the first code that can't be kept
  }
}

// A device that was never let in has nothing to send; one that was goes on into its outbox.
function showPairing() {
  const isNew = (connection.isStranger || pairing.isUnderWay) && device.token === null && list.nWaiting === 0;
  find("field").hidden = isNew;
  find("scans").hidden = isNew || pairing.isOpen;
  if (connection.isStranger && !pairing.isOpen) pairing.explain();
}

// The code is a secret for two minutes: it does not stay in the address, nor in the history.
function takeLink() {
  const link = location.hash;
  if (!link.includes("pair=")) return;
  history.replaceState(null, "", location.pathname);
  pairing.begin(link);
  showPairing();
}

field.addEventListener("taken", ({ detail }) => list.showEntry(detail));
field.addEventListener("lost", ({ detail }) => list.showEntry(detail));

outbox.addEventListener("sent", ({ detail: { entry, scan } }) => list.showSent(entry, scan));
outbox.addEventListener("changed", () => { showOutbox(); sender.start(); });

sender.addEventListener("sent", ({ detail: { entry, scan } }) => {
  list.showSent(entry, scan);
  speak(say("spokenAccepted", { code: shorten(entry.code) }));
});
sender.addEventListener("refused", ({ detail: { entry } }) => {
  list.showEntry(entry);
  speak(say("spokenRefused", { code: shorten(entry.code) }));
});

// Now it matters that the browser does not clear away what is kept here. Some ask the person for it.
sender.addEventListener("changed", () => { if (sender.problem !== null) navigator.storage?.persist?.(); });

feed.addEventListener("opened", ({ detail: { isFresh } }) => {
  connection.opened();
  if (!pairing.isUnderWay) pairing.close();
  showPairing();
  if (isFresh) list.load(false);
  else list.retry();
  sender.hurry();
});
feed.addEventListener("event", ({ detail }) => list.takeEvent(detail));
feed.addEventListener("reset", () => list.load(true));
feed.addEventListener("lost", ({ detail }) => connection.lost(detail));

connection.addEventListener("stranger", showPairing);
pairing.addEventListener("ended", showPairing);
pairing.addEventListener("paired", ({ detail: { isKept } }) => {
  connection.tell(() => say(isKept ? "pairDone" : "pairDoneUnkept", { name: device.name }));
  showPairing();
  field.focus();
});

device.addEventListener("changed", () => {
  connection.restart();
  if (device.token === null) list.forget();
  feed.restart();
  sender.hurry();
  showPairing();
});

words.addEventListener("changed", () => {
  fillPage();
  list.retell();
  connection.retell();
  field.retell();
  pairing.retell();
});

let today = new Date().toDateString();
setInterval(() => {
  list.retry();
  if (new Date().toDateString() === today) return;
  today = new Date().toDateString();
  list.retell();
}, RETRY);

fillPage();
addEventListener("hashchange", takeLink);
takeLink();
connection.retell();
find("page").hidden = false;
if (pairing.isOpen) pairing.focus();
else field.focus();
await showOutbox();
sender.start();
feed.run();
