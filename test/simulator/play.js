/** What the commands share: their flags, and how lives are played. */
import {spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import * as vm from 'node:vm';
import {runLife} from './life.js';

/** @typedef {import('./life.js').Life} Life */
/** @typedef {import('./life.js').Verdict} Verdict */

/**
 * @param {string} name
 * @returns {string | undefined}
 */
export function flag(name) {
  const i = process.argv.findIndex((argument) => argument.replace(/^--?/, '') === name);
  return i < 0 ? undefined : (process.argv[i + 1] ?? '');
}

export const dist = flag('dist') ?? fileURLToPath(new URL('../../dist', import.meta.url));

/**
 * Plays a life when nothing else runs.
 *
 * @param {Life} life
 * @param {Partial<Parameters<typeof runLife>[1]>} [options]
 * @returns {Promise<Verdict>}
 */
export const play = (life, options) =>
  new Promise((resolve) => setImmediate(() => resolve(runLife(life, {dist, ...options}))));

/** Of the processor, in seconds, since then. @param {{user: number, system: number}} [since] */
export function used(since) {
  const {user, system} = process.cpuUsage(since);
  return (user + system) / 1_000_000;
}

/** Runs a command: scripts that import modules need a flag of Node's. @param {() => Promise<void>} command */
export async function run(command) {
  if ('SourceTextModule' in vm) return command();
  const args = ['--experimental-vm-modules', '--no-warnings', ...process.argv.slice(1)];
  process.exitCode = spawnSync(process.execPath, args, {stdio: 'inherit'}).status ?? 1;
}
