// Keeps the desk new: puts the pieces that /events sends into the elements of their names.
"use strict";
(function () {
  var main = document.querySelector("main[data-log]");
  var state = document.getElementById("live");
  var pause = document.getElementById("pause");
  if (!main || !state || !pause || !window.EventSource) return;
  var source = null;
  var again = 0; // the timer of the next try

  function say(text, kind) {
    if (state.textContent !== text) state.textContent = text;
    state.className = kind;
  }

  // Lines that are there already stay as they are, so that only new ones are read out and
  // an opened one stays open.
  function merge(list, html) {
    var fresh = document.createElement("template");
    fresh.innerHTML = html;
    var next = Array.prototype.slice.call(fresh.content.children);
    next.forEach(function (item, i) {
      var was = item.id && document.getElementById(item.id);
      var same = was && was.parentNode === list && was.dataset.count === item.dataset.count;
      var node = same ? was : item;
      if (was && !same && was.parentNode === list) was.remove();
      if (list.children[i] !== node) list.insertBefore(node, list.children[i] || null);
      if (!same && list.dataset.filled) node.classList.add("new");
    });
    while (list.children.length > next.length) list.lastElementChild.remove();
    list.dataset.filled = "yes";
  }

  // The reader's place survives: a link that has the focus keeps it.
  function replace(element, html) {
    var focus = element.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    element.innerHTML = html;
    if (focus) {
      var again = element.querySelector('[href="' + CSS.escape(focus) + '"]');
      if (again) again.focus();
    }
  }

  function start() {
    source = new EventSource("/events");
    source.addEventListener("open", function () { say("live", "on"); });
    // The browser tries again by itself, but not when it was answered with an error, as it is
    // while too many read at once.
    source.addEventListener("error", function (event) {
      say("connection lost, trying again", "off");
      if (source && event.target.readyState === EventSource.CLOSED) again = setTimeout(start, 5000);
    });
    source.addEventListener("desk", function (event) {
      var update = JSON.parse(event.data);
      if (update.log !== main.dataset.log) { location.reload(); return; }
      say("live", "on");
      Object.keys(update.pieces).forEach(function (name) {
        var element = document.getElementById(name);
        if (!element) return;
        if (name === "feed") merge(element, update.pieces[name]); else replace(element, update.pieces[name]);
      });
    });
  }

  function stop() {
    clearTimeout(again);
    if (source) source.close();
    source = null;
  }

  pause.hidden = false;
  pause.addEventListener("click", function () {
    if (source) {
      stop();
      pause.textContent = "Go on";
      say("paused", "off");
    } else {
      pause.textContent = "Pause";
      start();
    }
  });
  say("connecting", "off");
  start();
})();
