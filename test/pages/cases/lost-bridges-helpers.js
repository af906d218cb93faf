/** The ways in which an application loses the frame of a bridge. */
import {loaded, origins} from '../harness.js';

/** What happens to a frame; something else is there when that has loaded. */
export const losses = {
  removed: (frame) => frame.remove(),
  blanked(frame) {
    frame.src = 'about:blank';
    return loaded(frame);
  },
  moved(frame) {
    document.documentElement.prepend(frame);
    return loaded(frame);
  },
  reloaded(frame) {
    frame.src = `${frame.src}`;
    return loaded(frame);
  },
  'led elsewhere'(frame) {
    frame.contentWindow.location.replace(`${origins.own}/frame.html`);
    return loaded(frame);
  },
  'replaced by another': (frame) => frame.replaceWith(document.createElement('iframe')),
};
