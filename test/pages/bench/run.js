/** Takes the measure that the URL names, and reports what it found. */
import {ask, describe, facts} from '/harness.js';

/** @type {Array<{measure: string, case: string, subject: string, value: number}>} */
const samples = [];

/** Keeps a value; its unit goes with the measure. */
const record = (measure, of, subject, value) => samples.push({measure, case: of, subject, value});

let error = '';
try {
  const {default: take} = await import(`./${facts.measure}.js`);
  await take(record, facts.quick === 'true');
} catch (caught) {
  error = describe(caught);
}
await ask('result', {samples, error});
