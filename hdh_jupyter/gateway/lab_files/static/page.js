// Tells the portal's page around this one what the gateway knows when it serves the page; a word, never a sentence.
"use strict";

{
  const { word, portal } = document.currentScript.dataset;
  if (word && window.parent !== window) {
    window.parent.postMessage({ hdh: word }, portal);
  }
}
