/* What the frames of both maps need: unpacking messages, geometry that is fetched once, and the frame's height. */
window.mapFrame = (function () {
  "use strict";
  var loading = {}; // address -> promise of its geometry
  var arrived = 0, height = 0, setFrameHeight = null;

  function unpack(packed) {
    var bytes = Uint8Array.from(atob(packed), function (sign) { return sign.charCodeAt(0); });
    var plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(plain).json();
  }

  return {
    // Unpacks a message and passes it on, unless a newer one has come meanwhile.
    read: function (packed, then) {
      arrived += 1;
      var number = arrived;
      unpack(packed).then(function (message) { if (number === arrived) then(message); });
    },

    // Fetches geometry once; where the server does not answer, again after a while.
    load: function load(address, then) {
      if (!loading[address]) {
        loading[address] = fetch(address).then(function (answer) {
          if (!answer.ok) throw new Error("boundaries " + answer.status);
          return answer.json();
        });
      }
      loading[address].then(then).catch(function () {
        delete loading[address];
        setTimeout(function () { load(address, then); }, 3000);
      });
    },

    // Sets the height of the frame for good; the component would set its own again in every run.
    setHeight: function (px) {
      if (!setFrameHeight) {
        setFrameHeight = window.Streamlit.setFrameHeight.bind(window.Streamlit);
        window.Streamlit.setFrameHeight = function () { setFrameHeight(height); };
      }
      if (px === height) return;
      height = px;
      setTimeout(window.Streamlit.setFrameHeight, 0);
    },

    // Leaflet focuses a map at the first press; were the page to scroll then, the click would be lost.
    keepStill: function (container) {
      container.focus = function () { HTMLElement.prototype.focus.call(container, { preventScroll: true }); };
    },

    isPhone: function () { return window.innerWidth < 520; }
  };
})();
