// What somebody typed into a text area and has not sent survives: a session that ends, a closed tab.
// It is kept in this browser alone, for one person and one form, and forgotten when it was sent.
//
// A page of somebody who is signed in says whose it is: <meta name="drafts-of">. If the page after a
// form is none (a login, an error), the form was not taken: there unsent.js takes the mark away.

const PREFIX = "draft ";
const KEPT = 7 * 24 * 3600 * 1000; // milliseconds
const LONGEST = 100_000; // characters
const owner = document.querySelector("meta[name=drafts-of]")?.content;
const areas = [...document.querySelectorAll("textarea[data-draft]")];

function keyOf(area) {
  // Where it goes, not where it stands: a form that comes back has the address of its answer.
  const action = area.form?.getAttribute("action") || location.pathname;
  return PREFIX + JSON.stringify([owner, action, area.name]);
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, draft) {
  try {
    if (draft?.text && draft.text.length <= LONGEST) localStorage.setItem(key, JSON.stringify(draft));
    else localStorage.removeItem(key);
  } catch {
    // The browser keeps nothing for us, or has no room: typing goes on as without this module.
  }
}

function all() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function ownerOf(key) {
  try {
    return JSON.parse(key.slice(PREFIX.length))[0];
  } catch {
    return null;
  }
}

// Pressing "back" after a failure of the network shows the form again: nobody took it.
const wentBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";

function isOver(key, draft) {
  if (!draft || draft.at < Date.now() - KEPT) return true;
  if (ownerOf(key) !== owner) return true; // somebody else signed in here
  if (!draft.sent || wentBack) return false;
  // The form came back with what was typed: something is wrong with it.
  return !areas.some((area) => keyOf(area) === key && area.defaultValue === draft.text);
}

for (const key of all()) {
  const draft = read(key);
  if (isOver(key, draft)) write(key, null);
  else if (draft.sent) write(key, { text: draft.text, at: draft.at });
}

function restore(area) {
  const draft = read(keyOf(area));
  if (!draft || area.value) return;
  area.value = draft.text;
  const note = document.createElement("p");
  note.className = "hint";
  note.setAttribute("role", "status");
  note.textContent = area.dataset.draft;
  area.after(note);
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

for (const area of areas) {
  restore(area);
  area.addEventListener("input", () => write(keyOf(area), { text: area.value, at: Date.now() }));
}

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = event.target;
  if (form.getAttribute("action") === "/logout") {
    for (const key of all()) write(key, null);
    return;
  }
  for (const area of areas) {
    const draft = area.form === form && read(keyOf(area));
    if (draft) write(keyOf(area), { text: draft.text, at: draft.at, sent: true });
  }
});
