/** @param {{what: 'worker' | 'program'}} params what of the registry ends, if it is a mortal one (mortal-registry.js) */
export function end({what}) {
  const channel = new BroadcastChannel('end the registry');
  channel.postMessage(what);
  channel.close();
}

/** What the registry's worker runs. */
export async function script() {
  const files = ['/.well-known/navigator-connect/registry.js', '/survival/mortal-registry.js'];
  const texts = await Promise.all(files.map(async (file) => (await fetch(file)).text()));
  return texts.join('\n');
}
