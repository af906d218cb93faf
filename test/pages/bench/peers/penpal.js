import {mount} from '../frames.js';

export const scripts = () => ['/node_modules/penpal/dist/penpal.min.js'];

export async function open(service) {
  const {contentWindow: remoteWindow} = await mount(`${service}/bench/penpal-frame.html`, false);
  const messenger = new Penpal.WindowMessenger({remoteWindow, allowedOrigins: [service]});
  const remote = await Penpal.connect({messenger}).promise;
  return {
    call: (data, transferables) =>
      transferables ? remote.echo(data, new Penpal.CallOptions({transferables})) : remote.echo(data),
  };
}
