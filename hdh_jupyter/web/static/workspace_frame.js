// What the page around a workspace does when the workspace's page says a word. Whoever is inside is not trusted: a word
// chooses among our own sentences and our own pages, and nothing it brings is shown or opened.
"use strict";

const frame = document.getElementById("workspace");
const notice = document.getElementById("notice");
const ONCE_IN = 30000; // milliseconds

function tell(name) {
  notice.textContent = notice.dataset[name];
  notice.hidden = false;
}

// Signing in happens in the whole window; a second failure within a short time is told instead of tried again.
function signIn() {
  const last = Number(window.sessionStorage.getItem("hdh-sign-in"));
  if (Date.now() - last < ONCE_IN) {
    tell("signedOut");
    return;
  }
  window.sessionStorage.setItem("hdh-sign-in", String(Date.now()));
  window.location.assign(frame.dataset.signIn);
}

window.addEventListener("message", (event) => {
  if (event.source !== frame.contentWindow || event.origin !== frame.dataset.origin) {
    return;
  }
  const { hdh, request } = event.data ?? {};
  if (hdh === "signed-out") {
    signIn();
  } else if (hdh === "versions-differ") {
    tell("versionsDiffer");
  } else if (hdh === "portal") {
    window.location.assign(`${frame.dataset.portal}home`);
  } else if (hdh === "request" && Number.isSafeInteger(request) && request > 0) {
    window.location.assign(`${frame.dataset.portal}egress/${request}`);
  }
});

frame.addEventListener("load", () => frame.focus());
