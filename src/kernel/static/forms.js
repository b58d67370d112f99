// Forms work without this module. It reveals passwords, shows that a sent form is being worked on,
// and keeps a second press from sending it again.

for (const button of document.querySelectorAll("[data-reveals]")) {
  const input = document.getElementById(button.dataset.reveals);
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.hidden = false;
  button.addEventListener("click", () => show(input.type === "password"));
  // Password managers recognise what they may save by the type.
  input.form?.addEventListener("submit", () => show(false));
}

const sent = new WeakSet();
const ANSWERED_BY = 10_000; // milliseconds; after that the reader may try again

function forget(form) {
  sent.delete(form);
  for (const busy of form.querySelectorAll("button[aria-busy]")) busy.removeAttribute("aria-busy");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog") return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  event.submitter?.setAttribute("aria-busy", "true");
  setTimeout(forget, ANSWERED_BY, form);
});

// A page that the back button brings out of the browser's memory may be sent again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) forget(form);
});

// Safari before 18 leaves `autofocus` out on a heading.
const first = document.querySelector("[autofocus]");
if (first && document.activeElement === document.body) first.focus();
