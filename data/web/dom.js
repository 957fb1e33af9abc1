// dom.js: the page's elements. All text goes in as text: nothing here, or anywhere, parses HTML.

export function find(id) {
  return document.getElementById(id);
}

// make("p", { class: "notice" }, "text", element, …): null and false are left out.
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== null && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== false));
  return element;
}

// Said to who does not see the page, once whatever is being said has ended.
export function speak(text) {
  find("spoken").textContent = text;
}

// The element that the reader's eyes are on: the first row below what stays at the top of the window.
function findAnchor() {
  const top = find("field").getBoundingClientRect().bottom;
  const hit = document.elementFromPoint(innerWidth / 2, Math.max(top, 0) + 24)?.closest("li");
  return hit ?? null;
}

// What action does above the reader's place does not move that place. Not every browser does this by
// itself (overflow-anchor), and two that do it are one too many: the style turns theirs off.
export function withoutMoving(action) {
  const anchor = scrollY > 4 ? findAnchor() : null;
  const before = anchor?.getBoundingClientRect().top;
  action();
  if (anchor === null || !anchor.isConnected) return;
  const moved = anchor.getBoundingClientRect().top - before;
  if (moved !== 0) scrollBy({ top: moved, behavior: "instant" });
}
