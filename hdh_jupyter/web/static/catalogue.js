// More rows in the repeated fields of a form; without scripts each save offers one more.
"use strict";

document.querySelectorAll("table[data-rows]").forEach((table) => {
  const button = table.closest(".hdh-field").querySelector(".hdh-add-row");
  button.hidden = false;
  button.addEventListener("click", () => {
    const body = table.tBodies[0];
    const row = body.rows[body.rows.length - 1].cloneNode(true);
    row.querySelectorAll("input, select").forEach((each) => {
      each.value = "";
    });
    body.append(row);
    row.querySelector("input, select").focus();
  });
});
