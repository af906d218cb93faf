/** What the registry's worker has besides its own script where a case ends it: no driver but Chromium's can. */
{
  const {Go} = globalThis;
  let program;
  globalThis.Go = class extends Go {
    constructor() {
      super();
      program = this;
    }
  };
  const ends = {
    worker: () => close(),
    // What Go's runtime does when the program panics: its own function for that, and then back from the call.
    program() {
      program.importObject.gojs['runtime.wasmExit'](0);
      program._resolveExitPromise();
    },
  };
  new BroadcastChannel('end the registry').onmessage = ({data}) => ends[data]();
}
