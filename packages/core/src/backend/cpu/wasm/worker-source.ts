import { activeWord, argumentsStart, countWord, epochWord, failedWord, kernelWord, nextWord, openWord, stopWord } from './layout.js';

/** What a worker is started with. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Byte address of this thread's scratch. */
  readonly scratch: number;
}

/** Looks at the epoch this often before sleeping: about 20 microseconds, the gap between two kernels of a training step. */
const spins = 4000;

/**
 * Program of one worker, for Node and browsers alike; a string, so that bundlers need no second entry. A worker joins
 * a job by raising `active` and then looking at `open`; the main thread clears `open` and then waits for `active` to
 * fall to 0, so a worker that wakes late touches nothing and nobody waits for it.
 */
export const workerSource = `'use strict';
const begin = ({ module, memory, scratch }, ready) => {
  const words = new Int32Array(memory.buffer);
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  let seen = Atomics.load(words, ${epochWord});
  ready();
  for (;;) {
    for (let spin = 0; Atomics.load(words, ${epochWord}) === seen; spin++) if (spin >= ${spins}) Atomics.wait(words, ${epochWord}, seen);
    seen = Atomics.load(words, ${epochWord});
    if (Atomics.load(words, ${stopWord}) !== 0) return;
    Atomics.add(words, ${activeWord}, 1);
    if (Atomics.load(words, ${openWord}) !== 0) {
      const count = Atomics.load(words, ${countWord});
      const kernel = Atomics.load(words, ${kernelWord});
      try {
        for (let task = Atomics.add(words, ${nextWord}, 1); task < count; task = Atomics.add(words, ${nextWord}, 1)) run(kernel, ${argumentsStart}, task, scratch);
      } catch {
        Atomics.store(words, ${failedWord}, 1);
      }
    }
    if (Atomics.sub(words, ${activeWord}, 1) === 1) Atomics.notify(words, ${activeWord});
  }
};
if (typeof require === 'function') {
  const { parentPort, workerData } = require('node:worker_threads');
  begin(workerData, () => parentPort.postMessage('ready'));
} else {
  onmessage = ({ data }) => {
    begin(data, () => postMessage('ready'));
    close();
  };
}
`;
