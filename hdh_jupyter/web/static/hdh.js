// What the pages do in the browser beyond links and forms; each part looks for its own elements.
"use strict";

// Sort a previewed table by a column: numbers as numbers, French or English decimals alike.
function sortKey(text) {
  const number = Number(text.replace(/[\s\u00a0\u202f%]/g, "").replace(",", "."));
  return text.trim() === "" || Number.isNaN(number) ? null : number;
}

function compareCells(a, b) {
  const x = sortKey(a);
  const y = sortKey(b);
  if (x !== null && y !== null) {
    return x - y;
  }
  if (x !== null || y !== null) {
    return x !== null ? -1 : 1;
  }
  return a.localeCompare(b, document.documentElement.lang);
}

document.querySelectorAll("table[data-sortable]").forEach((table) => {
  const body = table.tBodies[0];
  table.querySelectorAll("thead .hdh-sort").forEach((button) => {
    button.addEventListener("click", () => {
      const title = button.closest("th");
      const ascending = title.getAttribute("aria-sort") !== "ascending";
      const rows = Array.from(body.rows);
      const text = (row) => {
        const cell = row.cells[title.cellIndex];
        return cell?.dataset.value ?? cell?.textContent.trim() ?? "";
      };
      rows.sort((a, b) => compareCells(text(a), text(b)) * (ascending ? 1 : -1));
      body.append(...rows);
      table.querySelectorAll("thead th[aria-sort]").forEach((each) => each.setAttribute("aria-sort", "none"));
      title.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    });
  });
});

// Warn before a half-written form is left.
const form = document.getElementById("statement");
let unsaved = false;
if (form) {
  form.addEventListener("input", () => {
    unsaved = true;
  });
  document.addEventListener("submit", () => {
    unsaved = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) {
      event.preventDefault();
    }
  });
}

// A form is sent once, however often its button is pressed.
document.querySelectorAll("form[method=post]").forEach((each) => {
  each.addEventListener("submit", (event) => {
    if (each.dataset.sent) {
      event.preventDefault();
    }
    each.dataset.sent = "yes";
  });
});

// Wait for the check: reload when it is over, unless that would lose what is being written.
const check = document.getElementById("check");
if (check) {
  const show = document.getElementById("check-show");
  const timer = window.setInterval(async () => {
    const reply = await fetch(check.dataset.url, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!reply?.ok) {
      return;
    }
    const { state } = await reply.json();
    if (state === check.dataset.state) {
      return;
    }
    if (!unsaved) {
      window.location.reload();
    } else if (state !== "running") {
      window.clearInterval(timer);
      show.hidden = false;
    }
  }, 1500);
}
