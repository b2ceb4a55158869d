// Adds how long ago beside each time; the page is whole without it.
(function () {
  "use strict";
  function ago(then) {
    var minutes = Math.round((Date.now() - then) / 60000);
    if (minutes < 1) { return "just now"; }
    if (minutes < 60) { return minutes + " min ago"; }
    if (minutes < 2880) { return Math.round(minutes / 60) + " h ago"; }
    return Math.round(minutes / 1440) + " days ago";
  }
  document.querySelectorAll(".components time, .stale time, .said time").forEach(function (node) {
    node.title = node.textContent;
    node.textContent += " (" + ago(Date.parse(node.dateTime)) + ")";
  });
})();
