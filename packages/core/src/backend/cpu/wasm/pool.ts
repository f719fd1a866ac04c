import { DlaError } from '../../../errors.js';
import type { KernelNumber } from './kernel-table.js';
import {
  activeWord,
  argumentsStart,
  argumentWords,
  countWord,
  epochWord,
  failedWord,
  kernelWord,
  nextWord,
  numbersOffset,
  openWord,
  packedStart,
  scratchBytes,
  scratchStart,
  stopWord,
} from './layout.js';
import type { RunningWorker } from './worker-host.js';
import { startWorker } from './worker-host.js';

type Run = (kernel: number, argumentsPointer: number, task: number, scratch: number) => void;

/** Looks at the count of active workers this often before the main thread sleeps, where it may. */
const spins = 20_000;
const napMilliseconds = 1;

/** Browsers forbid their main thread to sleep. */
function mainMaySleep(words: Int32Array): boolean {
  try {
    Atomics.wait(words, activeWord, 1, 0);
    return true;
  } catch {
    return false;
  }
}

/** Runs numbered tasks of a kernel on the calling thread and, for parallel jobs, on the workers as well. */
export class Pool {
  /** Byte address of the buffer for packed B that all threads read. */
  readonly packed: number;
  readonly #memory: WebAssembly.Memory;
  readonly #run: Run;
  #workers: RunningWorker[] = [];
  #words: Int32Array;
  #maySleep = false;
  #closed = false;

  private constructor(memory: WebAssembly.Memory, run: Run, threads: number) {
    this.packed = packedStart(threads);
    this.#memory = memory;
    this.#run = run;
    this.#words = new Int32Array(memory.buffer, 0, scratchStart / 4);
  }

  /** Starts `threads - 1` workers; fewer where the host refuses them. */
  static async create(module: WebAssembly.Module, memory: WebAssembly.Memory, threads: number): Promise<Pool> {
    const instance = await WebAssembly.instantiate(module, { env: { memory } });
    const pool = new Pool(memory, instance.exports.run as Run, threads);
    const starts: Promise<RunningWorker>[] = [];
    for (let index = 1; index < threads; index++) starts.push(startWorker({ module, memory, scratch: scratchStart + index * scratchBytes }));
    for (const start of await Promise.allSettled(starts)) if (start.status === 'fulfilled') pool.#workers.push(start.value);
    pool.#maySleep = pool.#workers.length > 0 && mainMaySleep(pool.#words);
    return pool;
  }

  /** Threads that take tasks, the calling one included. */
  get threads(): number {
    return this.#workers.length + 1;
  }

  /** Writes the arguments of the next job; pointers above 2 GiB wrap to the same 32 bits. */
  setArguments(...values: readonly number[]): void {
    if (values.length > argumentWords) throw new RangeError('too many arguments');
    const words = this.#ownWords();
    for (let index = 0; index < values.length; index++) words[argumentsStart / 4 + index] = values[index] as number;
  }

  /** Writes the float64 arguments of the next job, behind the first 32 words. */
  setNumbers(...values: readonly number[]): void {
    new Float64Array(this.#memory.buffer, argumentsStart + numbersOffset, values.length).set(values);
  }

  /** Runs tasks 0 .. count - 1 and returns when all are done; which thread runs which is not fixed. */
  run(kernel: KernelNumber, count: number, parallel: boolean): void {
    if (this.#closed) throw new DlaError('disposed', 'the runtime was disposed', { where: 'WasmRuntime' });
    if (parallel && count > 1 && this.#workers.length > 0) this.#runShared(kernel, count);
    else for (let task = 0; task < count; task++) this.#run(kernel, argumentsStart, task, scratchStart);
  }

  #runShared(kernel: KernelNumber, count: number): void {
    const words = this.#words;
    Atomics.store(words, kernelWord, kernel);
    Atomics.store(words, countWord, count);
    Atomics.store(words, nextWord, 0);
    Atomics.store(words, openWord, 1);
    Atomics.add(words, epochWord, 1);
    Atomics.notify(words, epochWord);
    try {
      for (let task = Atomics.add(words, nextWord, 1); task < count; task = Atomics.add(words, nextWord, 1))
        this.#run(kernel, argumentsStart, task, scratchStart);
    } finally {
      Atomics.store(words, openWord, 0);
      this.#awaitWorkers();
    }
    if (Atomics.exchange(words, failedWord, 0) !== 0)
      throw new DlaError('graph', 'a worker failed', { where: 'WasmRuntime', found: `kernel ${kernel}, ${count} tasks` });
  }

  #awaitWorkers(): void {
    for (let spin = 0; ; spin++) {
      const active = Atomics.load(this.#words, activeWord);
      if (active === 0) return;
      if (spin >= spins && this.#maySleep) Atomics.wait(this.#words, activeWord, active, napMilliseconds);
    }
  }

  /** Ends the workers; {@link run} throws from then on. */
  dispose(): void {
    if (this.#closed) return;
    this.#closed = true;
    const words = this.#ownWords();
    Atomics.store(words, stopWord, 1);
    Atomics.add(words, epochWord, 1);
    Atomics.notify(words, epochWord);
    for (const worker of this.#workers) worker.terminate();
    this.#workers = [];
  }

  /** Growth detaches the view of a memory that is not shared. */
  #ownWords(): Int32Array {
    if (this.#words.length === 0) this.#words = new Int32Array(this.#memory.buffer, 0, scratchStart / 4);
    return this.#words;
  }
}
