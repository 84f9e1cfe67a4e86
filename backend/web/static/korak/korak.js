// Everything works without this file; it only makes leaving faster and dialogs kinder.
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
