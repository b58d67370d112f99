// Keys for a table of rows that can be opened and selected; the page works without them.
// j, k: next and previous row. x: select. Enter: open (the row's link has the focus). /: search.
// ?: which keys there are. And one check box in the head that selects the whole page.

const list = document.querySelector("[data-rows]");
const rows = list ? [...list.querySelectorAll("tbody tr")] : [];
const boxOf = (row) => row.querySelector(".select-row");

function current() {
  return rows.findIndex((row) => row.contains(document.activeElement));
}

function move(by) {
  const from = current();
  const to = from < 0 ? (by > 0 ? 0 : rows.length - 1) : from + by;
  const row = rows[Math.min(Math.max(to, 0), rows.length - 1)];
  const link = row?.querySelector("a");
  link?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  x: () => boxOf(rows[current()] ?? document.body)?.click(),
  "/": () => document.querySelector("input[type=search]")?.focus(),
  "?": () => document.getElementById("table-keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea, dialog")) return;
  const deed = keys[event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
});

const boxes = rows.map(boxOf).filter(Boolean);
const head = list?.querySelector("thead th");

if (boxes.length && head) {
  const all = document.createElement("input");
  all.type = "checkbox";
  all.className = "select-all";
  all.setAttribute("aria-label", list.dataset.selectAll);
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  list.addEventListener("change", show);
  head.replaceChildren(all);
  show(); // the browser may bring back what was ticked
}
