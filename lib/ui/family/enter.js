"use strict";
// The code stands behind #, which the browser sends to nobody. It goes from here into the body of a POST, and out of the address and history.
(function () {
  var code = decodeURIComponent(location.hash.slice(1));
  if (!code) return;
  history.replaceState(null, "", location.pathname + location.search);
  document.getElementById("code").value = code;
  document.getElementById("way-in").submit();
})();
