/** What js/ finds at run time and no type library declares. */

/** Runs for its side effect: it defines `Go`. The build resolves it to the Go distribution's own file. */
declare module 'wasm_exec' {}

declare class Go {
  importObject: WebAssembly.Imports;
  /** Resolves when the program ends, after a panic too. */
  run(instance: WebAssembly.Instance): Promise<void>;
}
