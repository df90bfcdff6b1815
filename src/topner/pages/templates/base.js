// The language switch: Chinese and English stand side by side in the page, the root's class shows one of them.
const language = (() => {
  "use strict";
  const root = document.documentElement;
  const buttons = [...document.querySelectorAll("[data-language]")];
  const listeners = [];
  let now = "zh";
  const say = (zh, en) => (now === "en" ? en : zh);
  function set(to) {
    now = to;
    root.lang = to === "en" ? "en" : "zh-Hans";
    root.classList.toggle("english", to === "en");
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.language === to));
    for (const listener of listeners) listener();
  }
  for (const button of buttons) {
    button.addEventListener("click", () => {
      set(button.dataset.language);
      try { localStorage.setItem("topner-language", now); } catch { /* a page opened from a file may have no storage */ }
    });
  }
  let kept = null;
  try { kept = localStorage.getItem("topner-language"); } catch { /* likewise */ }
  document.getElementById("languages").hidden = false;
  set(kept === "en" || kept === "zh" ? kept : /^zh/i.test(navigator.language) || !navigator.language ? "zh" : "en");
  return { say, changed: (listener) => listeners.push(listener) };
})();
