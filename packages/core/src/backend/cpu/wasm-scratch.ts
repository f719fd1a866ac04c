import type { WasmRuntime } from './wasm/runtime.js';

interface Scratch {
  readonly pointer: number;
  readonly bytes: number;
}

/** Ops of one runtime run one after the other, so they share one piece of its memory, which grows when a program is prepared. */
const scratches = new WeakMap<WasmRuntime, Scratch>();

/** Ask for `bytes` bytes, when a program is prepared. */
export function reserveScratch(runtime: WasmRuntime, bytes: number): void {
  const present = scratches.get(runtime);
  if (present !== undefined && present.bytes >= bytes) return;
  // First the new, then the old: prepared programs still need the old where there is no memory for the new.
  scratches.set(runtime, { pointer: runtime.allocate(bytes), bytes });
  if (present !== undefined) runtime.free(present.pointer);
}

/** Where the memory that {@link reserveScratch} asked for lies now. */
export function scratchPointer(runtime: WasmRuntime): number {
  return (scratches.get(runtime) as Scratch).pointer;
}
