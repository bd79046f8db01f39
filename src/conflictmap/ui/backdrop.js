/* What both maps show around their data: outline, Durand Line, names, online tiles where they are chosen, and the
   colours of a light or dark page. It is given addresses and fixed words; names come from the background file of the
   boundary edition and are set as text. */
window.startBackdrop = function (map, files, options) {
  "use strict";
  var FONTS = {
    city: "600 12px system-ui,sans-serif",
    capital: "700 13px system-ui,sans-serif",
    neighbour: "600 12px system-ui,sans-serif",
    line: "italic 600 12px system-ui,sans-serif"
  };
  var FROM_ZOOM = { 1: 0, 2: 4.5, 3: 7 }; // rank of a city -> zoom from which it is named
  var GAP = 5; // px between two names
  var measure = document.createElement("canvas").getContext("2d");
  var names = L.layerGroup().addTo(map);
  var background = null, drawnKeys = "", isDue = false, isGone = false;

  // --- panes: lines, then names; neither takes a click

  pane("backdrop lines", options.linesAt);
  pane("backdrop names", options.linesAt + 1);

  function pane(name, at) {
    var made = map.createPane(name);
    made.style.zIndex = at;
    made.style.pointerEvents = "none";
  }

  // --- light and dark: the class "dark" on the body of the frame, and custom properties; once for all its maps

  function addStyle() {
    var style = document.createElement("style");
    style.textContent =
      "body{--map-paper:#fbfcfd;--map-ink:#26323b;--map-dim:#4d5a63;--map-outline:#3b4750;--map-panel:#ffffff;" +
      "--map-edge:#8b969e;--map-focus:#1f5f8b}" +
      "body.dark{--map-paper:#10161b;--map-ink:#eef2f5;--map-dim:#b4bfc7;--map-outline:#c3ccd3;--map-panel:#1a2228;" +
      "--map-edge:#75828b;--map-focus:#7db8de}" +
      "body .leaflet-container{background:var(--map-paper);color:var(--map-ink)}" +
      "body .leaflet-container:focus-visible{outline:3px solid var(--map-focus);outline-offset:-3px}" +
      "body .leaflet-bar a,body .leaflet-bar a:hover,body .leaflet-control-scale-line,body .leaflet-tooltip," +
      "body .leaflet-container .leaflet-control-attribution{background:var(--map-panel);color:var(--map-ink);border-color:var(--map-edge)}" +
      "body .leaflet-bar a.leaflet-disabled{opacity:.6}" +
      "body .leaflet-control-scale-line{text-shadow:none}" +
      "body .leaflet-tooltip-left::before{border-left-color:var(--map-panel)}" +
      "body .leaflet-tooltip-right::before{border-right-color:var(--map-panel)}" +
      "body .leaflet-control-attribution{padding:1px 6px}" +
      ".backdrop-outline{stroke:var(--map-outline)}" +
      ".backdrop-casing{stroke:var(--map-paper)}" +
      ".backdrop-durand{stroke:var(--map-ink)}" +
      ".backdrop-name{white-space:nowrap;color:var(--map-ink);text-shadow:" + halo("var(--map-paper)") + "}" +
      ".backdrop-name.neighbour,.backdrop-name.line{color:var(--map-dim)}" +
      ".backdrop-dot{border-radius:50%;background:var(--map-ink);border:1.5px solid var(--map-paper);box-sizing:border-box}" +
      Object.keys(FONTS).map(function (kind) { return ".backdrop-name." + kind + "{font:" + FONTS[kind] + ";line-height:16px}"; }).join("");
    document.head.appendChild(style);
  }

  function halo(colour) {
    return ["1px 0", "-1px 0", "0 1px", "0 -1px", "1px 1px", "-1px -1px", "1px -1px", "-1px 1px"]
      .map(function (shift) { return shift + " 1px " + colour; })
      .join();
  }

  // Streamlit writes its theme into the frame before the map is made, and tells of each later change.
  function setTheme(theme) {
    var colour = theme ? theme.backgroundColor : getComputedStyle(document.documentElement).getPropertyValue("--background-color");
    var rgb = inParts(colour.trim());
    if (rgb) document.body.classList.toggle("dark", 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2] < 128);
  }

  function inParts(colour) {
    var probe = document.createElement("i");
    probe.style.color = colour;
    if (!probe.style.color) return null;
    document.body.appendChild(probe);
    var parts = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
    probe.remove();
    return parts;
  }

  function prepareFrame() {
    document.documentElement.lang = "en";
    addStyle();
    window.backdrop = { isDark: function () { return document.body.classList.contains("dark"); } };
    if (!options.followsTheme) return;
    setTheme(null);
    window.Streamlit.events.addEventListener("streamlit:render", function (event) {
      if (event.detail.theme) setTheme(event.detail.theme);
    });
  }

  // --- lines

  function swapped(line) {
    return line.map(function (lonlat) { return [lonlat[1], lonlat[0]]; });
  }

  function draw(line, style) {
    style.pane = "backdrop lines";
    style.interactive = false;
    style.fill = false;
    L.polyline(swapped(line), style).addTo(map);
  }

  function drawLines() {
    background.outline.forEach(function (line) { draw(line, { className: "backdrop-outline", weight: 1.8 }); });
    draw(background.durand, { className: "backdrop-casing", weight: 5 });
    draw(background.durand, { className: "backdrop-durand", weight: 2.2, dashArray: "9 4 2 4", lineCap: "butt" });
  }

  // --- names: each where there is room, the more important ones first

  function wanted() {
    var zoom = map.getZoom();
    var cities = background.cities.filter(function (city) { return zoom >= FROM_ZOOM[city.r]; });
    var ranked = function (rank) {
      return cities.filter(function (city) { return city.r === rank; }).map(function (city) {
        return { kind: rank === 1 ? "capital" : "city", text: city.n, at: [city.at], hasDot: true };
      });
    };
    var around = background.neighbours.map(function (name) { return { kind: "neighbour", text: name.n, at: name.at }; });
    var line = { kind: "line", text: background.line.n, at: background.line.at };
    return [].concat(ranked(1), around, ranked(2), [line], ranked(3));
  }

  // What names keep clear of, as left, top, right, bottom in px: the controls, and the marks of what is reported.
  function taken() {
    var size = map.getSize();
    var boxes = [[0, 0, 52, 84], [0, size.y - 44, 120, size.y]];
    map.eachLayer(function (layer) {
      if (!layer.getLatLng || names.hasLayer(layer) || layer instanceof L.Circle || layer instanceof L.Tooltip) return;
      var p = map.latLngToContainerPoint(layer.getLatLng());
      var icon = layer.options.icon && layer.options.icon.options;
      if (icon && icon.iconSize) {
        var wide = icon.iconSize[0], high = icon.iconSize[1], anchor = icon.iconAnchor || [wide / 2, high / 2];
        boxes.push([p.x - anchor[0], p.y - anchor[1], p.x - anchor[0] + wide, p.y - anchor[1] + high]);
      } else if (layer.getRadius) {
        boxes.push([p.x - layer.getRadius(), p.y - layer.getRadius(), p.x + layer.getRadius(), p.y + layer.getRadius()]);
      }
    });
    return boxes;
  }

  function isFree(wish, boxes, size) {
    if (wish[0] < 2 || wish[1] < 2 || wish[2] > size.x - 2 || wish[3] > size.y - 2) return false;
    return boxes.every(function (other) {
      return wish[2] + GAP < other[0] || other[2] + GAP < wish[0] || wish[3] < other[1] || other[3] < wish[1];
    });
  }

  function border() {
    return background.outline.concat([background.durand]).reduce(function (points, line) {
      return points.concat(line.map(function (lonlat) { return map.latLngToContainerPoint([lonlat[1], lonlat[0]]); }));
    }, []);
  }

  function isOffTheBorder(wish, points) {
    return points.every(function (p) {
      return p.x < wish[0] - GAP || p.x > wish[2] + GAP || p.y < wish[1] - 2 || p.y > wish[3] + 2;
    });
  }

  function widthOf(name) {
    measure.font = FONTS[name.kind];
    return Math.ceil(measure.measureText(name.text).width) + 2;
  }

  // The boxes that a name may take; a city's name stands beside its dot.
  function wishes(name, p) {
    var w = widthOf(name), h = 16;
    var corners = name.hasDot
      ? (name.kind === "capital" ? [7, 18, 30] : [7, 18]).reduce(function (corners, far) {
          return corners.concat([[far, -8], [-far - w, -8], [-w / 2, far], [-w / 2, -far - h]]);
        }, [])
      : [[-w / 2, -8]];
    return corners.map(function (corner) {
      return [p.x + corner[0], p.y + corner[1], p.x + corner[0] + w, p.y + corner[1] + h];
    });
  }

  function label(one) {
    var text = document.createElement("span"), name = one.name, wish = one.wish;
    text.textContent = name.text;
    var anchor = [one.at.x - wish[0], one.at.y - wish[1]];
    add(one.lonlat, L.divIcon({ className: "backdrop-name " + name.kind, html: text, iconSize: [wish[2] - wish[0], 16], iconAnchor: anchor }));
    if (name.hasDot) {
      var size = name.kind === "capital" ? 9 : 7;
      add(one.lonlat, L.divIcon({ className: "backdrop-dot", iconSize: [size, size], iconAnchor: [size / 2, size / 2] }));
    }
  }

  function add(lonlat, icon) {
    var options = { pane: "backdrop names", icon: icon, interactive: false, keyboard: false };
    var marker = L.marker([lonlat[1], lonlat[0]], options);
    marker.on("add", function () { marker.getElement().setAttribute("aria-hidden", "true"); });
    names.addLayer(marker);
  }

  function dotsOf(all) {
    return all.filter(function (name) { return name.hasDot; }).map(function (name) {
      var p = map.latLngToContainerPoint([name.at[0][1], name.at[0][0]]);
      var dot = [p.x - 4, p.y - 4, p.x + 4, p.y + 4];
      dot.name = name;
      return dot;
    });
  }

  function placed() {
    var boxes = taken(), points = border(), size = map.getSize(), found = [], all = wanted();
    var dots = dotsOf(all);
    all.forEach(function (name) {
      name.at.some(function (lonlat, place) {
        var p = map.latLngToContainerPoint([lonlat[1], lonlat[0]]);
        return wishes(name, p).some(function (wish, side) {
          var others = boxes.concat(dots.filter(function (dot) { return dot.name !== name; }));
          if (!isFree(wish, others, size) || !(name.hasDot || isOffTheBorder(wish, points))) return false;
          boxes.push(wish);
          found.push({ name: name, lonlat: lonlat, at: p, wish: wish, key: name.text + place + "/" + side });
          return true;
        });
      });
    });
    return found;
  }

  function drawNames() {
    isDue = false;
    if (!background || isGone) return;
    var found = placed();
    var keys = found.map(function (one) { return one.key; }).join();
    if (keys === drawnKeys) return;
    drawnKeys = keys;
    names.clearLayers();
    found.forEach(label);
  }

  function drawSoon() {
    if (!isDue) requestAnimationFrame(drawNames);
    isDue = true;
  }

  function load() {
    fetch(files.background)
      .then(function (answer) {
        if (!answer.ok) throw new Error("background " + answer.status);
        return answer.json();
      })
      .then(function (answer) {
        if (isGone) return;
        background = answer;
        drawLines();
        drawNames();
      })
      .catch(function () { if (!isGone) setTimeout(load, 3000); });
  }

  // --- tiles from elsewhere: a tile that does not come leaves the paper, nothing else

  function addTiles() {
    var credit = document.createElement("span");
    credit.textContent = options.attribution;
    L.tileLayer(options.tiles, {
      subdomains: options.subdomains,
      maxNativeZoom: options.maxZoom,
      className: "backdrop-tiles",
      referrerPolicy: "origin"
    }).addTo(map);
    L.control.attribution({ prefix: false }).addAttribution(credit.innerHTML).addTo(map);
    var areas = map.getPane("overlayPane");
    var letThrough = function () { areas.style.opacity = map.getZoom() >= 8 ? 0.6 : 1; };
    map.on("zoomend", letThrough);
    letThrough();
  }

  if (!window.backdrop) prepareFrame();
  if (options.tiles) addTiles();
  map.on("zoomend moveend resize layeradd layerremove", drawSoon);
  map.on("unload", function () { isGone = true; });
  load();
};
