import { type CpuCall, type CpuValue, f32, i32, u32 } from '@dla/core';
import { SlotTable } from './slot-table.js';
import { HELD, NO_DECISION, NO_MERGE, type SegmentAttributes, type SegmentLayout, segmentLayout } from './state.js';

/** Where one head of one batch element reads and writes. */
export interface Lane {
  readonly batch: number;
  readonly head: number;
  readonly group: number;
}

/** The decision part, common to both policies: opening, merging, the log. */
export class Decider {
  protected readonly time: number;
  protected readonly heads: number;
  protected readonly layout: SegmentLayout;
  protected readonly table: SlotTable;
  protected readonly numbers: Float32Array;
  protected readonly counters: Int32Array;
  readonly #score: Float32Array;
  readonly #opened: Uint32Array;
  readonly #mergedAt: Int32Array;
  readonly #death: Int32Array;
  readonly #gap: Float32Array;

  constructor({ inputs, outputs, attributes }: CpuCall<SegmentAttributes>) {
    const [k, v] = inputs as [CpuValue, CpuValue];
    this.time = k.shape[1] as number;
    this.heads = v.shape[2] as number;
    this.layout = segmentLayout(attributes, k.shape[3] as number, v.shape[3] as number);
    this.#score = f32(outputs[0]);
    this.#opened = u32(outputs[1]);
    this.#mergedAt = i32(outputs[2]);
    this.#death = i32(outputs[3]);
    this.#gap = f32(outputs[4]);
    this.numbers = f32(outputs[7]);
    this.counters = i32(outputs[8]);
    this.table = new SlotTable(this.numbers, this.counters, this.layout, attributes);
  }

  protected attach({ batch, head }: Lane): void {
    const row = batch * this.heads + head;
    this.table.attach(row * this.layout.numbersWidth, row * this.layout.countersWidth);
  }

  /** Let token t join (`wants` false) or open; `gap` is the distance of that wish to the other one. */
  protected decide({ batch, head }: Lane, t: number, score: number, wants: boolean, gap: number): boolean {
    const at = (batch * this.time + t) * this.heads + head;
    const { table } = this;
    let mergedAt = NO_MERGE;
    let opens = wants;
    let smallest = gap;
    if (wants && table.full) {
      mergedAt = table.leastPair();
      if (mergedAt < 0) {
        mergedAt = HELD;
        opens = false;
      } else {
        smallest = Math.min(smallest, table.pairGap);
        const boundary = table.merge(mergedAt) - (table.now - t);
        if (boundary >= 0) this.#death[(batch * this.time + boundary) * this.heads + head] = t;
      }
    }
    if (opens) table.open(score);
    else table.join(score);
    table.tick();
    this.#score[at] = score;
    this.#opened[at] = opens ? 1 : 0;
    this.#mergedAt[at] = mergedAt;
    this.#gap[at] = smallest;
    return opens;
  }
}

/** A slot every `blockLength` tokens; the oldest two merge at capacity. */
export class FixedBlocks extends Decider {
  readonly #blockLength: number;

  constructor(call: CpuCall<SegmentAttributes>) {
    super(call);
    this.#blockLength = call.attributes.blockLength;
  }

  run(lane: Lane): void {
    this.attach(lane);
    for (let t = 0; t < this.time; t++) this.decide(lane, t, 0, this.table.now % this.#blockLength === 0, NO_DECISION);
  }

  finish(): void {}
}
