(() => {
  "use strict";
  const tools = document.getElementById("tools");
  if (!tools) return; // nothing in dispute
  const byId = (id) => document.getElementById(id);
  const annotators = JSON.parse(tools.dataset.annotators);
  const boxes = [...tools.querySelectorAll("input[value*=':']")];
  const pair = byId("pair"), open = byId("open"), advance = byId("advance"), message = byId("message"), file = byId("file");
  const sheets = [...document.querySelectorAll("article")];
  const entries = new Map([...document.querySelectorAll("[data-sheet]")].map((entry) => [entry.dataset.sheet, entry]));
  const rows = [...document.querySelectorAll("aside li")];
  const spans = new Map([...document.querySelectorAll(".dispute")].map((span) => [span.dataset.i, span]));
  const decided = new Map(); // row -> name of the annotator whose reading is taken, null for no mention
  let current = null;
  let unsaved = false;

  const place = (row) => `${row.dataset.start}-${row.dataset.end}`;
  const key = (sheet) => `topner-decisions:${sheet.dataset.hash}:${sheet.dataset.document}`;
  const buttons = (row) => [...row.querySelectorAll("button.choice")];
  const choiceOf = (button) => (button.dataset.who === "0" ? null : annotators[Number(button.dataset.who.split(" ")[0]) - 1]);
  const namesOf = (button) => (button.dataset.who === "0" ? [null] : button.dataset.who.split(" ").map((n) => annotators[n - 1]));

  function paint(row) {
    const has = decided.has(row);
    for (const button of buttons(row)) {
      button.setAttribute("aria-pressed", String(has && namesOf(button).includes(decided.get(row))));
    }
    row.classList.toggle("decided", has);
    spans.get(row.dataset.i).classList.toggle("decided", has);
  }

  function tell(zh, en) {
    message.textContent = language.say(zh, en);
    message.hidden = false;
  }

  function keep(sheet) {
    const kept = {};
    for (const row of sheet.querySelectorAll("aside li")) if (decided.has(row)) kept[place(row)] = decided.get(row);
    try {
      localStorage.setItem(key(sheet), JSON.stringify(kept));
    } catch {
      tell("此浏览器不保存裁定：离开前请存成文件。", "This browser keeps no decisions: save them to a file before you leave.");
    }
  }

  function take(row, name) { // whether the row has such a reading
    if (!buttons(row).some((button) => namesOf(button).includes(name))) return false;
    decided.set(row, name);
    paint(row);
    return true;
  }

  function decide(row, button) {
    if (button.getAttribute("aria-pressed") === "true") decided.delete(row);
    else decided.set(row, choiceOf(button));
    changed(row);
    if (advance.checked && decided.has(row)) step(1);
  }

  function changed(row) {
    unsaved = true;
    paint(row);
    keep(row.closest("article"));
    count();
  }

  function count() {
    byId("progress").value = decided.size;
    byId("done").textContent = language.say(`已裁 ${decided.size} / ${rows.length} 处`, `${decided.size} of ${rows.length} decided`);
    const left = rows.filter((row) => !row.classList.contains("off")).length;
    byId("shown").textContent = left === rows.length ? "" : language.say(`（筛出 ${left} 处）`, `(${left} shown)`);
  }

  function filter() {
    const off = new Set(boxes.filter((box) => !box.checked).map((box) => box.value));
    for (const row of rows) {
      const labels = row.dataset.l.split(" ");
      const hidden = off.has("k:" + row.dataset.k) || labels.every((label) => off.has("l:" + label))
        || (pair && pair.value && !row.dataset.p.split(" ").includes(pair.value)) || (open.checked && decided.has(row));
      row.classList.toggle("off", Boolean(hidden));
      spans.get(row.dataset.i).classList.toggle("off", Boolean(hidden));
    }
    for (const sheet of sheets) {
      const empty = ![...sheet.querySelectorAll("aside li")].some((row) => !row.classList.contains("off"));
      sheet.classList.toggle("off", empty);
      entries.get(sheet.id.slice(1)).classList.toggle("off", empty);
    }
    count();
  }

  function point(row, scroll) {
    if (current) for (const part of [current, spans.get(current.dataset.i)]) part.classList.remove("now");
    current = row;
    for (const part of [row, spans.get(row.dataset.i)]) part.classList.add("now");
    const list = row.closest("aside"); // move the margin list, not the page
    list.scrollTop += row.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 4;
    if (scroll) {
      spans.get(row.dataset.i).scrollIntoView({ block: "center" });
      row.focus({ preventScroll: true });
    }
  }

  function step(by) {
    const here = current ? rows.indexOf(current) : by > 0 ? -1 : rows.length;
    if (open.checked) filter(); // what has been decided since drops out only now
    const order = [...rows.keys()].filter((i) => !rows[i].classList.contains("off"));
    if (!order.length) return;
    const next = by > 0 ? order.find((i) => i > here) ?? order[0] : order.findLast((i) => i < here) ?? order.at(-1);
    point(rows[next], true);
  }

  function save() {
    const documents = {}, decisions = [];
    for (const row of rows) {
      if (!decided.has(row)) continue;
      const sheet = row.closest("article");
      const id = JSON.parse(sheet.dataset.document);
      documents[id] = sheet.dataset.hash;
      decisions.push({ document: id, start: Number(row.dataset.start), end: Number(row.dataset.end), annotator: decided.get(row) });
    }
    const content = JSON.stringify({ schema_version: 1, annotators, documents, decisions }, null, 1) + "\n";
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type: "application/json" }));
    link.download = "decisions.json";
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    unsaved = false;
    tell(`已存 ${decisions.length} 处裁定：decisions.json。`, `${decisions.length} decisions saved: decisions.json.`);
  }

  async function load() {
    const chosen = file.files[0];
    if (!chosen) return;
    let taken = 0, left = 0;
    try {
      const value = JSON.parse(await chosen.text());
      for (const one of value.decisions) {
        const sheet = sheets.find((s) => JSON.parse(s.dataset.document) === one.document && s.dataset.hash === value.documents[one.document]);
        const row = sheet && [...sheet.querySelectorAll("aside li")].find((r) => place(r) === `${one.start}-${one.end}`);
        if (row && take(row, one.annotator)) taken += 1;
        else left += 1;
      }
    } catch {
      tell("此文件不是裁定文件。", "This file holds no decisions.");
      return;
    } finally {
      file.value = "";
    }
    sheets.forEach(keep);
    filter();
    tell(`读入 ${taken} 处裁定${left ? `，${left} 处对不上现在的文档，略去` : ""}。`,
      `${taken} decisions loaded${left ? `, ${left} left out that do not fit the documents as they are now` : ""}.`);
  }

  for (const sheet of sheets) {
    let kept = {};
    try { kept = JSON.parse(localStorage.getItem(key(sheet))) || {}; } catch { /* a page opened from a file may have no storage */ }
    for (const row of sheet.querySelectorAll("aside li")) if (Object.hasOwn(kept, place(row))) take(row, kept[place(row)]);
  }
  for (const row of rows) {
    row.addEventListener("click", (event) => {
      const button = event.target.closest("button.choice");
      point(row, !button);
      if (button) decide(row, button);
    });
    spans.get(row.dataset.i).addEventListener("click", () => point(row, false));
  }
  tools.addEventListener("change", (event) => {
    if (event.target === file) load();
    else if (event.target !== advance) filter();
  });
  tools.addEventListener("submit", (event) => event.preventDefault());
  byId("next").addEventListener("click", () => step(1));
  byId("back").addEventListener("click", () => step(-1));
  byId("save").addEventListener("click", save);
  byId("load").addEventListener("click", () => file.click());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input[type='file']")) return;
    if (event.key === "n") step(1);
    else if (event.key === "p") step(-1);
    else if (current && !current.classList.contains("off") && event.key === "Backspace" && decided.has(current)) {
      decided.delete(current);
      changed(current);
    } else if (current && /^[0-9]$/.test(event.key)) {
      const button = buttons(current).find((one) => one.dataset.who.split(" ").includes(event.key));
      if (button && button.getAttribute("aria-pressed") !== "true") decide(current, button);
    } else return;
    event.preventDefault();
  });
  window.addEventListener("beforeunload", (event) => {
    let stored = true;
    try { localStorage.getItem("topner"); } catch { stored = false; }
    if (unsaved && !stored) event.preventDefault();
  });
  language.changed(count);
  tools.hidden = false;
  byId("help").hidden = false;
  filter();
})();
