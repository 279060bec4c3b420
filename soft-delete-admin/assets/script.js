"use strict";
// Pages are complete without this: it tells times in the reader's zone, chooses all rows at once, and shows how a cleanup goes on.
const tellTimes = (within) => {
  for (const time of within.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    if (!Number.isNaN(moment.getTime())) {
      time.title = time.textContent;
      time.textContent = moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    }
  }
};
tellTimes(document);
for (const all of document.querySelectorAll("[data-chooses]")) {
  all.hidden = false;
  const boxes = () => document.querySelectorAll(`input[name="${all.dataset.chooses}"]`);
  all.querySelector("input").addEventListener("change", (event) => {
    for (const box of boxes()) box.checked = event.target.checked;
  });
}
const live = document.querySelector("[data-live]");
if (live) {
  const look = async () => {
    try {
      const answer = await fetch(live.dataset.live);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.querySelector("[data-live]");
      // Once it has ended, the whole page tells how.
      if (answer.ok && !now) return location.replace(live.dataset.live);
      if (now) live.replaceChildren(...now.childNodes);
    } catch {
      // Whoever cannot be reached is asked again.
    }
    setTimeout(look, 2000);
  };
  setTimeout(look, 2000);
}
