"use strict";
// Pages are complete without this: it tells times in the reader's zone and chooses all rows at once.
for (const time of document.querySelectorAll("time[datetime]")) {
  const moment = new Date(time.dateTime);
  if (!Number.isNaN(moment.getTime())) {
    time.title = time.textContent;
    time.textContent = moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  }
}
for (const all of document.querySelectorAll("[data-chooses]")) {
  all.hidden = false;
  const boxes = () => document.querySelectorAll(`input[name="${all.dataset.chooses}"]`);
  all.querySelector("input").addEventListener("change", (event) => {
    for (const box of boxes()) box.checked = event.target.checked;
  });
}
