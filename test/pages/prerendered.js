/** A page that is prerendered, connects at once, and tells the channel what comes of it. */
const query = new URLSearchParams(location.search);
const report = (data) =>
  fetch('/harness/post', {method: 'POST', body: JSON.stringify({channel: query.get('channel'), data})});

async function connect() {
  await report(document.prerendering ? 'prerendering' : 'shown');
  const {targetURL} = await navigator.services.connect(query.get('service'));
  return document.prerendering ? 'connected while it was hidden' : `connected to ${targetURL}`;
}

connect()
  .catch((error) => `${error}`)
  .then(report)
  .then(close);
