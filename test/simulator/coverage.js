/**
 * Which lines of the product lives reach.
 *
 *     node test/simulator/coverage.js [-lives N]
 *
 * Plays the named lives and N drawn ones of each kind, from seed 1 on, and prints for each file of js/ how many of its
 * lines ran in any context, engine and bundle, and those that did not. A file of which less than 85 % ran fails.
 */
import {readFileSync} from 'node:fs';
import {Session} from 'node:inspector';
import {join} from 'node:path';
import {execute, root, temporaryFolder} from './build.js';
import {drawLife, kinds} from './lives/draw.js';
import {named} from './lives/named.js';
import {flag, play, run} from './play.js';

const LEAST = 85;

/** What is mapped, in dist/; bridge.html has a map beside it in this build only. */
const BUNDLES = [
  'navigator-connect.js',
  'navigator-connect-service-worker.js',
  'bridge.html',
  'bridge.mjs',
  'registry.js',
];

/** @typedef {{offset: number, file: string, line: number, column: number}} Segment a piece of a bundle, and where it is from */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** @param {string} text @returns {number[]} */
function numbers(text) {
  const list = [];
  let value = 0;
  let shift = 0;
  for (const digit of text) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    list.push(value & 1 ? -(value >> 1) : value >> 1);
    value = shift = 0;
  }
  return list;
}

/**
 * @param {string} map
 * @param {string} script
 * @returns {Segment[]} of files in js/
 */
function segmentsOf(map, script) {
  const {sources, mappings} = JSON.parse(map);
  const segments = [];
  // The page's script stands in a page.
  let begin = script.search(/\S/);
  let [source, line, column] = [0, 0, 0];
  for (const row of mappings.split(';')) {
    let offset = begin;
    for (const segment of row.split(',')) {
      const [by = 0, bySource, byLine, byColumn] = numbers(segment);
      offset += by;
      if (bySource === undefined) continue;
      [source, line, column] = [source + bySource, line + byLine, column + byColumn];
      const [, file] = /\/(js\/[\w-]+\.js)$/.exec(sources[source]) ?? [];
      if (file) segments.push({offset, file, line: line + 1, column});
    }
    begin = script.indexOf('\n', begin) + 1;
  }
  return segments;
}

/** What ran of one line: its pieces by column. @typedef {Map<number, boolean>} Line */

class Coverage {
  /** By the name of the bundle. @type {Map<string, {length: number, segments: Segment[]}>} */
  #bundles = new Map();
  /** By file, the lines that have code. @type {Map<string, Map<number, Line>>} */
  files = new Map();
  #session = new Session();

  /** @param {string} dist with a map beside each bundle */
  constructor(dist) {
    for (const name of BUNDLES) {
      const text = readFileSync(join(dist, name), 'utf8');
      const script = /<script>([^]*)<\/script>/.exec(text)?.[1] ?? text;
      const segments = segmentsOf(readFileSync(join(dist, `${name}.map`), 'utf8'), script);
      this.#bundles.set(name, {length: script.length, segments});
      for (const segment of segments) this.#note(segment, false);
    }
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#start();
  }

  #start() {
    this.#session.post('Profiler.startPreciseCoverage', {callCount: true, detailed: true});
  }

  /**
   * @param {Segment} segment
   * @param {boolean} ran
   */
  #note({file, line, column}, ran) {
    let lines = this.files.get(file);
    if (!lines) this.files.set(file, (lines = new Map()));
    let pieces = lines.get(line);
    if (!pieces) lines.set(line, (pieces = new Map()));
    pieces.set(column, ran || pieces.get(column) === true);
  }

  /** Notes what ran since the last time. */
  take() {
    this.#session.post(
      'Profiler.takePreciseCoverage',
      (/** @type {Error | null} */ error, /** @type {any} */ answer) => {
        if (error) throw error;
        for (const {url, functions} of answer.result) {
          const bundle = this.#bundles.get(url.slice(url.lastIndexOf('/') + 1));
          if (!bundle) continue;
          // What is inside comes after what is around it.
          const ran = new Uint8Array(bundle.length + 1);
          for (const {ranges} of functions) {
            for (const {startOffset, endOffset, count} of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
          }
          for (const segment of bundle.segments) if (ran[segment.offset]) this.#note(segment, true);
        }
      },
    );
    // While it counts, V8 lets go of nothing.
    this.#session.post('Profiler.stopPreciseCoverage');
    this.#start();
  }
}

/** @param {number[]} lines in order @returns {Array<[number, number]>} */
function ranges(lines) {
  /** @type {Array<[number, number]>} */
  const found = [];
  for (const line of lines) {
    const last = found.at(-1);
    if (last && line === last[1] + 1) last[1] = line;
    else found.push([line, line]);
  }
  return found;
}

/** @param {Coverage} coverage */
function print({files}) {
  const names = [...files.keys()].sort();
  let [all, reached] = [0, 0];
  console.log(`${'lines'.padStart(6)}${'ran'.padStart(6)}${'%'.padStart(6)}  file`);
  for (const name of names) {
    const lines = /** @type {Map<number, Line>} */ (files.get(name));
    const ran = [...lines.values()].filter((pieces) => [...pieces.values()].some(Boolean)).length;
    const percent = (100 * ran) / lines.size;
    all += lines.size;
    reached += ran;
    const mark = percent < LEAST ? `  less than ${LEAST} %` : '';
    if (mark) process.exitCode = 1;
    console.log(
      `${`${lines.size}`.padStart(6)}${`${ran}`.padStart(6)}${percent.toFixed(1).padStart(6)}  ${name}${mark}`,
    );
  }
  console.log(
    `${`${all}`.padStart(6)}${`${reached}`.padStart(6)}${((100 * reached) / all).toFixed(1).padStart(6)}  all\n`,
  );
  console.log('What did not run; with a ~, in part:');
  for (const name of names) {
    const text = readFileSync(join(root, name), 'utf8').split('\n');
    const lines = [.../** @type {Map<number, Line>} */ (files.get(name))].sort(([a], [b]) => a - b);
    const left = lines.filter(([, pieces]) => ![...pieces.values()].every(Boolean));
    const partly = new Set(left.filter(([, pieces]) => [...pieces.values()].some(Boolean)).map(([line]) => line));
    for (const [from, to] of ranges(left.map(([line]) => line))) {
      for (let line = from; line <= to; line++) {
        console.log(`${partly.has(line) ? '~' : ' '} ${name}:${line}: ${text[line - 1].trim()}`);
      }
    }
  }
}

async function measure() {
  const dist = temporaryFolder();
  execute('go', ['run', './js/build', '-quick', '-o', dist, '-maps', dist]);
  const coverage = new Coverage(dist);
  const lives = Number(flag('lives') ?? 100);
  let count = 0;
  /** @param {import('./life.js').Life} life */
  const live = async (life) => {
    await play(life, {dist});
    // Modules go with their contexts, and what ran of them.
    if (++count % 10 === 0) coverage.take();
  };
  for (const life of named) await live(life);
  for (let seed = 1; seed <= lives; seed++) for (const kind of kinds) await live(drawLife(seed, kind));
  coverage.take();
  console.log(`${count} lives`);
  print(coverage);
}

await run(measure);
