(() => {
  "use strict";
  const say = language.say;
  const tools = document.getElementById("tools");
  const bar = document.getElementById("now");
  const shown = document.getElementById("shown");
  const cause = document.getElementById("cause");
  const order = document.getElementById("order");
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
  let walk = rows; // every error, in the order in which it is walked through
  let current = null; // number of the match pointed at

  function filter() {
    const off = new Set(boxes.filter((box) => !box.checked).map((box) => box.value));
    for (const part of parts) {
      const labels = part.dataset.l.split(" ");
      part.classList.toggle(
        "off",
        off.has("k:" + part.dataset.k) ||
          labels.every((label) => off.has("l:" + label)) ||
          (cause.value !== "" && part.dataset.c !== cause.value),
      );
    }
    count();
  }

  function count() {
    const left = rows.filter((row) => !row.classList.contains("off")).length;
    const all = left === rows.length ? `${left}` : `${left} / ${rows.length}`;
    shown.textContent = say(`错误 ${all} 处`, `${all} errors`);
  }

  // What has no score (a missed mention) comes last whichever way scores are sorted.
  function arrange() {
    const sign = { place: 0, high: -1, low: 1 }[order.value];
    const score = (row) => ("s" in row.dataset ? Number(row.dataset.s) : sign * Infinity);
    walk = sign ? [...rows].sort((a, b) => sign * (score(a) - score(b)) || a.dataset.i - b.dataset.i) : rows;
    for (const row of walk) row.parentElement.append(row);
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
    if (scroll) {
      span.scrollIntoView({ block: "center" });
      requestAnimationFrame(() => span.scrollIntoView({ block: "center" })); // articles above take their true height only now
    }
  }

  function step(by) {
    const open = walk.filter((row) => !row.classList.contains("off"));
    if (!open.length) return;
    const here = walk.findIndex((row) => row.dataset.i === current);
    let next = by > 0 ? 0 : open.length - 1;
    if (here >= 0) {
      const places = open.map((row) => walk.indexOf(row));
      next = by > 0 ? places.findIndex((place) => place > here) : places.findLastIndex((place) => place < here);
      if (next < 0) next = by > 0 ? 0 : open.length - 1;
    } else if (current !== null && order.value === "place") { // a correct mention was pointed at: go on from there
      const numbers = open.map((row) => Number(row.dataset.i));
      next = by > 0 ? numbers.findIndex((n) => n > Number(current)) : numbers.findLastIndex((n) => n < Number(current));
      if (next < 0) next = by > 0 ? 0 : open.length - 1;
    }
    point(open[next].dataset.i, true);
  }

  tools.addEventListener("change", (event) => (event.target === order ? arrange() : filter()));
  tools.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("next").addEventListener("click", () => step(1));
  document.getElementById("back").addEventListener("click", () => step(-1));
  for (const button of document.querySelectorAll("[data-cause]")) {
    button.addEventListener("click", () => {
      cause.value = button.dataset.cause;
      filter();
      current = null;
      step(1);
    });
  }
  for (const row of rows) row.addEventListener("click", () => point(row.dataset.i, true));
  for (const span of spans) {
    span.addEventListener("click", (event) => {
      if (span.classList.contains("off")) return;
      event.stopPropagation();
      point(span.dataset.i, false);
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
    if (event.key === "n") step(1);
    else if (event.key === "p") step(-1);
    else if (event.key === "Escape") bar.hidden = true;
  });
  language.changed(() => {
    for (const option of tools.querySelectorAll("option")) option.textContent = say(option.dataset.zh, option.dataset.en);
    count();
  });
  for (const option of tools.querySelectorAll("option")) option.textContent = say(option.dataset.zh, option.dataset.en);
  tools.hidden = false;
  filter();
})();
