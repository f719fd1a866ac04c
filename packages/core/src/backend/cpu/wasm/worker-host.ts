import type { WorkerStart } from './worker-source.js';
import { workerSource } from './worker-source.js';

/** A started worker. */
export interface RunningWorker {
  terminate(): void;
}

const startLimitMilliseconds = 20_000;

interface NodeModules {
  'node:worker_threads': typeof import('node:worker_threads');
  'node:os': typeof import('node:os');
}

/** A built-in module of Node, or undefined elsewhere; needs no import, so browser bundles stay clean. */
function builtin<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  const host = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process;
  return host?.getBuiltinModule?.(name) as NodeModules[Name] | undefined;
}

/** Processors this program may use; 1 when the engine does not say. */
export function hardwareThreads(): number {
  const os = builtin('node:os');
  if (os !== undefined) return os.availableParallelism();
  return globalThis.navigator?.hardwareConcurrency ?? 1;
}

/** Starts a worker and waits until it listens; rejects when the host forbids workers (for example by its content security policy). */
export function startWorker(start: WorkerStart): Promise<RunningWorker> {
  const threads = builtin('node:worker_threads');
  return threads === undefined ? startBrowserWorker(start) : startNodeWorker(threads, start);
}

function startNodeWorker(threads: NodeModules['node:worker_threads'], start: WorkerStart): Promise<RunningWorker> {
  return new Promise((resolve, reject) => {
    const worker = new threads.Worker(workerSource, { eval: true, workerData: start, execArgv: [], name: 'dla-cpu' });
    worker.once('error', reject);
    worker.once('message', () => {
      // From here on an idle pool must not keep the process alive.
      worker.unref();
      resolve({ terminate: () => void worker.terminate() });
    });
  });
}

function startBrowserWorker(start: WorkerStart): Promise<RunningWorker> {
  return new Promise((resolve, reject) => {
    const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
    const worker = new Worker(url, { name: 'dla-cpu' });
    const timer = setTimeout(() => finish(new Error('the worker did not start')), startLimitMilliseconds);
    const finish = (failure?: Error): void => {
      clearTimeout(timer);
      URL.revokeObjectURL(url);
      if (failure === undefined) resolve(worker);
      else {
        worker.terminate();
        reject(failure);
      }
    };
    worker.onmessage = () => finish();
    worker.onerror = (event) => finish(new Error(event.message));
    worker.postMessage(start);
  });
}
