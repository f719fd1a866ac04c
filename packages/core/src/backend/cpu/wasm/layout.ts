/** Fixed places in the memory of the CPU device, in bytes. Below `scratchStart` lies what main thread and workers share. */

/** Words of the job record; the contended ones have cache lines of their own. */
export const epochWord = 16;
export const nextWord = 32;
export const activeWord = 48;
export const openWord = 64;
export const countWord = 65;
export const kernelWord = 66;
export const failedWord = 67;
export const stopWord = 68;

/** Arguments of the job under way. */
export const argumentsStart = 512;
export const argumentWords = 32;
/** Where float64 arguments start behind `argumentsStart`. */
export const numbersOffset = 128;

/** Per thread: a packed block of A (96 x 256 floats), an edge tile, and packed B of one item of a batch. */
export const scratchStart = 4096;
const blockBytes = 98304 + 128;
export const itemBytes = 1 << 20;
export const scratchBytes: number = Math.ceil((blockBytes + itemBytes) / 64) * 64;

/** Packed B that all threads read. */
export const packedBytes: number = 8 << 20;

export function packedStart(threads: number): number {
  return scratchStart + threads * scratchBytes;
}

export function heapStart(threads: number): number {
  return packedStart(threads) + packedBytes;
}
