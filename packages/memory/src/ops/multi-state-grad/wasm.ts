import { type CpuCall, type CpuValue, f32, type TensorSpec, type WasmForm, type WasmRuntime } from '@dla/core';
import { exp } from '../../math.js';
import type { MultiStateAttributes } from '../multi-state/contract.js';
import { decisionsOf, type MultiStateViews, multiStateViews } from '../multi-state/cpu.js';
import { loadRow, type SlotRows } from '../multi-state/slot-rows.js';
import { FADED, slotRowsOf } from '../multi-state/wasm.js';
import { blockLength, byLane, type Lanes, reserveScratch, Scratch, scatterRows } from '../multi-state/wasm-scratch.js';
import { reverseCumulative } from './cpu.js';

/**
 * Blocks of columns s, all rows t >= s at once: X = q k^T (by group) and Y = do v^T (by head), then in one pass by head
 * the weights W = X decay lambda (for dv), Z = sum over the group's heads of Y decay lambda (for dq and dk), dlambda and
 * dG; then dv = W^T do, dk = Z^T q, dq += Z k.
 */
export const multiStateGradWasm: WasmForm = (runtime, step) => {
  const [, q, , v] = step.inputs as readonly TensorSpec[] as [TensorSpec, TensorSpec, TensorSpec, TensorSpec];
  const [batch, time, groups, keyWidth] = q.shape as [number, number, number, number];
  const [, , heads, valueWidth] = v.shape as [number, number, number, number];
  const [lanes, shared] = [batch * heads, batch * groups];
  const block = blockLength(lanes, time);
  const inputs = 2 * shared * time * keyWidth + 2 * lanes * time * valueWidth;
  reserveScratch(runtime, inputs + (2 * shared + lanes) * time * block + lanes * block * valueWidth + shared * (block + time) * keyWidth);
  const slotRows = slotRowsOf(step, 1);
  return (call) => new Backward(runtime, call as CpuCall<MultiStateAttributes>, slotRows, block).run();
};

class Backward {
  readonly #runtime: WasmRuntime;
  readonly #views: MultiStateViews;
  readonly #inputs: readonly CpuValue[];
  readonly #outputs: readonly CpuValue[];
  readonly #slotRows: readonly SlotRows[];
  readonly #block: number;
  /** d loss / d G, [B, T, H]. */
  readonly #decay: Float64Array;
  readonly #faded: Float64Array;
  readonly #columns: Float64Array;
  /** The row of lambda, and what was read from each slot, in four sums so that additions to one slot overlap. */
  readonly #lambda: Float64Array;
  readonly #reads: Float64Array;

  constructor(runtime: WasmRuntime, { inputs, outputs }: CpuCall<MultiStateAttributes>, slotRows: readonly SlotRows[], block: number) {
    this.#runtime = runtime;
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.#views = multiStateViews(inputs.slice(1));
    this.#slotRows = slotRows;
    this.#block = block;
    this.#decay = new Float64Array(this.#views.g.length);
    this.#faded = new Float64Array(block);
    this.#columns = new Float64Array(block);
    this.#lambda = new Float64Array(this.#views.time + 34);
    this.#reads = new Float64Array(4 * (this.#views.time + 34));
  }

