/**
 * A client that converses until it is told to finish, or is killed. A classic script for pages, frames and workers;
 * its URL names it. It hears and tells on the broadcast channel `chaos`.
 */
{
  const query = new URLSearchParams(location.search);
  const name = query.get('name');
  const chaos = new BroadcastChannel('chaos');

  const after = (time) => new Promise((resolve) => setTimeout(resolve, time));

  /**
   * A worker that is stopped in the middle of accepting may know of a connection that its client does not: the URL
   * tells the attempts apart.
   */
  async function connect(attempt = 1) {
    try {
      return await navigator.services.connect(`${query.get('service')}&attempt=${attempt}`, {name});
    } catch (error) {
      if (attempt === 10) throw error;
      return connect(attempt + 1);
    }
  }

  self.converse = async () => {
    const {Tally, message, seeded} = numbered;
    const random = seeded(Number(query.get('seed')));
    const tally = new Tally();
    let closed = false;
    let finishing = false;
    chaos.onmessage = ({data}) => (finishing ||= data === 'finish');
    const port = await connect();
    navigator.services.addEventListener('message', ({data}) => {
      tally.take(data);
      if (tally.wrong.length > 0) chaos.postMessage({name, wrong: tally.wrong});
    });
    navigator.services.addEventListener('close', () => (closed = true));
    chaos.postMessage({name, connected: port.targetURL});
    while (!finishing && !closed) {
      for (let i = 0; i < 1 + 10 * random(); i++) port.postMessage(message(++tally.posted, random));
      await after(200 * random() ** 2);
    }
    await tally.complete();
    chaos.postMessage({name, closed, outcome: tally.outcome});
    port.close();
  };
}

if ('importScripts' in self) {
  importScripts('/survival/numbered.js', new URLSearchParams(location.search).get('loader'));
  self.converse();
}
