/* The browser's part of the map. It is given numbers, unit codes and fixed words, never text of a report;
   names come from the boundary files. Every word is set as text, none as HTML. */
window.startAreaMap = function (map, files) {
  "use strict";
  var COUNTRY = [[29.3, 60.4], [38.55, 75.9]];
  var WORDS = {
    n: "no report in the sources read",
    z: "zero, by what a source says",
    f: "incidents reported, no figure given",
    s: "suppressed",
    r: "not shown"
  };
  var HEDGES = { e: "", a: "at least ", c: "about ", b: "best estimate " };
  var FILLS = { n: "url(#no-report)", z: "var(--zero)", f: "url(#no-figure)", s: "url(#suppressed)", r: "var(--refused)" };
  var BAR_PX = 74;
  var frame = window.mapFrame;
  var box = map.getContainer();
  var message = null;
  var sent = 0; // what the slider has told the server, so that an older answer is known as such
  var fitted = "";

  // --- what is fixed

  function addPatterns() {
    var svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("width", "0");
    svg.setAttribute("height", "0");
    svg.style.position = "absolute";
    svg.innerHTML =
      '<defs><pattern id="no-report" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
      '<rect width="7" height="7" fill="var(--silent)"/><line x1="0" y1="0" x2="0" y2="7" stroke="var(--hatch)" stroke-width="1.6"/></pattern>' +
      '<pattern id="no-figure" width="8" height="8" patternUnits="userSpaceOnUse">' +
      '<rect width="8" height="8" fill="#fdf6e3"/><line x1="0" y1="4" x2="8" y2="4" stroke="#b79a3c" stroke-width="1.3"/></pattern>' +
      '<pattern id="suppressed" width="6" height="6" patternUnits="userSpaceOnUse">' +
      '<rect width="6" height="6" fill="#ffffff"/><circle cx="3" cy="3" r="1.5" fill="#5b6770"/></pattern></defs>';
    document.body.appendChild(svg);
  }

  function addStyle() {
    var style = document.createElement("style");
    style.textContent =
      ":root{--ground:#fbfcfd;--silent:#f1f3f4;--hatch:#d3d9dd;--zero:#ffffff;--refused:#e4e8eb;--ink:#26323b;--dim:#5b6770;" +
      "--line:#828d95;--strong:#14222c;--province:#56626b;--accent:#1f5f8b;--panel:#ffffff;--edge:#d5dbe0}" +
      "body.dark{--ground:#10161b;--silent:#181f25;--hatch:#4a5a66;--zero:#f4f6f7;--refused:#2c353c;--ink:#eef2f5;--dim:#b4bfc7;" +
      "--line:#75828b;--strong:#ffffff;--province:#aab6be;--accent:#7db8de;--panel:#1a2228;--edge:#3b464f}" +
      "body{margin:0;background:transparent}" +
      ".leaflet-container{background:var(--ground);font:13px/1.35 system-ui,sans-serif}" +
      ".leaflet-interactive:focus{outline:none}" +
      ".leaflet-container:focus-visible{outline:3px solid var(--accent);outline-offset:-3px}" +
      ".maps{display:flex;gap:6px}.maps>*{flex:1 1 0;min-width:0}" +
      ".map-label{position:absolute;z-index:800;top:8px;right:8px;background:var(--panel);color:var(--ink);border:1px solid var(--edge);" +
      "border-radius:4px;padding:2px 8px;font-weight:600;pointer-events:none}" +
      ".time-bar{color:var(--ink);font:13px/1.35 system-ui,sans-serif;padding:6px 2px 0}" +
      ".time-bar[hidden]{display:none}" +
      ".time-controls{display:flex;gap:10px;align-items:center}" +
      ".time-range{flex:1;min-width:0;height:24px;margin:0;accent-color:var(--accent)}" +
      ".time-play,.time-speed{font:inherit;color:var(--ink);background:var(--panel);border:1px solid var(--line);border-radius:4px;height:30px}" +
      ".time-play{width:44px;cursor:pointer}.time-speed{padding:0 2px}" +
      ".time-bar :focus-visible{outline:2px solid var(--accent);outline-offset:1px}" +
      ".time-words{display:flex;flex-wrap:wrap;gap:0 12px;padding-top:4px;min-height:20px}" +
      ".time-other,.time-counts{color:var(--dim)}" +
      ".in-words{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}" +
      "@media(max-width:519px){.maps{flex-direction:column}.maps>*{flex:none;width:100%}.time-words{font-size:12px;max-height:34px;overflow:hidden}}";
    document.head.appendChild(style);
  }

  var COUNTS_FROM_ZOOM = 7.5; // of hundreds of districts, where there are very many incidents

  // A number in a box, on the canvas of the marks: hundreds of elements would make every pan wait.
  var Count = L.CircleMarker.extend({
    _updatePath: function () {
      var canvas = this._renderer, at = this._point;
      if (!canvas._drawing || this._empty()) return;
      if (this._map.getZoom() < this.options.fromZoom) return; // they would hide each other
      var text = String(this.options.n), width = 12 + 7 * text.length, context = canvas._ctx;
      var top = at.y - (this.options.isProvince ? 18 : 8), left = at.x - width / 2;
      context.save();
      context.fillStyle = "#ffffff";
      context.strokeStyle = "#26323b";
      context.lineWidth = 1.5;
      context.setLineDash(this.options.isProvince ? [3, 2] : []);
      context.fillRect(left, top, width, 17);
      context.strokeRect(left, top, width, 17);
      context.fillStyle = "#26323b";
      context.font = "600 11px system-ui,sans-serif";
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText(text, at.x, top + 9);
      context.restore();
    }
  });

  // --- one map, of two where periods are compared

  function makeView(map) {
    var layers = {};
    var painted = { level: "", letters: [], colours: "" };
    var position = 0;
    var pane = map.createPane("marks"); // above the areas, whenever those arrive
    pane.style.zIndex = 450;
    pane.style.pointerEvents = "none";
    var dots = L.canvas({ pane: "marks", padding: 0.3 });
    var marks = L.layerGroup().addTo(map);
    var isCrowded = false; // named places are added up in cells
    var label = document.createElement("div");
    label.className = "map-label";
    label.hidden = true;
    map.getContainer().appendChild(label);
    frame.keepStill(map.getContainer());

    function letterAt(index) {
      return message.letters.charAt(index * message.steps.keys.length + position);
    }

    function words(index, name) {
      var letter = letterAt(index);
      if (WORDS[letter]) return name + ": " + WORDS[letter] + couldBe(index);
      var known = message.values[String(position)];
      var unit = (message.unit.charAt(0) === "%" ? "" : " ") + message.unit;
      if (!known) return name + ": " + message.labels[Number(letter)] + unit; // on the way: the class alone
      var number = known[0][index].toLocaleString("en", { maximumFractionDigits: 2 });
      if (message.counts) number = HEDGES[known[1].charAt(index)] + number;
      return name + ": " + number + unit + couldBe(index);
    }

    function couldBe(index) {
      var range = message.could && position === message.shown ? message.could.words[index] : null;
      return range ? " (could be " + range + ")" : "";
    }

    function tooltip(layer) {
      var text = document.createElement("span");
      text.textContent = words(layer.index, layer.feature.properties.n);
      return text;
    }

    function fill(letter) {
      return FILLS[letter] || message.colours[Number(letter)];
    }

    function doubt(index) {
      return message.could && position === message.shown ? message.could.marks.charAt(index) : "0";
    }

    function outline(layer) {
      var isChosen = layer.feature.properties.c === message.selected, mark = doubt(layer.index);
      layer.setStyle({
        fillColor: fill(letterAt(layer.index)),
        fillOpacity: 1,
        color: isChosen || mark === "1" ? "var(--strong)" : "var(--line)",
        weight: isChosen ? 3 : mark === "1" ? 2 : mark === "2" ? 1.4 : message.level === "district" ? 0.5 : 1,
        dashArray: isChosen ? null : mark === "1" ? "5 4" : mark === "2" ? "1 4" : null
      });
      if (isChosen || mark === "1") layer.bringToFront();
    }

    // Only what differs is touched, so a run over hundreds of steps stays smooth.
    function recolour() {
      var isFresh = painted.level !== message.level || painted.colours !== message.colours.join();
      layers[message.level].list.forEach(function (layer, index) {
        var letter = letterAt(index);
        if (!isFresh && letter === painted.letters[index]) return;
        painted.letters[index] = letter;
        layer.options.fillColor = fill(letter);
        layer._path.setAttribute("fill", layer.options.fillColor);
      });
      painted.level = message.level;
      painted.colours = message.colours.join();
    }

    function borders() {
      frame.load(files.province, function (geometry) {
        if (!layers.lines) {
          layers.lines = L.geoJSON(geometry, {
            interactive: false,
            style: function () { return { fill: false, color: "var(--province)", weight: 1.2 }; }
          });
        }
        if (message.level === "district") {
          map.addLayer(layers.lines);
          layers.lines.bringToFront();
        }
      });
    }

    function addAreas(level, geometry) {
      if (layers[level]) return;
      var list = [];
      layers[level] = L.geoJSON(geometry, {
        onEachFeature: function (feature, layer) {
          layer.index = list.length;
          list.push(layer);
          layer.bindTooltip(tooltip, { sticky: true });
          layer.on("click", function () { tellServer({ area: feature.properties.c }); });
        }
      });
      layers[level].list = list;
    }

    function drawMarks(told) {
      var at = [0, 0]; // degrees are told as differences, in ten-thousandths
      var most = 0;
      for (var i = 0; i < told.n.length; i += 1) {
        var kind = told.kinds.charAt(i);
        if (kind !== "d" && kind !== "p") most = Math.max(most, told.harmed[i]);
      }
      // The largest fits: between cells, which lie side by side, and on the screen.
      isCrowded = told.kinds.indexOf("c") >= 0;
      var largest = isCrowded ? 9 : 26;
      var each = Math.min(1.1, (largest - 3) / Math.sqrt(Math.max(most, 1)));
      for (i = 0; i < told.n.length; i += 1) {
        at = [at[0] + told.lat[i], at[1] + told.lon[i]];
        var size = told.harmed[i] ? 3 + each * Math.sqrt(told.harmed[i]) : 3.5;
        mark(told.kinds.charAt(i), [at[0] / 10000, at[1] / 10000], told.radius[i], told.n[i], told.harmed[i], size);
      }
    }

    function mark(kind, at, radius, n, harmed, size) {
      if (kind === "d" || kind === "p") {
        var fromZoom = isCrowded && kind === "d" ? COUNTS_FROM_ZOOM : 0;
        marks.addLayer(new Count(at, { renderer: dots, interactive: false, radius: 14, n: n, isProvince: kind === "p", fromZoom: fromZoom }));
        return;
      }
      if (radius > 0) {
        marks.addLayer(L.circle(at, { renderer: dots, radius: radius * 1000, interactive: false, color: "#1d3f58", weight: 1, fillColor: "#1d3f58", fillOpacity: 0.12 }));
      }
      marks.addLayer(
        L.circleMarker(at, {
          renderer: dots,
          radius: size,
          interactive: false,
          color: harmed ? "#ffffff" : "#1d3f58",
          weight: harmed ? 1.2 : 1.6,
          fillColor: harmed ? "#1d3f58" : "#ffffff",
          fillOpacity: harmed ? 0.8 : 0.9
        })
      );
    }

    return {
      map: map,
      label: label,
      layers: layers,
      position: function () { return position; },
      // The server's word: level, classes, outlines, marks.
      show: function (at, withMarks) {
        position = at;
        marks.clearLayers();
        if (withMarks && message.marks) drawMarks(message.marks);
        frame.load(files[message.level], function (geometry) {
          addAreas(message.level, geometry);
          Object.keys(layers).forEach(function (level) {
            if (level !== message.level && map.hasLayer(layers[level])) map.removeLayer(layers[level]);
          });
          if (!map.hasLayer(layers[message.level])) {
            map.addLayer(layers[message.level]);
            painted.level = "";
          }
          layers[message.level].eachLayer(outline);
          recolour();
          if (message.level === "district") borders();
        });
      },
      // The reader's hand: the classes alone; marks and outlines of another step are taken off.
      move: function (at) {
        var wasShown = position === message.shown;
        position = at;
        if (!layers[message.level] || !map.hasLayer(layers[message.level])) return;
        if (wasShown || at === message.shown) {
          pane.style.display = at === message.shown ? "" : "none";
          if (message.could) layers[message.level].eachLayer(outline);
        }
        recolour();
      },
      uncover: function () { pane.style.display = ""; }
    };
  }

  // --- both maps together

  addPatterns();
  addStyle();
  var holder = document.createElement("div");
  holder.className = "maps";
  box.parentNode.insertBefore(holder, box);
  holder.appendChild(box);
  var below = document.createElement("div");
  holder.parentNode.insertBefore(below, holder.nextSibling);
  var inWords = document.createElement("p");
  inWords.className = "in-words";
  inWords.id = "map-in-words";
  document.body.appendChild(inWords);
  box.setAttribute("role", "application");
  box.setAttribute("aria-label", "Map of Afghanistan");
  box.setAttribute("aria-describedby", inWords.id);

  var first = makeView(map), second = null, unlink = null;
  var time = window.startTimeBar(below, function (at) { first.move(at); nameMaps(); }, function (key) { tellServer({ time: key }); });
  var otherTime = window.startTimeBar(below, function (at) { if (second) second.move(at); nameMaps(); }, function (key) { tellServer({ against: key }); });
  time.element.querySelector("input").setAttribute("aria-label", "Time");
  otherTime.element.querySelector("input").setAttribute("aria-label", "Time on the second map");
  otherTime.element.hidden = true;

  function tellServer(value) {
    sent += 1;
    value.seq = sent;
    value.at = Date.now();
    window.Streamlit.setComponentValue(value);
  }

  function nameMaps() {
    first.label.hidden = !second;
    first.label.textContent = message.steps.labels[first.position()];
    if (second) second.label.textContent = message.steps.labels[second.position()];
  }

  function linked(one, other) {
    var isFollowing = false;
    function follow(leader, follower) {
      function move() {
        if (isFollowing) return;
        isFollowing = true;
        follower.setView(leader.getCenter(), leader.getZoom(), { animate: false });
        isFollowing = false;
      }
      leader.on("move", move);
      return function () { leader.off("move", move); };
    }
    var ends = [follow(one, other), follow(other, one)];
    return function () { ends.forEach(function (end) { end(); }); };
  }

  function openSecond() {
    var container = document.createElement("div");
    container.style.height = box.style.height;
    container.setAttribute("role", "application");
    container.setAttribute("aria-label", "Second map of Afghanistan");
    holder.appendChild(container);
    var options = Object.assign({}, map.options, { zoomControl: false });
    delete options.layers;
    var other = L.map(container, options);
    other.setView(map.getCenter(), map.getZoom(), { animate: false });
    second = makeView(other);
    second.label.hidden = false;
    unlink = linked(map, other);
    if (window.startBackdrop && window.backdropParts) window.startBackdrop.apply(null, [other].concat(window.backdropParts));
    window.secondMap = other;
  }

  function closeSecond() {
    var container = second.map.getContainer();
    unlink();
    second.map.remove();
    container.remove();
    second = null;
    window.secondMap = undefined;
  }

  // The frame is as high as the map and what stands below it; on a phone lower, so that the page can be scrolled past it.
  function fit() {
    var height = frame.isPhone() ? (second ? 250 : 330) : 560;
    var containers = second ? [box, second.map.getContainer()] : [box];
    containers.forEach(function (container) { container.style.height = height + "px"; });
    box.style.width = "auto";
    var bars = (time.element.hidden ? 0 : BAR_PX) + (otherTime.element.hidden ? 0 : BAR_PX);
    var whole = height * (frame.isPhone() && second ? 2 : 1) + bars + 8;
    frame.setHeight(whole);
    var size = box.clientWidth + "x" + box.clientHeight;
    if (size === fitted) return; // else Leaflet would round the centre for nothing
    fitted = size;
    map.invalidateSize({ animate: false });
    if (second) second.map.invalidateSize({ animate: false });
  }

  function show(fresh) {
    message = fresh;
    inWords.textContent = message.in_words;
    var inSight = null;
    if ((message.against >= 0) !== Boolean(second)) {
      inSight = map.getBounds();
      if (second) closeSecond();
      else openSecond();
    }
    var isOwnAnswer = message.seen >= sent;
    var at = time.show(message.steps, message.shown, isOwnAnswer);
    first.show(at, at === message.shown);
    first.uncover();
    otherTime.element.hidden = !second;
    if (second) {
      second.show(otherTime.show(message.steps, message.against, isOwnAnswer), false);
      otherTime.element.hidden = message.steps.keys.length < 2;
    }
    nameMaps();
    fit();
    if (inSight) map.fitBounds(inSight.contains(COUNTRY) ? COUNTRY : inSight, { animate: false });
  }

  window.areaMap = {
    show: function (packed) { frame.read(packed, show); },
    move: function (at) { time.move(at); },
    steps: function () { return message ? message.steps.keys.length : 0; },
    told: function () { return message; }
  };
  window.addEventListener("resize", function () { if (message) fit(); });
  box.style.height = (frame.isPhone() ? 330 : 560) + "px";
  map.invalidateSize({ animate: false });
  map.fitBounds(COUNTRY, { animate: false });
};
