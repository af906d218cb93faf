/** As much of Node.js as the simulator uses. */

declare module 'node:crypto' {
  interface Hash {
    update(text: string): Hash;
    copy(): Hash;
    digest(encoding: 'hex'): string;
  }
  export function createHash(algorithm: string): Hash;
}

declare module 'node:fs' {
  export function readFileSync(path: string | URL): Uint8Array;
  export function readFileSync(path: string | URL, encoding: 'utf8'): string;
  export function existsSync(path: string): boolean;
  export function writeFileSync(path: string, text: string): void;
  export function mkdtempSync(prefix: string): string;
  export function rmSync(path: string, options: {recursive: boolean; force: boolean}): void;
  export function cpSync(from: string, to: string, options?: {recursive: boolean}): void;
}

declare module 'node:os' {
  export function tmpdir(): string;
}

declare module 'node:inspector' {
  /** With the thread's own inspector: what is posted is answered before it returns. */
  export class Session {
    connect(): void;
    post(method: string, parameters?: object): void;
    post(method: string, answer: (error: Error | null, answer: any) => void): void;
  }
}

declare module 'node:path' {
  export function join(...parts: string[]): string;
  export function resolve(...parts: string[]): string;
}

declare module 'node:url' {
  export function fileURLToPath(url: string | URL): string;
}

declare module 'node:child_process' {
  export function spawnSync(
    command: string,
    args: string[],
    options: {cwd?: string; stdio?: 'inherit'; encoding?: 'utf8'; maxBuffer?: number},
  ): {status: number | null; signal: string | null; error?: Error; stdout: string; stderr: string};
}

declare module 'node:util' {
  export const types: Record<string, (value: unknown) => boolean>;
}

declare module 'node:vm' {
  export class Script {
    constructor(
      source: string,
      options: {filename: string; importModuleDynamically?: (url: string) => Promise<unknown>},
    );
    runInContext(global: object): any;
  }
  /** Undefined without `--experimental-vm-modules`. */
  export const SourceTextModule: new (
    source: string,
    options: {context: object; identifier: string; importModuleDynamically: (url: string) => Promise<unknown>},
  ) => {link(linker: () => void): Promise<void>; evaluate(): Promise<void>};
  export function createContext(sandbox: object): object;
}

declare const process: {
  argv: string[];
  execPath: string;
  exitCode: number;
  exit(code: number): never;
  on(event: 'unhandledRejection', listener: (reason: any) => void): void;
  on(event: 'exit', listener: () => void): void;
  /** Runs the microtasks of all contexts, and reports rejections that nobody handles. */
  _tickCallback(): void;
  memoryUsage(): {rss: number};
  cpuUsage(before?: {user: number; system: number}): {user: number; system: number};
};
declare function setImmediate(run: () => void): void;
