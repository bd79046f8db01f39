/* The browser's part of the map. It is given numbers, unit codes and fixed words, never text of a report;
   names come from the boundary files. Every word is set as text, none as HTML. Folium reads this file as a
   template, so two opening braces never stand together. */
(function (map, files) {
  "use strict";
  var COUNTRY = [[29.3, 60.4], [38.55, 74.95]];
  var WORDS = {
    n: "no report in the sources read",
    z: "zero: a source covers it and lists none",
    f: "incidents reported, no figure given",
    s: "suppressed",
    r: "not shown"
  };
  var HEDGES = { e: "", a: "at least ", c: "about ", b: "best estimate " };
  var FILLS = { n: "url(#no-report)", z: "#ffffff", f: "url(#no-figure)", s: "url(#suppressed)", r: "#e4e8eb" };
  var layers = {};
  var loading = {};
  var shown = null;
  var pane = map.createPane("marks"); // above the areas, whenever those arrive
  pane.style.zIndex = 450;
  pane.style.pointerEvents = "none";
  var marks = L.layerGroup().addTo(map);

  // Leaflet focuses the map at the first press; were the page to scroll then, the click would be lost.
  var box = map.getContainer();
  box.focus = function () { HTMLElement.prototype.focus.call(box, { preventScroll: true }); };

  function addPatterns() {
    var svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("width", "0");
    svg.setAttribute("height", "0");
    svg.style.position = "absolute";
    svg.innerHTML =
      '<defs><pattern id="no-report" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
      '<rect width="7" height="7" fill="#f1f3f4"/><line x1="0" y1="0" x2="0" y2="7" stroke="#d3d9dd" stroke-width="1.6"/></pattern>' +
      '<pattern id="no-figure" width="8" height="8" patternUnits="userSpaceOnUse">' +
      '<rect width="8" height="8" fill="#fdf6e3"/><line x1="0" y1="4" x2="8" y2="4" stroke="#b79a3c" stroke-width="1.3"/></pattern>' +
      '<pattern id="suppressed" width="6" height="6" patternUnits="userSpaceOnUse">' +
      '<rect width="6" height="6" fill="#ffffff"/><circle cx="3" cy="3" r="1.5" fill="#5b6770"/></pattern></defs>';
    document.body.appendChild(svg);
    var style = document.createElement("style");
    style.textContent =
      ".leaflet-container{background:#fbfcfd;font:13px/1.35 system-ui,sans-serif}" +
      ".leaflet-interactive:focus{outline:none}" +
      ".unit-count{background:#fff;border:1.5px solid #26323b;border-radius:3px;color:#26323b;font-weight:600;" +
      "text-align:center;font-size:11px;line-height:15px}" +
      ".unit-count.province{border-style:dashed}";
    document.head.appendChild(style);
  }

  function words(index, name) {
    var letter = shown.letters.charAt(index);
    var value = shown.values[index];
    if (WORDS[letter] && letter !== "z") return name + ": " + WORDS[letter];
    var number = value === null ? "" : value.toLocaleString("en", { maximumFractionDigits: 2 });
    if (shown.counts) number = HEDGES[shown.hedges.charAt(index)] + number;
    if (letter === "z") return name + ": " + WORDS.z;
    return name + ": " + number + (shown.unit.charAt(0) === "%" ? "" : " ") + shown.unit;
  }

  function tooltip(layer) {
    var box = document.createElement("span");
    box.textContent = words(layer.index, layer.feature.properties.n);
    return box;
  }

  function style(layer) {
    var letter = shown.letters.charAt(layer.index);
    var isChosen = layer.feature.properties.c === shown.selected;
    layer.setStyle({
      fillColor: FILLS[letter] || shown.colours[Number(letter)],
      fillOpacity: 1,
      color: isChosen ? "#14222c" : "#8b969e",
      weight: isChosen ? 3 : shown.level === "district" ? 0.5 : 1
    });
    if (isChosen) layer.bringToFront();
  }

  function paint() {
    Object.keys(layers).forEach(function (level) {
      var isShown = level === shown.level;
      if (!isShown && map.hasLayer(layers[level])) map.removeLayer(layers[level]);
      if (isShown && !map.hasLayer(layers[level])) map.addLayer(layers[level]);
    });
    layers[shown.level].eachLayer(style);
    if (shown.level === "district") borders();
    else if (layers.lines) map.removeLayer(layers.lines);
  }

  function borders() {
    load("province", function (geometry) {
      if (!layers.lines) {
        layers.lines = L.geoJSON(geometry, {
          interactive: false,
          style: function () {
            return { fill: false, color: "#56626b", weight: 1.2 };
          }
        });
      }
      if (shown.level === "district") {
        map.addLayer(layers.lines);
        layers.lines.bringToFront();
      }
    });
  }

  function load(level, then) {
    if (!loading[level]) {
      loading[level] = fetch(files[level]).then(function (answer) {
        if (!answer.ok) throw new Error("boundaries " + answer.status);
        return answer.json();
      });
    }
    loading[level].then(then).catch(function () {
      delete loading[level];
      setTimeout(function () { load(level, then); }, 3000);
    });
  }

  function addAreas(level, geometry) {
    if (layers[level]) return;
    var index = 0;
    layers[level] = L.geoJSON(geometry, {
      onEachFeature: function (feature, layer) {
        layer.index = index;
        index += 1;
        layer.bindTooltip(tooltip, { sticky: true });
        layer.on("click", function () {
          window.Streamlit.setComponentValue({ area: feature.properties.c, at: Date.now() });
        });
      }
    });
  }

  function mark(item) {
    var kind = item[0], at = [item[1], item[2]], radius = item[3], n = item[4];
    if (kind === "district" || kind === "province") {
      var icon = L.divIcon({ className: "unit-count " + kind, html: String(Number(n)), iconSize: [19, 17], iconAnchor: [9, kind === "province" ? 18 : 8] });
      marks.addLayer(L.marker(at, { pane: "marks", icon: icon, interactive: false, keyboard: false }));
      return;
    }
    if (radius) {
      marks.addLayer(
        L.circle(at, { pane: "marks", radius: radius * 1000, interactive: false, color: "#1d3f58", weight: 1, fillColor: "#1d3f58", fillOpacity: 0.15 })
      );
    }
    marks.addLayer(
      L.circleMarker(at, { pane: "marks", radius: 3 + 2 * Math.sqrt(n), interactive: false, color: "#fff", weight: 1.2, fillColor: "#1d3f58", fillOpacity: 0.9 })
    );
  }

  window.areaMap = {
    show: function (message) {
      shown = message;
      marks.clearLayers();
      shown.marks.forEach(mark);
      load(message.level, function (geometry) {
        addAreas(message.level, geometry);
        if (shown.level === message.level) paint();
      });
    }
  };
  addPatterns();
  if (window.innerWidth < 520) { // a phone: a lower frame, so that the page can be scrolled past it
    map.getContainer().style.height = "360px";
    map.invalidateSize();
    setTimeout(function () { window.Streamlit.setFrameHeight(372); }, 0);
  }
  map.fitBounds(COUNTRY);
})
