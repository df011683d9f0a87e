// Shows how far an environment is, and the environment itself once it answers.
"use strict";

const events = new EventSource("/.boatyard/events");

events.addEventListener("state", (event) => {
  const { html, is_over: isOver } = JSON.parse(event.data);
  if (isOver) {
    events.close();
    location.reload();
    return;
  }
  document.getElementById("state").innerHTML = html;
});
