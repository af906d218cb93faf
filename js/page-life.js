/** How a window is left: for good, or for the back/forward cache, from which it may come back. */
import {isHidden} from './document.js';

/**
 * Calls back when this window is left, after its application's listeners, which may post last words. A window that can be
 * seen hears `pagehide`, and then that it is hidden; one that was hidden before hears `pagehide` alone, so our listener for
 * that is moved to the end whenever it is. `unload`, where an engine still fires it, comes later.
 *
 * @param {(cached: boolean) => void} act told whether the window may be shown again
 */
export function whenLeft(act) {
  /** @param {PageTransitionEvent} event */
  const leave = ({persisted}) => {
    if (isHidden()) act(persisted);
    else addEventListener('visibilitychange', () => act(persisted), {once: true});
  };
  const comeLast = () => {
    removeEventListener('pagehide', leave);
    addEventListener('pagehide', leave);
  };
  comeLast();
  addEventListener('visibilitychange', comeLast);
}
