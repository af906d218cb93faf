export const scripts = (service) => [`${service}/.well-known/navigator-connect/navigator-connect.js`];

export async function open(service) {
  const {services} = navigator;
  const port = await services.connect(`${service}/bench/echo/`);
  const answers = [];
  services.addEventListener('message', ({data, source}) => source === port && answers.shift()(data));
  return (data, transfer) =>
    new Promise((resolve) => {
      answers.push(resolve);
      port.postMessage(data, transfer);
    });
}
