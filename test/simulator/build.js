/** Builds of the product for the simulator's own use, in folders that go with the process. */
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** @returns {string} */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'navigator-connect-'));
  process.on('exit', () => rmSync(folder, {recursive: true, force: true}));
  return folder;
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} [cwd]
 * @throws {Error} with what it said
 */
export function execute(command, args, cwd = root) {
  const {status, stderr, error} = spawnSync(command, args, {cwd, encoding: 'utf8'});
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error ?? stderr}`);
}
