// Search in the contents, and a phone's contents closed at first. Without this script the page lacks nothing else.
const label = document.querySelector(".search");
const input = label.querySelector("input");
const nothing = document.querySelector(".nothing");
const contents = document.querySelector("nav details");
const entries = [...contents.querySelectorAll("li")];

function search() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const entry of entries) {
    const text = entry.dataset.search ?? entry.textContent.toLowerCase();
    entry.hidden = !words.every((word) => text.includes(word));
  }
  for (const list of contents.querySelectorAll("ul")) {
    list.hidden = [...list.children].every((entry) => entry.hidden);
    const title = list.previousElementSibling;
    if (title?.tagName === "H2") title.hidden = list.hidden;
  }
  nothing.hidden = entries.some((entry) => !entry.hidden);
  if (words.length > 0) contents.open = true;
}

label.hidden = false;
input.addEventListener("input", search);
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target === input) return;
  event.preventDefault();
  input.focus();
});

const isWide = matchMedia("(min-width: 60rem)");
function fit() {
  contents.open = isWide.matches;
}
isWide.addEventListener("change", fit);
fit();
contents.addEventListener("click", (event) => {
  if (event.target.closest("a") && !isWide.matches) contents.open = false;
});
