/**
 * Has the service worker of this origin that is a client, `relaying-client`, do something.
 *
 * @param {string} scope its registration's
 * @param {object} what
 * @param {string} [name] of the port that this is about
 * @returns {Promise<{instance: string}>} the start of it that has
 */
export async function relay(scope, what, name = 'both') {
  const {active} = await navigator.serviceWorker.getRegistration(scope);
  const {port1, port2} = new MessageChannel();
  const answer = new Promise((resolve) => (port1.onmessage = resolve));
  active.postMessage({relay: name, ...what}, [port2]);
  const {error, value} = (await answer).data;
  port1.close();
  if (error) throw new Error(error);
  return value;
}
