// Everything works without this file; it only makes leaving faster and menus and drafts kinder.
"use strict";

const exit = document.querySelector("[data-quick-exit]");
if (exit) {
  const leave = (event) => {
    event.preventDefault();
    document.body.hidden = true;
    document.title = "";
    location.replace(exit.href); // the page does not stay in the history
  };
  let lastEscape = 0;
  exit.addEventListener("click", leave);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (event.timeStamp - lastEscape < 800) leave(event);
    lastEscape = event.timeStamp;
  });
}

// An open account menu closes when somebody clicks elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.account[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});


// What a form has sent is not kept as a draft any more: leaving the page would be one more pause of whoever writes.
const sent = new WeakSet();
document.addEventListener("submit", (event) => event.defaultPrevented || sent.add(event.target));
document.addEventListener("htmx:beforeRequest", (event) => {
  if (sent.has(event.target)) event.preventDefault();
});
