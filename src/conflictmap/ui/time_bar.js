/* The time slider below the map: it moves in the browser and tells the server only where it came to rest.
   Every word is set as text. */
window.startTimeBar = function (box, onMove, onRest) {
  "use strict";
  var REST_MS = 350; // after the last key or movement
  var WHOLE_RUN_MS = 24000; // how long a run over all steps should take, within the limits below
  var FASTEST_MS = 60, SLOWEST_MS = 800, REDUCED_MS = 1000;
  var SPEEDS = [["0.5", "slow"], ["1", "normal"], ["2", "fast"], ["4", "fastest"]];
  var steps = { keys: [""], labels: [""], others: [""], counts: [[0], [0], [0]] };
  var at = 0, rest = 0, timer = null, playing = false, held = false, last = 0;
  var calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  function make(tag, className, parent) {
    var element = document.createElement(tag);
    element.className = className;
    if (parent) parent.appendChild(element);
    return element;
  }

  var bar = make("div", "time-bar", box);
  var controls = make("div", "time-controls", bar);
  var play = make("button", "time-play", controls);
  play.type = "button";
  var range = make("input", "time-range", controls);
  range.type = "range";
  range.min = "0";
  range.step = "1";
  range.setAttribute("aria-label", "Time");
  var speed = make("select", "time-speed", controls);
  speed.setAttribute("aria-label", "Speed of playing");
  SPEEDS.forEach(function (pair) {
    var option = make("option", "", speed);
    option.value = pair[0];
    option.textContent = pair[1];
  });
  speed.value = "1";
  var words = make("div", "time-words", bar);
  var name = make("strong", "", words);
  var other = make("span", "time-other", words);
  var counts = make("span", "time-counts", words);

  function counted() {
    var n = steps.counts.map(function (column) { return column[at]; });
    function many(number) { return number.toLocaleString("en"); }
    return (
      (n[0] === 1 ? "1 incident" : many(n[0]) + " incidents") +
      (n[1] ? ", " + many(n[1]) + " not on the map" : "") +
      (n[2] ? "; " + many(n[2]) + " more not dated to it" : "")
    );
  }

  function tell() {
    name.textContent = steps.labels[at];
    other.textContent = steps.others[at];
    counts.textContent = counted();
    range.value = String(at);
    range.setAttribute("aria-valuetext", [steps.labels[at], steps.others[at], counted()].filter(Boolean).join(", "));
  }

  function tellPlaying() {
    play.textContent = playing ? "\u275A\u275A" : "\u25B6";
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
    play.title = playing ? "Pause (space)" : "Play (space)";
    bar.classList.toggle("is-playing", playing);
  }

  function move(position) {
    position = Math.max(0, Math.min(steps.keys.length - 1, position));
    if (position === at) return;
    at = position;
    tell();
    onMove(at);
  }

  function restSoon() {
    clearTimeout(timer);
    timer = setTimeout(function () {
      if (playing || held || at === rest) return;
      rest = at;
      onRest(steps.keys[at]);
    }, REST_MS);
  }

  function pause() {
    playing = false;
    tellPlaying();
    restSoon();
  }

  function interval() {
    if (calm.matches) return REDUCED_MS;
    var even = Math.max(FASTEST_MS, Math.min(SLOWEST_MS, WHOLE_RUN_MS / steps.keys.length));
    return even / Number(speed.value);
  }

  function frame(now) {
    if (!playing) return;
    if (now - last >= interval() - 1) {
      last = now;
      if (at + 1 >= steps.keys.length) return pause();
      move(at + 1);
    }
    requestAnimationFrame(frame);
  }

  function start() {
    if (steps.keys.length < 3) return;
    playing = true;
    clearTimeout(timer);
    if (at === steps.keys.length - 1) move(0);
    tellPlaying();
    last = performance.now();
    requestAnimationFrame(frame);
  }

  play.addEventListener("click", function () {
    if (playing) pause();
    else start();
  });
  range.addEventListener("input", function () {
    if (playing) pause();
    move(Number(range.value));
    restSoon();
  });
  range.addEventListener("change", restSoon);
  range.addEventListener("pointerdown", function () { held = true; });
  ["pointerup", "pointercancel"].forEach(function (event) {
    window.addEventListener(event, function () {
      if (!held) return;
      held = false;
      restSoon();
    });
  });
  bar.addEventListener("keydown", function (event) {
    if (event.key !== " " || event.target === speed || event.target === play) return;
    event.preventDefault();
    if (playing) pause();
    else start();
  });
  tellPlaying();

  return {
    element: bar,
    // What the server shows; it does not pull the slider from under a reader's hand.
    show: function (fresh, shown, mayMove) {
      var key = steps.keys[at];
      var isBusy = playing || held || at !== rest;
      steps = fresh;
      range.max = String(steps.keys.length - 1);
      bar.hidden = steps.keys.length < 2;
      var own = steps.keys.indexOf(key);
      if ((isBusy || !mayMove) && own >= 0) at = own;
      else {
        at = shown;
        rest = shown;
      }
      tell();
      return at;
    },
    move: move,
    position: function () { return at; },
    isMoving: function () { return playing || held || at !== rest; }
  };
};
