/* The browser's part of the map of deployments. It is given numbers and fixed words, never text of a report;
   the names of provinces come from the boundary file and are set as text. Folium reads this file as a
   template, so two opening braces never stand together. */
(function (map, provinces) {
  "use strict";
  var COUNTRY = [[29.3, 60.4], [38.55, 74.95]];
  var ROW = 5; // badges side by side on one spot
  var drawn = L.layerGroup().addTo(map);

  // Leaflet focuses the map at the first press; were the page to scroll then, the click would be lost.
  var box = map.getContainer();
  box.focus = function () { HTMLElement.prototype.focus.call(box, { preventScroll: true }); };

  function addStyle() {
    var style = document.createElement("style");
    style.textContent =
      ".leaflet-container{background:#fbfcfd;font:13px/1.35 system-ui,sans-serif}" +
      "path.leaflet-interactive:focus{outline:none}" +
      ".move-badge{box-sizing:border-box;border:2px solid;text-align:center;font-weight:600;font-size:11px;line-height:18px}" +
      ".move-badge.vague{border-style:dashed}" +
      ".move-badge.chosen{box-shadow:0 0 0 3px #14222c}" +
      ".move-head{pointer-events:none}";
    document.head.appendChild(style);
  }

  function addProvinces() {
    fetch(provinces).then(function (answer) {
      if (!answer.ok) throw new Error("boundaries " + answer.status);
      return answer.json();
    }).then(function (geometry) {
      L.geoJSON(geometry, {
        style: { color: "#8b969e", weight: 1, fillColor: "#ffffff", fillOpacity: 0.01 },
        onEachFeature: function (feature, layer) {
          var name = document.createElement("span");
          name.textContent = feature.properties.n;
          layer.bindTooltip(name, { sticky: true });
        }
      }).addTo(map).bringToBack();
    }).catch(function () { setTimeout(addProvinces, 3000); });
  }

  function bent(from, to) {
    var points = [], dLat = to[0] - from[0], dLng = to[1] - from[1];
    var via = [from[0] + dLat / 2 + dLng * 0.12, from[1] + dLng / 2 - dLat * 0.12];
    for (var i = 0; i <= 24; i += 1) {
      var t = i / 24, a = (1 - t) * (1 - t), b = 2 * t * (1 - t), c = t * t;
      points.push([a * from[0] + b * via[0] + c * to[0], a * from[1] + b * via[1] + c * to[1]]);
    }
    return points;
  }

  function line(move, kind, isChosen) {
    var points = bent(move.from, move.to);
    var style = { color: kind.colour, weight: isChosen ? 4 : 2.2, interactive: false };
    if (move.isVague) style.dashArray = "7 6";
    drawn.addLayer(L.polyline(points, style));
    drawn.addLayer(L.circleMarker(move.from, {
      radius: 4, color: kind.colour, weight: 2, fillColor: "#ffffff", fillOpacity: 1, interactive: false
    }));
    // Mercator keeps angles, so the head points the same way at every zoom.
    var last = map.project(points[23], 8), end = map.project(points[24], 8);
    var degrees = Math.atan2(end.y - last.y, end.x - last.x) * 180 / Math.PI;
    drawn.addLayer(L.marker(move.to, {
      interactive: false,
      keyboard: false,
      icon: L.divIcon({
        className: "move-head",
        iconSize: [52, 52],
        html: '<svg width="52" height="52" style="transform:rotate(' + degrees.toFixed(1) + 'deg)">' +
          '<path d="M14 26 L2 20 L2 32 Z" fill="' + kind.colour + '"/></svg>'
      })
    }));
  }

  function badge(move, kind, isChosen, place) {
    var row = Math.floor(place.index / ROW), inRow = Math.min(ROW, place.of - row * ROW);
    var x = (place.index % ROW - (inRow - 1) / 2) * 23, y = row * 23;
    var icon = L.divIcon({
      className: "move-badge" + (move.isVague ? " vague" : "") + (isChosen ? " chosen" : ""),
      html: String(Number(move.number)),
      iconSize: [22, 22],
      iconAnchor: [11 - x, 11 - y]
    });
    var marker = L.marker(move.to, { icon: icon, zIndexOffset: 1000, alt: String(Number(move.number)) });
    marker.on("add", function () {
      var look = marker.getElement().style;
      look.borderRadius = kind.corner;
      look.borderColor = kind.colour;
      look.background = move.isVague ? "#ffffff" : kind.colour;
      look.color = move.isVague ? kind.colour : "#ffffff";
    });
    marker.on("click", function () {
      window.Streamlit.setComponentValue({ statement: Number(move.number), at: Date.now() });
    });
    drawn.addLayer(marker);
  }

  function show(message) {
    var spots = new Map(), badges = [], seen = new Set();
    drawn.clearLayers();
    message.moves.forEach(function (move) {
      var kind = message.kinds[move.kind], spot = move.to.join();
      if (move.radius) {
        drawn.addLayer(L.circle(move.to, {
          radius: move.radius * 1000, interactive: false, color: kind.colour, weight: 1,
          fillColor: kind.colour, fillOpacity: 0.12
        }));
      }
      if (move.from) line(move, kind, move.number === message.selected);
      if (seen.has(move.number + "@" + spot)) return; // two origins, one destination
      seen.add(move.number + "@" + spot);
      spots.set(spot, (spots.get(spot) || 0) + 1);
      badges.push({ move: move, kind: kind, spot: spot, index: spots.get(spot) - 1 });
    });
    badges.forEach(function (item) {
      var place = { index: item.index, of: spots.get(item.spot) };
      badge(item.move, item.kind, item.move.number === message.selected, place);
    });
  }

  window.deploymentMap = { show: show };
  addStyle();
  addProvinces();
  map.fitBounds(COUNTRY);
})
