// Groups that are folded away are printed all the same.
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
});

// Changes: filtered by label and kind, stepped through with n and p.
(() => {
  "use strict";
  const tools = document.getElementById("tools");
  if (!tools) return; // nothing changed
  const shown = document.getElementById("shown");
  const boxes = [...tools.querySelectorAll("input")];
  const cards = [...document.querySelectorAll(".change")];
  const articles = [...document.querySelectorAll("article")];
  const open = () => cards.filter((card) => !card.classList.contains("off"));
  let current = null; // the card pointed at

  function say() {
    const left = open().length;
    const of = left === cards.length ? `${left}` : `${left} / ${cards.length}`;
    shown.textContent = language.say(`${of} 处变化`, `${of} changes`);
  }

  function filter() {
    const off = new Set(boxes.filter((box) => !box.checked).map((box) => box.value));
    for (const card of cards) {
      card.classList.toggle("off", off.has("k:" + card.dataset.k) || off.has("l:" + card.dataset.l));
    }
    for (const article of articles) article.hidden = !article.querySelector(".change:not(.off)");
    say();
  }

  function point(card) {
    if (current) current.classList.remove("now");
    current = card;
    card.classList.add("now");
  }

  function step(by) {
    const left = open();
    if (!left.length) return;
    const here = current ? cards.indexOf(current) : by > 0 ? -1 : cards.length;
    const ahead = by > 0 ? left.find((card) => cards.indexOf(card) > here) : left.findLast((card) => cards.indexOf(card) < here);
    point(ahead || left[by > 0 ? 0 : left.length - 1]);
    current.focus({ preventScroll: true });
    current.scrollIntoView({ block: "center" });
  }

  tools.addEventListener("change", filter);
  tools.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("next").addEventListener("click", () => step(1));
  document.getElementById("back").addEventListener("click", () => step(-1));
  for (const card of cards) card.addEventListener("click", () => point(card));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "n") step(1);
    else if (event.key === "p") step(-1);
  });
  language.changed(say);
  tools.hidden = false;
  filter();
})();
