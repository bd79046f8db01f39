/* The browser's part of the map of deployments. It is given numbers, unit codes and fixed words, never text of a
   report; names come from the boundary files and are set as text. Symbols come as base64 of SVG and are shown as
   pictures, so nothing in them runs. */
window.startDeploymentMap = function (map, files) {
  "use strict";
  var COUNTRY = [[29.3, 60.4], [38.55, 75.9]];
  var FILLS = { n: "url(#no-report)", z: "#ffffff", f: "url(#no-figure)", s: "url(#suppressed)", r: "#e4e8eb" };
  var LAYERS = ["shading", "incidents", "groups", "deployments"];
  var INK = "#26323b";
  var frame = window.mapFrame, isPhone = frame.isPhone();
  var WIDE = isPhone ? 30 : 38, HIGH = isPhone ? 33 : 42, GAP = 3; // of a symbol with its number, px
  var NEAR = WIDE, MOST = isPhone ? 4 : 6; // more marks than that, that near: one mark with their count
  var OPEN_AT = 9; // from this zoom on, all are spread out
  var drawn = {};
  var opened = new Set();
  var shown = null;

  frame.keepStill(map.getContainer());

  LAYERS.forEach(function (name) {
    map.createPane(name);
    map.createPane(name + " marks");
    drawn[name] = L.layerGroup().addTo(map);
  });

  function addStyle() {
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
      '<rect width="6" height="6" fill="#ffffff"/><circle cx="3" cy="3" r="1.5" fill="#5b6770"/></pattern>' +
      '<pattern id="told-area" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">' +
      '<line x1="0" y1="0" x2="0" y2="9" stroke="#6a3d9a" stroke-width="1.4"/></pattern>' +
      '<pattern id="told-claim" width="9" height="9" patternUnits="userSpaceOnUse">' +
      '<circle cx="4" cy="4" r="1.5" fill="#a8480b"/></pattern></defs>';
    document.body.appendChild(svg);
    var style = document.createElement("style");
    style.textContent =
      ".leaflet-container{background:#fbfcfd;font:13px/1.35 system-ui,sans-serif}" +
      "path.leaflet-interactive:focus{outline:none}" +
      ".unit-mark{cursor:pointer}.unit-mark img{display:block;margin:0 auto;pointer-events:none}" +
      ".unit-back{position:absolute;inset:0;border-radius:4px;background:rgba(255,255,255,.7)}.unit-back+img{position:relative}" +
      ".unit-mark:focus-visible{outline:2px solid #14222c}" +
      ".unit-number{position:absolute;right:0;bottom:0;min-width:15px;height:15px;box-sizing:border-box;padding:0 2px;" +
      "text-align:center;font:600 10px/15px system-ui,sans-serif;color:#fff;border:0 solid #fff}" +
      ".unit-number.alone{right:auto;left:50%;transform:translateX(-50%);bottom:6px;min-width:20px;height:20px;line-height:20px;font-size:11px}" +
      ".unit-twice{position:absolute;left:0;bottom:0;width:14px;height:14px;border-radius:50%;background:#c00020;color:#fff;" +
      "text-align:center;font:700 10px/14px system-ui,sans-serif}" +
      ".unit-left{position:absolute;right:-6px;top:8px;color:#14222c;font:700 15px/15px system-ui,sans-serif}" +
      ".unit-mark.chosen{background:rgba(255,255,255,.85);box-shadow:0 0 0 2.5px #14222c;border-radius:4px}" +
      ".unit-cluster{box-sizing:border-box;border:2px solid #26323b;border-radius:50%;background:#fff;color:#26323b;" +
      "text-align:center;font:700 13px/26px system-ui,sans-serif;box-shadow:0 0 0 3px rgba(38,50,59,.18)}" +
      ".unit-count{background:#fff;border:1.5px solid #26323b;border-radius:3px;color:#26323b;font-weight:600;" +
      "text-align:center;font-size:11px;line-height:15px}" +
      ".unit-count.province{border-style:dashed}" +
      ".move-head{pointer-events:none}";
    document.head.appendChild(style);
  }

  function addOutlines() {
    frame.load(files.province, function (geometry) {
      L.geoJSON(geometry, {
        style: { color: "#8b969e", weight: 1, fillColor: "#ffffff", fillOpacity: 0.01 },
        onEachFeature: function (feature, layer) { layer.bindTooltip(nameOf(feature), { sticky: true }); }
      }).addTo(map).bringToBack();
    });
  }

  function nameOf(feature) {
    var name = document.createElement("span");
    name.textContent = feature.properties.n;
    return name;
  }

  function report(what) {
    what.at = Date.now();
    window.Streamlit.setComponentValue(what);
  }

  // --- incidents: the provinces shaded, and the places

  function shade(shading, message) {
    frame.load(files.province, function (geometry) {
      if (shown !== message) return;
      var index = 0;
      drawn.shading.addLayer(L.geoJSON(geometry, {
        pane: "shading",
        interactive: false,
        style: function () {
          var letter = shading.letters.charAt(index);
          index += 1;
          return { stroke: false, fillOpacity: 1, fillColor: FILLS[letter] || shading.colours[Number(letter)] };
        }
      }));
    });
  }

  function incident(item) {
    var kind = item[0], at = [item[1], item[2]], radius = item[3], n = item[4];
    if (kind === "cell") kind = "exact";
    if (kind === "district" || kind === "province") {
      drawn.incidents.addLayer(L.marker(at, {
        pane: "incidents marks", interactive: false, keyboard: false,
        icon: L.divIcon({ className: "unit-count " + kind, html: String(Number(n)), iconSize: [19, 17], iconAnchor: [9, kind === "province" ? 18 : 8] })
      }));
      return;
    }
    if (radius) drawn.incidents.addLayer(circle(at, radius, "#1d3f58", "incidents"));
    drawn.incidents.addLayer(L.circleMarker(at, {
      pane: "incidents", radius: 3 + 2 * Math.sqrt(n), interactive: false, color: "#fff", weight: 1.2, fillColor: "#1d3f58", fillOpacity: 0.9
    }));
  }

  function circle(at, radius, colour, pane) {
    return L.circle(at, { pane: pane, radius: radius * 1000, interactive: false, color: colour, weight: 1, fillColor: colour, fillOpacity: 0.12 });
  }

  // --- armed groups, as told

  function areas(items, message) {
    ["province", "district"].forEach(function (level) {
      var wanted = new Map();
      items.forEach(function (item) {
        if ((item.code.length > 6) === (level === "district")) wanted.set(item.code, item);
      });
      if (!wanted.size) return;
      frame.load(files[level], function (geometry) {
        if (shown !== message) return;
        var found = geometry.features.filter(function (feature) { return wanted.has(feature.properties.c); });
        found.forEach(function (feature) { area(feature, wanted.get(feature.properties.c)); });
      });
    });
  }

  function area(feature, item) {
    [["isArea", "#6a3d9a", "url(#told-area)"], ["isClaim", "#a8480b", "url(#told-claim)"]].forEach(function (kind) {
      if (!item[kind[0]]) return;
      var layer = L.geoJSON(feature, {
        pane: "groups",
        style: { color: kind[1], weight: item.isSelected ? 4 : 2, dashArray: "1 5", lineCap: "round", fillColor: kind[2], fillOpacity: 0.75 }
      });
      layer.bindTooltip(nameOf(feature), { sticky: true });
      layer.on("click", function () { report({ area: item.code }); });
      drawn.groups.addLayer(layer);
    });
  }

  // --- deployments: arrows, the marks at their ends, and the symbols

  function curve(move) {
    // A quadratic Bezier curve in Mercator, so that it is the same at every zoom.
    var a = map.project(move.from, 8), c = map.project(move.to, 8), points = [];
    var via = L.point((a.x + c.x) / 2 + (c.y - a.y) * move.bend, (a.y + c.y) / 2 - (c.x - a.x) * move.bend);
    for (var i = 0; i <= 24; i += 1) {
      var t = i / 24, u = 1 - t;
      points.push(map.unproject(L.point(u * u * a.x + 2 * u * t * via.x + t * t * c.x, u * u * a.y + 2 * u * t * via.y + t * t * c.y), 8));
    }
    return points;
  }

  function arrow(move, statement) {
    var points = curve(move), colour = statement.colour, open = move.toKind === "province";
    var style = {
      pane: "deployments", color: colour, weight: statement.width + (statement.isSelected ? 2 : 0), opacity: statement.strength,
      interactive: false, className: "move-line"
    };
    if (statement.isDashed) style.dashArray = String(3 * statement.width) + " " + String(2 * statement.width + 2);
    drawn.deployments.addLayer(L.polyline(points, style));
    var wide = L.polyline(points, { pane: "deployments", color: colour, weight: 18, opacity: 0, className: "move-hit" });
    wide.on("click", function () { report({ statement: Number(statement.number) }); });
    drawn.deployments.addLayer(wide);
    var size = 8 + 1.2 * statement.width;
    var last = map.project(points[20], 8), end = map.project(points[24], 8);
    var degrees = Math.atan2(end.y - last.y, end.x - last.x) * 180 / Math.PI;
    var head = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    head.setAttribute("width", "60");
    head.setAttribute("height", "60");
    head.style.transform = "rotate(" + degrees.toFixed(1) + "deg)";
    head.style.opacity = String(statement.strength);
    var path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    var tip = 24; // short of the mark at the end
    path.setAttribute("d", "M" + (tip - size) + " " + (30 - size / 2) + " L" + tip + " 30 L" + (tip - size) + " " + (30 + size / 2) + (open ? "" : " Z"));
    path.setAttribute("fill", open ? "none" : colour);
    path.setAttribute("stroke", colour);
    path.setAttribute("stroke-width", open ? "2.5" : "1");
    head.appendChild(path);
    drawn.deployments.addLayer(L.marker(move.to, {
      pane: "deployments", interactive: false, keyboard: false,
      icon: L.divIcon({ className: "move-head", iconSize: [60, 60], html: head })
    }));
  }

  function foot(at, kind, colour) {
    var style = { pane: "deployments", color: colour, weight: 1.6, fillColor: "#ffffff", fillOpacity: 1, interactive: false };
    if (kind === "district") {
      drawn.deployments.addLayer(L.marker(at, {
        pane: "deployments", interactive: false, keyboard: false,
        icon: L.divIcon({ className: "unit-foot", iconSize: [8, 8] })
      }).on("add", function (event) {
        var look = event.target.getElement().style;
        look.background = "#ffffff";
        look.border = "1.6px solid " + colour;
        look.boxSizing = "border-box";
      }));
      return;
    }
    if (kind === "province") { style.dashArray = "2.5 2.5"; style.radius = 6; }
    if (kind === "near") style.radius = 3.5;
    if (kind === "exact") { style.radius = 4; style.fillColor = colour; }
    drawn.deployments.addLayer(L.circleMarker(at, style));
  }

  // --- symbols: near their foot, beside each other, never one upon another

  function groupsOf(items) {
    var groups = [];
    items.forEach(function (item) {
      item.foot = map.latLngToLayerPoint(item.at);
      var home = groups.find(function (group) { return group[0].foot.distanceTo(item.foot) < NEAR; });
      if (home) home.push(item); else groups.push([item]);
    });
    return groups;
  }

  function nameOfGroup(group) {
    return group.map(function (item) { return item.statement.number + "@" + item.at.join(); }).join(" ");
  }

  function place(items) {
    // Each starts above its foot; those that overlap push each other away, a little at a time.
    items.forEach(function (item, index) {
      item.x = item.foot.x + (index % 5 - 2) * 0.6;
      item.y = item.foot.y - item.high / 2 - 9;
      item.home = L.point(item.foot.x, item.y);
    });
    for (var round = 0; round < 160; round += 1) {
      var moved = false;
      for (var i = 0; i < items.length; i += 1) {
        for (var j = i + 1; j < items.length; j += 1) {
          var a = items[i], b = items[j];
          var dx = b.x - a.x, dy = b.y - a.y;
          var overX = (a.wide + b.wide) / 2 + GAP - Math.abs(dx), overY = (a.high + b.high) / 2 + GAP - Math.abs(dy);
          if (overX <= 0 || overY <= 0) continue;
          moved = true;
          if (overX < overY) {
            var sideX = (dx < 0 ? -1 : 1) * overX / 2;
            a.x -= sideX; b.x += sideX;
          } else {
            var sideY = (dy < 0 ? -1 : 1) * overY / 2;
            a.y -= sideY; b.y += sideY;
          }
        }
      }
      if (!moved) break;
      if (round < 100) {
        items.forEach(function (item) {
          item.x += (item.home.x - item.x) * 0.04;
          item.y += (item.home.y - item.y) * 0.04;
        });
      }
    }
  }

  function leader(item) {
    var dx = item.foot.x - item.x, dy = item.foot.y - item.y;
    if (Math.abs(dx) < item.wide / 2 && dy > 0 && dy < item.high / 2 + 14) return; // it stands on its foot
    var part = Math.min(1, item.wide / 2 / Math.abs(dx || 1e-9), item.high / 2 / Math.abs(dy || 1e-9));
    var from = map.layerPointToLatLng(L.point(item.x + dx * part, item.y + dy * part)); // where it leaves the box
    drawn.deployments.addLayer(L.polyline([from, item.at], { pane: "deployments", color: INK, weight: 1, opacity: 0.75, interactive: false, className: "leader" }));
  }

  function symbol(item) {
    var statement = item.statement, mark = document.createElement("div");
    if (statement.symbol !== null) {
      var back = document.createElement("div"); // so that what is faint does not take the colour of the ground
      back.className = "unit-back";
      mark.appendChild(back);
      var picture = document.createElement("img");
      picture.src = "data:image/svg+xml;base64," + shown.symbols[statement.symbol];
      picture.alt = "";
      picture.height = HIGH - 2;
      picture.style.opacity = String(statement.strength);
      mark.appendChild(picture);
    }
    var number = document.createElement("div");
    number.className = "unit-number" + (statement.symbol === null ? " alone" : "");
    number.textContent = String(Number(statement.number));
    number.style.background = statement.colour;
    number.style.borderRadius = statement.corner;
    mark.appendChild(number);
    if (statement.isDoubled) {
      var twice = document.createElement("div");
      twice.className = "unit-twice";
      twice.textContent = "!";
      mark.appendChild(twice);
    }
    if (item.hasLeft) {
      var left = document.createElement("div");
      left.className = "unit-left";
      left.textContent = "\u2192";
      mark.appendChild(left);
    }
    var marker = L.marker(map.layerPointToLatLng(L.point(item.x, item.y)), {
      pane: "deployments marks",
      icon: L.divIcon({ className: "unit-mark" + (statement.isSelected ? " chosen" : ""), iconSize: [WIDE, HIGH], html: mark })
    });
    marker.on("add", function () { marker.getElement().setAttribute("aria-label", "Statement " + Number(statement.number)); });
    marker.on("click", function () { report({ statement: Number(statement.number) }); });
    drawn.deployments.addLayer(marker);
  }

  function cluster(item) {
    var marker = L.marker(map.layerPointToLatLng(L.point(item.x, item.y)), {
      pane: "deployments marks",
      icon: L.divIcon({ className: "unit-cluster", iconSize: [30, 30], html: String(item.group.length) })
    });
    marker.on("add", function () { marker.getElement().setAttribute("aria-label", item.group.length + " statements: open"); });
    marker.on("click", function () {
      opened.add(nameOfGroup(item.group));
      deployments();
    });
    drawn.deployments.addLayer(marker);
  }

  function deployments() {
    drawn.deployments.clearLayers();
    var statements = new Map(), seen = new Set(), items = [];
    shown.statements.forEach(function (statement) { statements.set(statement.number, statement); });
    shown.moves.forEach(function (move) {
      var statement = statements.get(move.number), spot = move.number + "@" + move.to.join();
      if (move.radius) drawn.deployments.addLayer(circle(move.to, move.radius, statement.colour, "deployments"));
      if (move.from) {
        arrow(move, statement);
        foot(move.from, move.fromKind, statement.colour);
      }
      foot(move.to, move.toKind, statement.colour);
      if (seen.has(spot)) return; // two origins, one destination
      seen.add(spot);
      items.push({ statement: statement, at: move.to, hasLeft: move.hasLeft, wide: WIDE, high: HIGH });
    });
    var boxes = [];
    groupsOf(items).forEach(function (group) {
      var isOpen = group.length <= MOST || map.getZoom() >= OPEN_AT || opened.has(nameOfGroup(group));
      if (isOpen) boxes = boxes.concat(group);
      else boxes.push({ group: group, at: group[0].at, foot: group[0].foot, wide: 30, high: 30 });
    });
    place(boxes);
    boxes.forEach(leader);
    boxes.forEach(function (item) { if (item.group) cluster(item); else symbol(item); });
  }

  window.deploymentMap = {
    show: function (packed) { frame.read(packed, show); }
  };

  function show(message) {
    shown = message;
    ["shading", "incidents", "groups"].forEach(function (name) { drawn[name].clearLayers(); });
    message.layers.forEach(function (name, index) {
      map.getPane(name).style.zIndex = 410 + 20 * index;
      map.getPane(name + " marks").style.zIndex = 420 + 20 * index;
    });
    if (message.shading) shade(message.shading, message);
    message.marks.forEach(incident);
    areas(message.areas, message);
    deployments();
  }

  map.on("zoomend", function () { if (shown) deployments(); });
  addStyle();
  addOutlines();
  if (isPhone) { // a lower frame, so that the page can be scrolled past it
    map.getContainer().style.height = "360px";
    map.invalidateSize({ animate: false });
    frame.setHeight(372);
  }
  map.fitBounds(COUNTRY, { animate: false });
};
