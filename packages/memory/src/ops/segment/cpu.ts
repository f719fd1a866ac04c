import { type CpuCall, type CpuValue, f32 } from '@dla/core';
import { exp } from '../../math.js';
import { Decider, FixedBlocks, type Lane } from './decider.js';
import { GRID, NO_DECISION, type SegmentAttributes } from './state.js';

/** A ||Sigma||^2 below this share of the accumulated |k|^2 |v|^2 has cancelled: what is left is rounding. */
const CANCELLED = 1e-6;
/** A summary this faint is leaving float32's normal range, where devices differ: it counts as zero. */
const FAINT = 1e-36;

/**
 * The only CPU form. Sums are float64, and everything carried from token to token is rounded to float32 at every token,
 * so that a stream gives the same bits however it is cut into calls.
 */
export function segmentReference(call: CpuCall<SegmentAttributes>): void {
  const [k, v] = call.inputs as [CpuValue, CpuValue];
  const [batch, , groups] = k.shape as [number, number, number];
  const heads = v.shape[2] as number;
  const worker = call.attributes.policy === 'dla' ? new Scorer(call) : new FixedBlocks(call);
  (call.outputs[3] as CpuValue).data.fill(-1);
  for (let b = 0; b < batch; b++) for (let head = 0; head < heads; head++) worker.run({ batch: b, head, group: Math.floor((head * groups) / heads) });
  worker.finish();
}

/** Scores of formula (2) on the grid. */
class Scorer extends Decider {
  readonly #tau: number;
  readonly #k: Float32Array;
  readonly #v: Float32Array;
  readonly #g: Float32Array;
  readonly #groups: number;
  readonly #keyWidth: number;
  readonly #valueWidth: number;
  readonly #stateKeys: Float32Array;
  readonly #stateValues: Float32Array;
  /** The chunk being filled: keys, values, running sums of g, and where the state keeps its partial rows until all heads have read them. */
  readonly #keys: Float32Array;
  readonly #values: Float32Array;
  readonly #sums: Float64Array = new Float64Array(GRID);
  readonly #summary: Float64Array;
  readonly #pendingKeys: Float32Array;
  #base = 0;

  constructor(call: CpuCall<SegmentAttributes>) {
    super(call);
    const [k, v, g] = call.inputs as [CpuValue, CpuValue, CpuValue];
    this.#tau = Math.fround(call.attributes.tau);
    this.#k = f32(k);
    this.#v = f32(v);
    this.#g = f32(g);
    this.#groups = k.shape[2] as number;
    this.#keyWidth = k.shape[3] as number;
    this.#valueWidth = v.shape[3] as number;
    this.#stateKeys = f32(call.outputs[5]);
    this.#stateValues = f32(call.outputs[6]);
    this.#keys = new Float32Array(GRID * this.#keyWidth);
    this.#values = new Float32Array(GRID * this.#valueWidth);
    this.#summary = new Float64Array(this.#keyWidth * this.#valueWidth);
    this.#pendingKeys = this.#stateKeys.slice();
  }

  run(lane: Lane): void {
    this.attach(lane);
    this.#base = (lane.batch * this.heads + lane.head) * this.layout.numbersWidth;
    this.#load(lane, this.table.now % GRID);
    for (let t = 0; t < this.time; t++) {
      const position = this.table.now % GRID;
      this.#take(lane, t, position);
      this.#token(lane, t, position);
      if (position === GRID - 1) this.#advance();
    }
    this.#save(lane, this.table.now % GRID);
  }

  finish(): void {
    this.#stateKeys.set(this.#pendingKeys);
  }

  /** The chunk's first `rows` tokens come from the state. */
  #load({ batch, head, group }: Lane, rows: number): void {
    const { decays } = this.layout;
    for (let row = 0; row < rows; row++) {
      copyRow(this.#stateKeys, ((batch * GRID + row) * this.#groups + group) * this.#keyWidth, this.#keys, row * this.#keyWidth, this.#keyWidth);
      copyRow(
        this.#stateValues,
        ((batch * GRID + row) * this.heads + head) * this.#valueWidth,
        this.#values,
        row * this.#valueWidth,
        this.#valueWidth,
      );
      this.#sums[row] = (row === 0 ? 0 : (this.#sums[row - 1] as number)) + (this.numbers[this.#base + decays + row] as number);
    }
  }

  #save({ batch, head, group }: Lane, rows: number): void {
    for (let row = 0; row < rows; row++) {
      copyRow(this.#keys, row * this.#keyWidth, this.#pendingKeys, ((batch * GRID + row) * this.#groups + group) * this.#keyWidth, this.#keyWidth);
      copyRow(
        this.#values,
        row * this.#valueWidth,
        this.#stateValues,
        ((batch * GRID + row) * this.heads + head) * this.#valueWidth,
        this.#valueWidth,
      );
    }
  }

