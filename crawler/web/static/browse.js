// Niceties only: every page works without this file.
"use strict";

document.documentElement.classList.add("js");

const writing = (element) => element && (element.isContentEditable || /^(input|select|textarea)$/i.test(element.tagName));

function step(forward) {
  const all = [...document.querySelectorAll(".step, .event")].filter((one) => one.offsetParent !== null);
  if (!all.length) return;
  let next = all.findIndex((one) => one.contains(document.activeElement));
  if (next >= 0) {
    next = Math.min(Math.max(next + (forward ? 1 : -1), 0), all.length - 1);
  } else {
    // Nobody is at one yet: the first below the top of the window, or the last above it.
    const places = all.map((one) => one.getBoundingClientRect().top - 90);
    next = forward ? places.findIndex((top) => top > 0) : places.findLastIndex((top) => top < 0);
    if (next < 0) next = forward ? all.length - 1 : 0;
  }
  const target = all[next];
  target.scrollIntoView({ block: "start" });
  (target.querySelector("a[href]") || target).focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || writing(event.target)) return;
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("find")?.select();
  } else if (event.key === "n" || event.key === "p") {
    step(event.key === "n");
  }
});

// Fields that say nothing do not belong in an address.
for (const form of document.querySelectorAll("form.filters")) {
  form.addEventListener("submit", () => {
    for (const field of form.querySelectorAll("input, select")) if (!field.value) field.disabled = true;
  });
}
window.addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form.filters :disabled")) field.disabled = false;
});
