/**
 * Which lines of the product lives reach.
 *
 *     node test/simulator/coverage.js [-lives N]
 *
 * Plays the named lives and N drawn ones of each kind, from seed 1 on, and prints for each file of js/ how many of its
 * lines ran in any context, engine and bundle, and those that did not. A file of which less than 85 % ran fails.
 */
import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {Session} from 'node:inspector';
import {join} from 'node:path';
import {execute, root, temporaryFolder} from './build.js';
import {drawLife, kinds} from './lives/draw.js';
import {named} from './lives/named.js';
import {dist, flag, play} from './play.js';

const LEAST = 85;

/** What is mapped, in dist/; bridge.html has a map beside it in this build only. */
const BUNDLES = [
  'navigator-connect.js',
  'navigator-connect-service-worker.js',
  'bridge.html',
  'bridge.mjs',
  'registry.js',
];

/** @typedef {import('./life.js').Life} Life */
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
  /** By the name of the bundle. @type {Map<string, {length: number, segments: Segment[], ran: Set<number>}>} */
  #bundles = new Map();

  /** @param {string} dist with a map beside each bundle */
  constructor(dist) {
    for (const name of BUNDLES) {
      const text = readFileSync(join(dist, name), 'utf8');
      const script = /<script>([^]*)<\/script>/.exec(text)?.[1] ?? text;
      const segments = segmentsOf(readFileSync(join(dist, `${name}.map`), 'utf8'), script);
      this.#bundles.set(name, {length: script.length, segments, ran: new Set()});
    }
  }

  /** What runs from now on in this process is noted when it is taken. @returns {() => void} takes it */
  watch() {
    const session = new Session();
    session.connect();
    session.post('Profiler.enable');
    session.post('Profiler.startPreciseCoverage', {callCount: true, detailed: true});
    return () =>
      session.post('Profiler.takePreciseCoverage', (/** @type {Error | null} */ error, /** @type {any} */ answer) => {
        if (error) throw error;
        for (const {url, functions} of answer.result) this.#take(url.slice(url.lastIndexOf('/') + 1), functions);
      });
  }

  /**
   * @param {string} name
   * @param {Array<{ranges: Array<{startOffset: number, endOffset: number, count: number}>}>} functions
   */
  #take(name, functions) {
    const bundle = this.#bundles.get(name);
    if (!bundle) return;
    // What is inside comes after what is around it.
    const ran = new Uint8Array(bundle.length + 1);
    for (const {ranges} of functions) {
      for (const {startOffset, endOffset, count} of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
    }
    for (const [i, {offset}] of bundle.segments.entries()) if (ran[offset]) bundle.ran.add(i);
  }

  /** What ran, for another process. */
  report() {
    return JSON.stringify([...this.#bundles].map(([name, {ran}]) => [name, [...ran]]));
  }

  /** @param {string} report */
  add(report) {
    for (const [name, ran] of JSON.parse(report)) for (const i of ran) this.#bundles.get(name)?.ran.add(i);
  }

  /** By file, the lines that have code. */
  get files() {
    /** @type {Map<string, Map<number, Line>>} */
    const files = new Map();
    for (const {segments, ran} of this.#bundles.values()) {
      for (const [i, {file, line, column}] of segments.entries()) {
        const lines = files.get(file) ?? new Map();
        const pieces = lines.get(line) ?? new Map();
        files.set(file, lines.set(line, pieces.set(column, ran.has(i) || pieces.get(column) === true)));
      }
    }
    return files;
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

/** While it is measured, V8 lets go of no context: so many lives each process plays. */
const PART = 40;

/** @returns {Life[]} */
function allLives() {
  const drawn = Array.from({length: Number(flag('lives') ?? 100)}, (_, i) =>
    kinds.map((kind) => drawLife(i + 1, kind)),
  );
  return [...named, ...drawn.flat()];
}

/** Plays some of them, and prints what ran. @param {number} first */
async function measure(first) {
  const coverage = new Coverage(dist);
  const take = coverage.watch();
  const lives = allLives().slice(first, first + PART);
  for (const [i, life] of lives.entries()) {
    await play(life);
    // Modules go with their contexts, and what ran of them.
    if (i % 10 === 9 || i === lives.length - 1) take();
  }
  console.log(coverage.report());
}

async function all() {
  const folder = temporaryFolder();
  execute('go', ['run', './js/build', '-quick', '-o', folder, '-maps', folder]);
  const coverage = new Coverage(folder);
  const {length} = allLives();
  for (let first = 0; first < length; first += PART) {
    const args = [
      '--experimental-vm-modules',
      '--no-warnings',
      ...process.argv.slice(1),
      '-dist',
      folder,
      '-part',
      `${first}`,
    ];
    const {stdout, stderr, status} = spawnSync(process.execPath, args, {encoding: 'utf8', maxBuffer: 1 << 26});
    if (status !== 0) throw new Error(stderr);
    coverage.add(stdout);
  }
  console.log(`${length} lives`);
  print(coverage);
}

const part = flag('part');
await (part === undefined ? all() : measure(Number(part)));
