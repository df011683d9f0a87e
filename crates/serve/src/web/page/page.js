// Makes pages follow what changes. Everything works without it, after loading a page anew.
"use strict";

// How long a connection may be lost before that is said, in milliseconds.
const LATE = 5000;

let events;
let late;
// Connections that logs come by.
let logs = [];

// What is different, as the server says it: a piece of the page, to be put in the place of the old one.
function patch({ target, html, into, group, said }) {
  const old = target && document.getElementById(target);
  if (html === null) {
    old?.remove();
    return;
  }
  const piece = made(html);
  if (old) {
    const key = old.contains(document.activeElement) && document.activeElement.dataset.key;
    old.replaceWith(piece);
    if (key) (piece.querySelector(`[data-key="${key}"]`) || piece.querySelector("a, button"))?.focus();
  } else if (into) {
    if (into === "timeline") {
      document.getElementById(into)?.prepend(piece);
    } else if (!document.getElementById("more")) {
      // What belongs to a later page is not put on this one.
      if (!document.getElementById(into)) document.getElementById("rows")?.append(made(group));
      document.getElementById(into)?.append(piece);
    }
  }
  piece.classList.add("fresh");
  if (said) say(said);
}

function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

// Told to who does not see it, and shown for a while; what is `lasting` until something else is said.
let quiet;
function say(text, lasting = false) {
  const said = document.getElementById("said");
  clearTimeout(quiet);
  said.textContent = text;
  said.classList.remove("past");
  if (text && !lasting) quiet = setTimeout(() => said.classList.add("past"), 6000);
}

function follow() {
  events?.close();
  const path = document.body.dataset.live;
  if (!path) return;
  events = new EventSource(path);
  events.addEventListener("patch", (event) => patch(JSON.parse(event.data)));
  // Not all at once, if there are many.
  events.addEventListener("resync", () => setTimeout(() => load(location.href), Math.random() * 2000));
  events.addEventListener("stale", soon(() => load(location.href), 500));
  events.addEventListener("open", () => {
    clearTimeout(late);
    say("");
  });
  events.addEventListener("error", () => {
    clearTimeout(late);
    // Every quarter of an hour it ends and is back in a moment, which nobody needs to know.
    late = setTimeout(() => say("The connection is lost; trying again.", true), LATE);
    // What is refused is not tried again by itself: whoever has to log in is shown where.
    if (events.readyState === EventSource.CLOSED) setTimeout(again, 2 * LATE);
  });
}

async function again() {
  try {
    await load(location.href);
  } catch {
    // Nobody answers: later.
  }
  if (events.readyState === EventSource.CLOSED) follow();
}

// Calls it once, a while after the last of many reasons.
function soon(call, wait) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(call, wait);
  };
}

// Puts in the content of a page without leaving this one.
async function load(address) {
  const answer = await fetch(address, { headers: { accept: "text/html" } });
  if (!answer.ok) return say(`The server answers ${answer.status}.`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const parts = ["list", "queue"].map((id) => [document, page].map((one) => one.getElementById(id)));
  const [old, now] = parts.find(([old, now]) => old && now) || [];
  if (!old) return location.reload();
  old.replaceWith(now);
  document.body.dataset.live = page.body.dataset.live;
  follow();
}

function search(form) {
  const filled = [...new FormData(form)].filter(([, value]) => value !== "");
  const query = new URLSearchParams(filled).toString();
  const address = query ? `${form.action}?${query}` : form.action;
  history.replaceState(null, "", address);
  load(address);
}

for (const form of document.querySelectorAll("form[data-search]")) {
  form.addEventListener("input", soon(() => search(form), 200));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search(form);
  });
}

// What is pressed is done without leaving the page; what comes of it is shown by the events.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form.action");
  if (!form || !events) return;
  event.preventDefault();
  const button = form.querySelector("button");
  // Pressed once is enough; what is disabled would lose the focus.
  if (button.ariaDisabled) return;
  button.ariaDisabled = "true";
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    if (answer.type !== "opaqueredirect") {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      say(page.querySelector(".error")?.textContent || `The server answers ${answer.status}.`);
    }
  } catch {
    say("The server does not answer.");
  }
  button.ariaDisabled = null;
});

// Logs grow while somebody looks, and stay where they are while somebody reads.
function followLogs() {
  for (const log of document.querySelectorAll("pre[data-log]")) {
    log.scrollTop = log.scrollHeight;
    const lines = new EventSource(log.dataset.log);
    logs.push(lines);
    lines.addEventListener("lines", (event) => {
      const isAtEnd = log.scrollTop + log.clientHeight > log.scrollHeight - 8;
      for (const { text } of JSON.parse(event.data).lines) {
        log.append(text.replace(/\x1b(\[[^@-~]*[@-~]|\][^\x07\x1b]*\x07?)/g, "") + "\n");
      }
      while (log.childNodes.length > 2000) log.firstChild.remove();
      if (isAtEnd) log.scrollTop = log.scrollHeight;
    });
  }
}

// How long ago something was.
function ages() {
  for (const time of document.querySelectorAll("time.ago")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(time.dateTime)) / 1000));
    const [length, unit] =
      seconds < 60 ? [1, "second"] : seconds < 3600 ? [60, "minute"] : seconds < 172800 ? [3600, "hour"] : [86400, "day"];
    const number = Math.floor(seconds / length);
    time.textContent = `${number} ${unit}${number === 1 ? "" : "s"}`;
  }
}

// A browser has six connections to a server, and keeps those of pages that somebody has left or does not look at: a seventh page
// would wait for them.
function part() {
  for (const stream of [events, ...logs]) stream?.close();
  events = undefined;
}

let parting;
addEventListener("pagehide", part);
addEventListener("pageshow", (event) => event.persisted && location.reload());
document.addEventListener("visibilitychange", () => {
  clearTimeout(parting);
  if (document.hidden) parting = setTimeout(part, 10000);
  else if (document.body.dataset.live && !events) location.reload();
});

setInterval(ages, 15000);
followLogs();
follow();
