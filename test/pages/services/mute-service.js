/** A service worker without navigator-connect. */
addEventListener('message', () => {});
