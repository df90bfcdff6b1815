
(() => {
  "use strict";
  const tools = document.getElementById("tools");
  const bar = document.getElementById("now");
  const shown = document.getElementById("shown");
  const boxes = [...tools.querySelectorAll("input")];
  const parts = [...document.querySelectorAll("[data-i]")];
  const rows = parts.filter((part) => part.tagName === "LI");
  const spans = parts.filter((part) => part.tagName !== "LI");
  const byNumber = new Map();
  for (const part of parts) {
    const same = byNumber.get(part.dataset.i) || [];
    same.push(part);
    byNumber.set(part.dataset.i, same);
  }
  let current = null; // number of the match pointed at

  function filter() {
    const off = new Set(boxes.filter((box) => !box.checked).map((box) => box.value));
    for (const part of parts) {
      const labels = part.dataset.l.split(" ");
      part.classList.toggle("off", off.has("k:" + part.dataset.k) || labels.every((label) => off.has("l:" + label)));
    }
    const left = rows.filter((row) => !row.classList.contains("off")).length;
    shown.textContent = left === rows.length ? `错误 ${left} 处` : `错误 ${left} / ${rows.length} 处`;
  }

  function point(number, scroll) {
    for (const part of byNumber.get(current) || []) part.classList.remove("now");
    current = number;
    const same = byNumber.get(number);
    for (const part of same) part.classList.add("now");
    const span = same.find((part) => part.tagName !== "LI");
    const row = same.find((part) => part.tagName === "LI");
    bar.replaceChildren();
    if (row) {
      const place = document.createElement("p");
      place.className = "quiet";
      place.textContent = row.dataset.d;
      bar.append(place, ...[...row.cloneNode(true).children]);
      const list = row.closest("aside"); // move the margin list, not the page
      list.scrollTop += row.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 3;
    } else {
      bar.append(span.title);
    }
    bar.hidden = false;
    if (scroll) span.scrollIntoView({ block: "center" });
  }

  function step(by) {
    const open = rows.filter((row) => !row.classList.contains("off"));
    if (!open.length) return;
    let next = by > 0 ? 0 : open.length - 1;
    if (current !== null) {
      const numbers = open.map((row) => Number(row.dataset.i));
      const here = Number(current);
      next = by > 0 ? numbers.findIndex((n) => n > here) : numbers.findLastIndex((n) => n < here);
      if (next < 0) next = by > 0 ? 0 : open.length - 1;
    }
    point(open[next].dataset.i, true);
  }

  tools.addEventListener("change", filter);
  tools.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("next").addEventListener("click", () => step(1));
  document.getElementById("back").addEventListener("click", () => step(-1));
  for (const row of rows) row.addEventListener("click", () => point(row.dataset.i, true));
  for (const span of spans) {
    span.addEventListener("click", (event) => {
      if (span.classList.contains("off")) return;
      event.stopPropagation();
      point(span.dataset.i, false);
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "n") step(1);
    else if (event.key === "p") step(-1);
    else if (event.key === "Escape") bar.hidden = true;
  });
  tools.hidden = false;
  filter();
})();