  #take({ batch, head, group }: Lane, t: number, position: number): void {
    const token = batch * this.time + t;
    copyRow(this.#k, (token * this.#groups + group) * this.#keyWidth, this.#keys, position * this.#keyWidth, this.#keyWidth);
    copyRow(this.#v, (token * this.heads + head) * this.#valueWidth, this.#values, position * this.#valueWidth, this.#valueWidth);
    const g = this.#g[token * this.heads + head] as number;
    this.numbers[this.#base + this.layout.decays + position] = g;
    this.#sums[position] = (position === 0 ? 0 : (this.#sums[position - 1] as number)) + g;
  }

  #token(lane: Lane, t: number, position: number): void {
    const { table, numbers, layout } = this;
    const own = this.#pair(position, position);
    const normSq = numbers[this.#base + layout.normSq] as number;
    const energy = numbers[this.#base + layout.energy] as number;
    const first = table.count === 0;
    const cross = first ? 0 : this.#cross(position);
    const blank = first || own === 0 || normSq <= Math.max(CANCELLED * energy, FAINT);
    const cosine = blank ? 0 : Math.min(1, Math.max(-1, cross / Math.sqrt(own * normSq)));
    const score = Math.fround(Math.sqrt(2 - 2 * cosine));
    const opens = this.decide(lane, t, score, first || score >= this.#tau, first ? NO_DECISION : Math.abs(score - this.#tau));
    const alpha = opens ? 0 : exp(numbers[this.#base + layout.decays + position] as number);
    numbers[this.#base + layout.normSq] = Math.max(0, opens ? own : alpha * alpha * normSq + 2 * alpha * cross + own);
    numbers[this.#base + layout.energy] = alpha * alpha * energy + own;
  }

  /** (k_i . k_j)(v_i . v_j) of two tokens of the chunk. */
  #pair(i: number, j: number): number {
    const [keyWidth, valueWidth] = [this.#keyWidth, this.#valueWidth];
    const keys = dot(this.#keys, i * keyWidth, this.#keys, j * keyWidth, keyWidth);
    return keys * dot(this.#values, i * valueWidth, this.#values, j * valueWidth, valueWidth);
  }

  /** x_t = k_t^T Sigma_{t-1} v_t: what the slot held at the chunk's start, then its tokens of this chunk in order. */
  #cross(position: number): number {
    const before = position === 0 ? 0 : (this.#sums[position - 1] as number);
    const start = this.table.openStart - (this.table.now - position);
    let cross = start < 0 ? exp(before) * this.#readSummary(position) : 0;
    for (let s = Math.max(0, start); s < position; s++) cross += this.#pair(position, s) * exp(before - (this.#sums[s] as number));
    return cross;
  }

  /** k^T Sigma_0 v */
  #readSummary(position: number): number {
    const { numbers } = this;
    const [keys, values] = [this.#keys, this.#values];
    const [keyWidth, width] = [this.#keyWidth, this.#valueWidth];
    const summary = this.#base + this.layout.summary;
    let sum = 0;
    for (let i = 0; i < keyWidth; i++)
      sum += dot(numbers, summary + i * width, values, position * width, width) * (keys[position * keyWidth + i] as number);
    return sum;
  }

  /** Bring Sigma_0 to the end of the full chunk. */
  #advance(): void {
    const { numbers } = this;
    const [sigma, sums, keys, values] = [this.#summary, this.#sums, this.#keys, this.#values];
    const [keyWidth, width] = [this.#keyWidth, this.#valueWidth];
    const summary = this.#base + this.layout.summary;
    const total = sums[GRID - 1] as number;
    const start = this.table.openStart - (this.table.now - GRID);
    const kept = start < 0 ? exp(total) : 0;
    for (let i = 0; i < sigma.length; i++) sigma[i] = kept === 0 ? 0 : kept * (numbers[summary + i] as number);
    // Four tokens a pass over Sigma, counted back from the chunk's end; rows before the slot's start weigh 0.
    const begin = Math.max(0, start);
    for (let s = begin & ~3; s < GRID; s += 4) {
      const [w0, w1, w2, w3] = [0, 1, 2, 3].map((step) => (s + step < begin ? 0 : exp(total - (sums[s + step] as number)))) as [
        number,
        number,
        number,
        number,
      ];
      for (let i = 0; i < keyWidth; i++) {
        const k0 = w0 * (keys[s * keyWidth + i] as number);
        const k1 = w1 * (keys[(s + 1) * keyWidth + i] as number);
        const k2 = w2 * (keys[(s + 2) * keyWidth + i] as number);
        const k3 = w3 * (keys[(s + 3) * keyWidth + i] as number);
        for (let j = 0, at = s * width; j < width; j++, at++) {
          const cell = i * width + j;
          const added =
            k0 * (values[at] as number) +
            k1 * (values[at + width] as number) +
            k2 * (values[at + 2 * width] as number) +
            k3 * (values[at + 3 * width] as number);
          sigma[cell] = (sigma[cell] as number) + added;
        }
      }
    }
    numbers.set(sigma, summary);
  }
}

function copyRow(from: Float32Array, start: number, to: Float32Array, at: number, width: number): void {
  for (let i = 0; i < width; i++) to[at + i] = from[start + i] as number;
}

/** Four running sums, so that additions overlap; the order is fixed. */
function dot(x: Float32Array, a: number, y: Float32Array, b: number, width: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 4 <= width; i += 4) {
    s0 += (x[a + i] as number) * (y[b + i] as number);
    s1 += (x[a + i + 1] as number) * (y[b + i + 1] as number);
    s2 += (x[a + i + 2] as number) * (y[b + i + 2] as number);
    s3 += (x[a + i + 3] as number) * (y[b + i + 3] as number);
  }
  for (; i < width; i++) s0 += (x[a + i] as number) * (y[b + i] as number);
  return s0 + s1 + (s2 + s3);
}
