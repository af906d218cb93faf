/** Takes the measure that the URL names, and reports what it found. */
import {ask, describe, facts} from '/harness.js';

/** @type {Array<{measure: string, case: string, subject: string, unit: string, value: number}>} */
const samples = [];

/** Keeps a value, of ours unless it says whose. */
const record = (measure, of, value, unit, subject = 'navigator-connect') =>
  samples.push({measure, case: of, subject, unit, value});

let error = '';
try {
  const {default: take} = await import(`./${facts.measure}.js`);
  await take(record, facts.quick === 'true');
} catch (caught) {
  error = describe(caught);
}
await ask('result', {samples, error});
