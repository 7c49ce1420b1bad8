// Follows the start of a workspace and goes to it when it is ready.
"use strict";

const panel = document.getElementById("opening");
const progress = document.getElementById("opening-progress");
const message = document.getElementById("opening-message");
const failure = document.getElementById("opening-failed");
const events = new EventSource(panel.dataset.events);

events.onmessage = (event) => {
  const step = JSON.parse(event.data);
  if (step.progress !== undefined) {
    progress.value = step.progress;
  }
  if (step.ready) {
    events.close();
    message.textContent = panel.dataset.ready;
    window.location.reload();
  } else if (step.failed) {
    events.close();
    // The page then says why, in the person's language.
    message.hidden = true;
    failure.hidden = false;
    window.location.reload();
  } else if (step[`message_${document.documentElement.lang}`]) {
    message.textContent = step[`message_${document.documentElement.lang}`];
  }
};

events.onerror = () => {
  message.textContent = panel.dataset.lost;
};
