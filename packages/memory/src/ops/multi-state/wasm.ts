import type { CpuCall, CpuValue, TensorSpec, WasmForm, WasmRuntime } from '@dla/core';
import { exp } from '../../math.js';
import type { MultiStateAttributes } from './contract.js';
import { decisionsOf, type MultiStateViews, multiStateViews } from './cpu.js';
import { loadRow, SlotRows } from './slot-rows.js';
import { blockLength, byLane, type Lanes, reserveScratch, Scratch, scatterRows } from './wasm-scratch.js';

/** A decay below this share of the token itself is dropped: it is far under float32's last bit, and would become subnormal. */
export const FADED = 1e-30;

/** What a prepared form keeps between calls: the walk over slots of each head. */
export function slotRowsOf(
  { inputs, attributes }: { readonly inputs: readonly TensorSpec[]; readonly attributes: object },
  first: number,
): SlotRows[] {
  const { slots } = attributes as MultiStateAttributes;
  const [batch, time, heads] = (inputs[first + 2] as TensorSpec).shape as [number, number, number];
  return Array.from({ length: batch * heads }, () => new SlotRows(slots, time));
}

/**
 * Blocks of rows: q k^T once a group, then weights by head (decay as a running product), then times V.
 * The products run in WASM; only the weights are plain loops.
 */
export const multiStateWasm: WasmForm = (runtime, step) => {
  const [q, , v] = step.inputs as readonly TensorSpec[] as [TensorSpec, TensorSpec, TensorSpec];
  const [batch, time, groups, keyWidth] = q.shape as [number, number, number, number];
  const [, , heads, valueWidth] = v.shape as [number, number, number, number];
  const lanes = batch * heads;
  const block = blockLength(lanes, time);
  reserveScratch(
    runtime,
    2 * batch * groups * time * keyWidth + lanes * time * valueWidth + (batch * groups + lanes) * block * time + lanes * block * valueWidth,
  );
  const slotRows = slotRowsOf(step, 0);
  const faded = new Float64Array(lanes * time);
  return (call) => new Forward(runtime, call as CpuCall<MultiStateAttributes>, slotRows, faded).run(block);
};

class Forward {
  readonly #runtime: WasmRuntime;
  readonly #views: MultiStateViews;
  readonly #output: CpuValue;
  readonly #inputs: readonly CpuValue[];
  readonly #slotRows: readonly SlotRows[];
  /** exp(G_t - G_s) of the row to come, by lane and s. */
  readonly #faded: Float64Array;
  /** First s of each lane that has not faded away. */
  readonly #first: Int32Array;
  readonly #lambda: Float64Array;

  constructor(runtime: WasmRuntime, { inputs, outputs }: CpuCall<MultiStateAttributes>, slotRows: readonly SlotRows[], faded: Float64Array) {
    this.#runtime = runtime;
    this.#inputs = inputs;
    this.#views = multiStateViews(inputs);
    this.#output = outputs[0] as CpuValue;
    this.#slotRows = slotRows;
    this.#faded = faded;
    this.#first = new Int32Array(slotRows.length);
    this.#lambda = new Float64Array(this.#views.time + 34);
  }

  run(block: number): void {
    const { batch, time, groups, heads, keyWidth, valueWidth } = this.#views;
    const scratch = new Scratch(this.#runtime);
    const [q, k, v] = this.#inputs.slice(0, 3).map((input) => byLane(this.#runtime, input, scratch)) as [Lanes, Lanes, Lanes];
    const products = scratch.take(batch * groups * block * time);
    const weights = scratch.take(batch * heads * block * time);
    const result = scratch.take(batch * heads * block * valueWidth);
    this.#slotRows.forEach((slotRows, lane) => {
      slotRows.begin(decisionsOf(this.#views, Math.floor(lane / heads), lane % heads), 0, time);
    });
    for (let start = 0; start < time; start += block) {
      const rows = Math.min(block, time - start);
      const columns = start + rows;
      const read = { a: q.pointer + start * keyWidth * 4, b: k.pointer, c: products.pointer, m: rows, n: columns, k: keyWidth };
      const readStrides = { strideA: time * keyWidth, strideB: time * keyWidth, strideC: rows * columns };
      this.#runtime.matmul({ ...read, ...readStrides, batch: batch * groups, transposeA: false, transposeB: true });
      for (let lane = 0; lane < batch * heads; lane++) this.#weigh(lane, start, rows, products.data, weights.data);
      const gather = { a: weights.pointer, b: v.pointer, c: result.pointer, m: rows, n: valueWidth, k: columns };
      const gatherStrides = { strideA: rows * columns, strideB: time * valueWidth, strideC: rows * valueWidth };
      this.#runtime.matmul({ ...gather, ...gatherStrides, batch: batch * heads, transposeA: false, transposeB: false });
      scatterRows(this.#runtime, result, this.#output, start, rows, false);
    }
  }

  /** Rows [start, start + rows) of one head's weights: q k^T x decay x lambda, zero after t. */
  #weigh(lane: number, start: number, rows: number, products: Float32Array, weights: Float32Array): void {
    const { time, groups, heads, slots, g, lambda } = this.#views;
    const batch = Math.floor(lane / heads);
    const columns = start + rows;
    const product = (batch * groups + Math.floor(((lane % heads) * groups) / heads)) * rows * columns;
    const faded = this.#faded.subarray(lane * time, (lane + 1) * time);
    const slotRows = this.#slotRows[lane] as SlotRows;
    const { slotOf } = slotRows;
    const weightOf = this.#lambda;
    let first = this.#first[lane] as number;
    for (let row = 0; row < rows; row++) {
      const t = start + row;
      const token = (batch * time + t) * heads + (lane % heads);
      const next = t + 1 < time ? exp(g[token + heads] as number) : 1;
      const from = product + row * columns;
      const to = (lane * rows + row) * columns;
      slotRows.seek(t);
      loadRow(lambda, token, slots, slotRows.live, weightOf);
      faded[t] = 1;
      weights.fill(0, to, to + first);
      for (let s = first; s <= t; s++) {
        const decay = faded[s] as number;
        faded[s] = decay * next;
        weights[to + s] = (products[from + s] as number) * decay * (weightOf[slotOf[s] as number] as number);
      }
      weights.fill(0, to + t + 1, to + columns);
      while (first <= t && (faded[first] as number) < FADED) first++;
    }
    this.#first[lane] = first;
  }
}