  run(): void {
    const { batch, time, groups, heads, keyWidth, valueWidth } = this.#views;
    const [dq, dk, dv, dg, dlambda] = this.#outputs as [CpuValue, CpuValue, CpuValue, CpuValue, CpuValue?];
    const [lanes, shared] = [batch * heads, batch * groups];
    const scratch = new Scratch(this.#runtime);
    const [upstream, q, k, v] = this.#inputs.slice(0, 4).map((input) => byLane(this.#runtime, input, scratch)) as [Lanes, Lanes, Lanes, Lanes];
    const products = scratch.take(shared * time * this.#block);
    const mixed = scratch.take(shared * time * this.#block);
    const weights = scratch.take(lanes * time * this.#block);
    const [partV, partK, partQ] = [
      scratch.take(lanes * this.#block * valueWidth),
      scratch.take(shared * this.#block * keyWidth),
      scratch.take(shared * time * keyWidth),
    ];
    dlambda?.data.fill(0);
    for (let start = 0; start < time; start += this.#block) {
      const columns = Math.min(this.#block, time - start);
      const rows = time - start;
      const key = start * keyWidth * 4;
      const value = start * valueWidth * 4;
      const square = rows * columns;
      const byGroup = { batch: shared, strideA: time * keyWidth, strideB: time * keyWidth, strideC: square, transposeA: false, transposeB: true };
      this.#runtime.matmul({ ...byGroup, a: q.pointer + key, b: k.pointer + key, c: products.pointer, m: rows, n: columns, k: keyWidth });
      const byHead = { batch: lanes, strideA: time * valueWidth, strideB: time * valueWidth, strideC: square, transposeA: false, transposeB: true };
      this.#runtime.matmul({ ...byHead, a: upstream.pointer + value, b: v.pointer + value, c: weights.pointer, m: rows, n: columns, k: valueWidth });
      for (let lane = 0; lane < lanes; lane++) this.#weigh(lane, start, columns, products.data, weights.data, mixed.data);
      const intoV = { batch: lanes, strideA: square, strideB: time * valueWidth, strideC: columns * valueWidth, transposeA: true, transposeB: false };
      this.#runtime.matmul({ ...intoV, a: weights.pointer, b: upstream.pointer + value, c: partV.pointer, m: columns, n: valueWidth, k: rows });
      scatterRows(this.#runtime, partV, dv, start, columns, false);
      const intoK = { batch: shared, strideA: square, strideB: time * keyWidth, strideC: columns * keyWidth, transposeA: true, transposeB: false };
      this.#runtime.matmul({ ...intoK, a: mixed.pointer, b: q.pointer + key, c: partK.pointer, m: columns, n: keyWidth, k: rows });
      scatterRows(this.#runtime, partK, dk, start, columns, false);
      const intoQ = { batch: shared, strideA: square, strideB: time * keyWidth, strideC: rows * keyWidth, transposeA: false, transposeB: false };
      this.#runtime.matmul({ ...intoQ, a: mixed.pointer, b: k.pointer + key, c: partQ.pointer, m: rows, n: keyWidth, k: columns });
      scatterRows(this.#runtime, partQ, dq, start, rows, start > 0);
    }
    f32(dg).set(reverseCumulative(this.#views, this.#decay));
  }

  /** One head's pass over the block of columns [start, start + columns). `weights` holds Y and becomes W; `mixed` gathers Z. */
  #weigh(lane: number, start: number, columns: number, products: Float32Array, weights: Float32Array, mixed: Float32Array): void {
    const { time, groups, heads, slots, g, lambda } = this.#views;
    const batch = Math.floor(lane / heads);
    const head = lane % heads;
    const group = Math.floor((head * groups) / heads);
    const leads = head === 0 || Math.floor(((head - 1) * groups) / heads) !== group;
    const shared = (batch * groups + group) * (time - start) * columns;
    const own = lane * (time - start) * columns;
    const slotRows = this.#slotRows[lane] as SlotRows;
    const { slotOf } = slotRows;
    const [faded, weightOf, reads] = [this.#faded, this.#lambda, this.#reads];
    const sums = this.#columns.fill(0);
    slotRows.begin(decisionsOf(this.#views, batch, head), start, start + columns);
    let first = 0;
    for (let t = start; t < time; t++) {
      const token = (batch * time + t) * heads + head;
      const next = t + 1 < time ? exp(g[token + heads] as number) : 1;
      const x = shared + (t - start) * columns;
      const y = own + (t - start) * columns;
      const inside = Math.min(t - start + 1, columns);
      if (inside === t - start + 1) faded[t - start] = 1;
      if (leads) mixed.fill(0, x, x + columns);
      weights.fill(0, y, y + first);
      slotRows.seek(t);
      loadRow(lambda, token, slots, slotRows.live, weightOf);
      reads.fill(0, 0, 4 * slotRows.live);
      for (let s = first; s < inside; s++) {
        const decay = faded[s] as number;
        const slot = slotOf[s] as number;
        const weight = weightOf[slot] as number;
        const written = (products[x + s] as number) * decay;
        const upstream = weights[y + s] as number;
        const both = written * upstream;
        faded[s] = decay * next;
        const read = 4 * slot + (s & 3);
        reads[read] = (reads[read] as number) + both;
        sums[s] = (sums[s] as number) + both * weight;
        weights[y + s] = written * weight;
        mixed[x + s] = (mixed[x + s] as number) + upstream * decay * weight;
      }
      weights.fill(0, y + inside, y + columns);
      this.#collect(token, slotRows.live);
      while (first < inside && (faded[first] as number) < FADED) first++;
    }
    for (let s = 0; s < columns; s++) {
      const token = (batch * time + start + s) * heads + head;
      this.#decay[token] = (this.#decay[token] as number) - (sums[s] as number);
    }
  }

  /** A row's reads by slot give dlambda, and weighted dG. */
  #collect(token: number, live: number): void {
    const { slots, lambda } = this.#views;
    const dlambda = lambda === null ? null : f32(this.#outputs[4]);
    let total = 0;
    for (let slot = 0; slot < live; slot++) {
      const [at, reads] = [4 * slot, this.#reads];
      const read = (reads[at] as number) + (reads[at + 1] as number) + ((reads[at + 2] as number) + (reads[at + 3] as number));
      total += read * (this.#lambda[slot] as number);
      if (dlambda === null) continue;
      const cell = token * slots + Math.min(slot, slots - 1);
      dlambda[cell] = (dlambda[cell] as number) + read;
    }
    this.#decay[token] = (this.#decay[token] as number) + total;
  }
}
