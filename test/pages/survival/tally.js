/** What the cases about survival share: messages that are counted, and time. */
import {loadScript} from '../harness.js';

await loadScript('/survival/numbered.js');

export const {Tally, message, seeded} = self.numbered;
export const {services} = navigator;
export const after = (time) => new Promise((resolve) => setTimeout(resolve, time));
