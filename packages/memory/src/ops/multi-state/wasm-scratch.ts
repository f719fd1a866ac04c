import type { CpuValue, WasmRuntime } from '@dla/core';

/** Rows of time that one block of the tiled forms takes. */
const BLOCK = 64;
/** Elements the weights of one block may take over all heads. */
const BLOCK_BUDGET = 1 << 22;

interface Arena {
  pointer: number;
  bytes: number;
}

/** A dense matrix a lane, in the runtime's memory. */
export interface Lanes {
  readonly pointer: number;
  readonly data: Float32Array;
}

const arenas = new WeakMap<WasmRuntime, Arena>();

/** Ops of one runtime run one after the other, so all of this package's WASM forms share one scratch arena. Ask for its size when a program is prepared. */
export function reserveScratch(runtime: WasmRuntime, elements: number): void {
  // Each piece is rounded up to 16 elements.
  const bytes = elements * 4 + 4096;
  const present = arenas.get(runtime);
  if (present !== undefined && present.bytes >= bytes) return;
  if (present !== undefined) runtime.free(present.pointer);
  arenas.set(runtime, { pointer: runtime.allocate(bytes), bytes });
}

/** Hands out pieces of the arena in order. */
export class Scratch {
  readonly #runtime: WasmRuntime;
  #next: number;

  constructor(runtime: WasmRuntime) {
    this.#runtime = runtime;
    this.#next = (arenas.get(runtime) as Arena).pointer;
  }

  take(elements: number): Lanes {
    const pointer = this.#next;
    this.#next += Math.ceil(elements / 16) * 64;
    return { pointer, data: this.#runtime.view('f32', pointer, elements) as Float32Array };
  }
}

/** Tokens a block, so that `lanes` matrices of block x time fit the budget. */
export function blockLength(lanes: number, time: number): number {
  return Math.min(time, Math.max(8, Math.min(BLOCK, Math.floor(BLOCK_BUDGET / (lanes * time)))));
}

/** [B, T, N, W] as [B, N, T, W]: the value itself where N = 1, else a copy in scratch. */
export function byLane(runtime: WasmRuntime, { shape, data, pointer }: CpuValue, scratch: Scratch): Lanes {
  const [batch, time, lanes, width] = shape as [number, number, number, number];
  if (lanes === 1) return { pointer, data: data as Float32Array };
  const to = scratch.take(data.length);
  const memory = wholeMemory(runtime);
  const [source, target] = [pointer / 4, to.pointer / 4];
  for (let b = 0; b < batch; b++)
    for (let lane = 0; lane < lanes; lane++)
      for (let t = 0; t < time; t++) {
        const from = source + ((b * time + t) * lanes + lane) * width;
        memory.copyWithin(target + ((b * lanes + lane) * time + t) * width, from, from + width);
      }
  return to;
}

/** Rows [start, start + rows) of time of each lane, [B, N, rows, W], into [B, T, N, W]; added to what is there where `add` is set. */
export function scatterRows(runtime: WasmRuntime, from: Lanes, to: CpuValue, start: number, rows: number, add: boolean): void {
  const [batch, time, lanes, width] = to.shape as [number, number, number, number];
  const memory = wholeMemory(runtime);
  const [source, target] = [from.pointer / 4, to.pointer / 4];
  for (let lane = 0; lane < batch * lanes; lane++) {
    const b = Math.floor(lane / lanes);
    for (let row = 0; row < rows; row++) {
      const at = source + (lane * rows + row) * width;
      const cell = target + ((b * time + start + row) * lanes + (lane % lanes)) * width;
      if (add) for (let i = 0; i < width; i++) memory[cell + i] = (memory[cell + i] as number) + (memory[at + i] as number);
      else memory.copyWithin(cell, at, at + width);
    }
  }
}

/** All of the runtime's memory as floats, so that rows move without making views. */
function wholeMemory(runtime: WasmRuntime): Float32Array {
  return runtime.view('f32', 0, runtime.memory.buffer.byteLength / 4) as Float32Array;
}
