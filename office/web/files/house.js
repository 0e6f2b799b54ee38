// Makes the pages quicker; nothing needs it. Cards are decided without leaving the page, by mouse
// or keys: whatever the server answers are elements that take the place of those with their id.
"use strict";

const PIECE = { "x-regisseur": "piece" };
const before = new Map();  // the card as it was, while its form to edit stands in its place

const news = document.getElementById("news");
const cards = () => [...document.querySelectorAll("[data-card]:not(.settled):not(.busy)")];
const cardOf = (element) => element?.closest?.("[data-card]");
const typing = (element) => element.matches?.("input:not([type=checkbox]), textarea, select");

for (const element of document.querySelectorAll("[data-with-script]")) element.hidden = false;
document.documentElement.classList.add("scripted");

// --- from the server ---

async function asked(address, options = {}) {
  const answer = await fetch(address, { ...options, headers: PIECE, credentials: "same-origin" });
  if (answer.status === 401) location.reload();
  const piece = document.createElement("template");
  piece.innerHTML = await answer.text();
  return piece.content;
}

function put(piece) {
  const told = [];
  for (const element of [...piece.children]) {
    const old = element.id && document.getElementById(element.id);
    if (!old) { news?.replaceChildren(element); continue; }
    const focused = old.contains(document.activeElement);
    old.replaceWith(element);
    told.push(element);
    if (focused && element.tabIndex >= -1) element.focus({ preventScroll: true });
  }
  const said = told.map((element) => element.querySelector(".state, [role=status]")?.textContent);
  if (news && told.length) news.replaceChildren(hidden(said.filter(Boolean).join(". ")));
  picked();
  return told;
}

function hidden(text) {
  const line = document.createElement("p");
  line.className = "hidden";
  line.textContent = text;
  return line;
}

function failed() {
  const line = document.createElement("p");
  line.className = "banner failed";
  line.setAttribute("role", "alert");
  line.textContent = news?.dataset.failed ?? "";
  news?.replaceChildren(line);
}

// --- deciding ---

function waits(card, yes) {
  card.classList.toggle("busy", yes);
  card.setAttribute("aria-busy", String(yes));
  for (const button of card.querySelectorAll("button")) button.disabled = yes;
}

function after(card) {
  const waiting = cards();
  return waiting.find((one) => card.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING)
    ?? waiting.find((one) => one !== card);
}

function goTo(card) {
  const place = card ?? document.querySelector("[data-next]") ?? document.getElementById("left");
  place?.focus();
  place?.scrollIntoView({ block: "nearest" });
}

async function decide(form, button) {
  const busy = form.matches("[data-bulk]") ? chosen().map(cardOf) : [cardOf(form)];
  const body = new FormData(form, button);
  const next = after(busy.at(-1));
  busy.forEach((card) => waits(card, true));
  if (!form.matches(".edit")) goTo(next && !busy.includes(next) ? next : cards()[0]);
  try {
    const put_ = put(await asked(form.action, { method: "POST", body: new URLSearchParams(body) }));
    if (form.matches(".edit") && put_[0]?.matches(".settled")) goTo(after(put_[0]));
  } catch {
    failed();
  } finally {
    busy.filter((card) => card.isConnected).forEach((card) => waits(card, false));
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const inside = form.matches("[data-bulk]") ? chosen().length : cardOf(form);
  if (!news || !inside) return;
  event.preventDefault();
  decide(form, event.submitter);
});

document.addEventListener("click", async (event) => {
  const cancel = event.target.closest("[data-cancel]");
  const link = event.target.closest("[data-piece]");
  const card = cardOf(event.target);
  if (!news || !card || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (cancel && before.has(card.id)) {
    event.preventDefault();
    const old = before.get(card.id);
    card.replaceWith(old);
    old.focus();
  } else if (link) {
    event.preventDefault();
    before.set(card.id, card);
    const [form] = put(await asked(link.href));
    form?.querySelector(".edit :is(input:not([type=hidden]), textarea, select)")?.focus();
  }
});

// --- many at once ---

const chosen = () => [...document.querySelectorAll(".pick:checked")];

function picked() {
  const bulk = document.querySelector("[data-bulk]");
  if (!bulk) return;
  bulk.hidden = !chosen().length;
  if (bulk.hidden) document.querySelector("[data-all]").checked = false;
  bulk.querySelector("[data-picked]").textContent = chosen().length;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) {
    for (const box of document.querySelectorAll(".pick")) box.checked = event.target.checked;
  }
  picked();
});

picked();

// --- keys ---

function step(by) {
  const waiting = cards();
  const at = waiting.indexOf(cardOf(document.activeElement));
  goTo(waiting[at < 0 ? 0 : Math.min(Math.max(at + by, 0), waiting.length - 1)]);
}

function press(card, key) {
  const control = card.querySelector(`[data-key="${key}"]`);
  if (!control) return;
  control.click();
  control.closest("details")?.querySelector("form button")?.focus();
}

function choose(card, number) {
  const buttons = card.querySelectorAll("details[open] fieldset button");
  buttons[number - 1]?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !news) return;
  const card = cardOf(document.activeElement);
  if (event.key === "Escape") {
    card?.querySelector("[data-cancel]")?.click();
    for (const open of document.querySelectorAll(".verdicts details[open]")) open.open = false;
    cardOf(document.activeElement)?.focus();
    return;
  }
  if (typing(document.activeElement)) return;
  if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  else if (!card) return;
  else if (event.key === "x") card.querySelector(".pick")?.click();
  else if ("aers".includes(event.key)) press(card, event.key);
  else if (/^[1-6]$/.test(event.key)) choose(card, Number(event.key));
  else return;
  event.preventDefault();
});
