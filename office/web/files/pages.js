// What running missions do, as it happens. Without this script the page looks again by itself.
"use strict";

for (const list of document.querySelectorAll("[data-events]")) {
  let shown = Number(list.dataset.after);
  const source = new EventSource(list.dataset.events);
  source.addEventListener("step", (event) => {
    const number = Number(event.lastEventId);
    if (number <= shown) return;
    shown = number;
    list.insertAdjacentHTML("beforeend", event.data);
  });
  source.addEventListener("end", () => {
    source.close();
    location.reload();
  });
}

for (const list of document.querySelectorAll("[data-look-again]")) {
  const seconds = Number(list.dataset.lookAgain);
  setInterval(() => {
    const busy = document.querySelector("details.panel[open]") || document.hidden;
    if (!busy) location.reload();
  }, seconds * 1000);
}
