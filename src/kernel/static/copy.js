// Buttons that copy a value; hidden where there is no script.

for (const button of document.querySelectorAll("[data-copies]")) {
  const label = button.getAttribute("aria-label");
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (!(await copy(button.dataset.copies, button))) return;
    button.dataset.copied = "";
    button.setAttribute("aria-label", button.dataset.done);
    setTimeout(() => {
      delete button.dataset.copied;
      button.setAttribute("aria-label", label);
    }, 2000);
  });
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No clipboard over plain http, or not allowed: select the value for the reader to copy.
    const value = button.parentElement.querySelector("code");
    getSelection().selectAllChildren(value);
    return false;
  }
}
