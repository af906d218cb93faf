/** A worker without the loader that sends back whatever it hears. */
addEventListener('message', ({data, ports}) => postMessage(data, [...ports]));
