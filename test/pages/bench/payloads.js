/** What is sent, the same for all. */

const KIB = 1024;

/** @param {number} bytes */
const noise = (bytes) => {
  const array = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) array[i] = (i * 2_654_435_761) >>> 24;
  return array;
};

/** `inFlight` is how many may be on their way at once: of the largest so many that they fit in anyone's buffers. */
export const payloads = {
  '100 B object': {
    make: () => ({id: 4711, type: 'position', x: 12.25, y: -3.5, visible: true, label: 'message of a hundred bytes'}),
    inFlight: 100,
  },
  '1 KiB string': {make: () => 'All work and no play makes Jack a dull boy. '.repeat(24).slice(0, KIB), inFlight: 100},
  '64 KiB array': {make: () => noise(64 * KIB), inFlight: 100},
  '64 KiB array, transferred': {make: () => new Float64Array(noise(64 * KIB).buffer), inFlight: 100},
  '1 MiB array': {make: () => noise(1024 * KIB), inFlight: 32},
  '1 MiB array, transferred': {make: () => new Float64Array(noise(1024 * KIB).buffer), inFlight: 32},
};

/** Whether what came back is what was sent. */
export function equal(sent, came) {
  if (!ArrayBuffer.isView(sent)) return JSON.stringify(sent) === JSON.stringify(came);
  return (
    came?.constructor === sent.constructor &&
    came.byteLength === sent.byteLength &&
    new Uint8Array(came.buffer).every((byte, i) => byte === new Uint8Array(sent.buffer)[i])
  );
}
