import {mount} from '../frames.js';

export const scripts = () => ['/node_modules/@krakenjs/post-robot/dist/post-robot.min.js'];

export async function open(service) {
  const {contentWindow} = await mount(`${service}/bench/post-robot-frame.html`, false);
  const call = async (data) => {
    // It makes JSON of everything: an array would come back as another object, and a large one only after minutes.
    if (ArrayBuffer.isView(data)) throw new TypeError('no binary data');
    return (await postRobot.send(contentWindow, 'echo', data, {domain: service})).data;
  };
  await call('hello');
  return {call};
}
