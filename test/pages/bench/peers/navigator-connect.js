export const scripts = (service) => [`${service}/.well-known/navigator-connect/navigator-connect.js`];

export async function open(service) {
  const {services} = navigator;
  const port = await services.connect(`${service}/bench/echo/`);
  const answers = [];
  const listener = ({data, source}) => source === port && answers.shift()(data);
  services.addEventListener('message', listener);
  return {
    call: (data, transfer) =>
      new Promise((resolve) => {
        answers.push(resolve);
        port.postMessage(data, transfer);
      }),
    close() {
      services.removeEventListener('message', listener);
      port.close();
    },
  };
}
