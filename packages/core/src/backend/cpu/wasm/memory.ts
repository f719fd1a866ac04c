import { DlaError } from '../../../errors.js';

const pageBytes = 65536;
const mostPages = 65536;
const growthBytes = 16 << 20;

/** Whether this engine lets threads share memory (browsers: cross-origin isolated pages only). */
export function canShareMemory(): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && typeof Atomics !== 'undefined';
}

/**
 * A memory of at least `bytes` bytes that may grow to `maximumBytes`. Engines that cannot reserve so much address space
 * get half as much, and so on down to 256 MiB.
 */
export function createMemory(bytes: number, maximumBytes: number, shared: boolean): { memory: WebAssembly.Memory; limitBytes: number } {
  const initial = Math.ceil(bytes / pageBytes);
  for (let maximum = Math.max(initial, Math.min(mostPages, Math.floor(maximumBytes / pageBytes))); ; maximum = Math.max(initial, maximum >> 1)) {
    try {
      return { memory: new WebAssembly.Memory({ initial, maximum, shared }), limitBytes: maximum * pageBytes };
    } catch (cause) {
      if (maximum <= 4096 || maximum === initial)
        throw new DlaError('out-of-memory', 'cannot reserve memory', {
          where: 'createWasmRuntime',
          found: `${maximum * pageBytes} bytes refused`,
          cause,
        });
    }
  }
}

/** Grows `memory` to hold byte `end`, with some bytes to spare if there are; false when the limit or the engine forbids it. */
export function growMemory(memory: WebAssembly.Memory, end: number, limitBytes: number): boolean {
  const present = memory.buffer.byteLength;
  const generous = Math.min(limitBytes, Math.max(end, present + Math.max(growthBytes, present / 4)));
  if (end > limitBytes) return false;
  for (const target of [generous, end]) {
    try {
      memory.grow(Math.ceil((target - present) / pageBytes));
      return true;
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
    }
  }
  return false;
}
