/** What no library can beat: a MessagePort, and nothing else. */
import {courier} from '../frames.js';

export const scripts = () => [];

export async function open(service) {
  const port = await courier(service, 'bare', true);
  const answers = [];
  port.onmessage = ({data}) => answers.shift()(data);
  return {
    call: (data, transfer) =>
      new Promise((resolve) => {
        answers.push(resolve);
        port.postMessage(data, transfer);
      }),
  };
}
