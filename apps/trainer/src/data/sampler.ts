import { DlaError } from '@dla/core';

/** One batch of next-token prediction; row b holds tokens [start, start + T) as inputs and [start + 1, start + T + 1) as targets. */
export interface TokenBatch {
  /** i32 [B * T] */
  readonly inputs: Int32Array;
  /** i32 [B * T] */
  readonly targets: Int32Array;
}

/** Where a sampler stands: `position` windows of epoch `epoch` are used. Plain JSON. */
export interface DataCursor {
  readonly epoch: number;
  readonly position: number;
}

/** Shuffle `order` in place; the result must depend on `epoch` alone (and a fixed seed). */
export type ShuffleEpoch = (epoch: number, order: Uint32Array) => void;

export interface BatchSampler {
  readonly windows: number;
  nextBatch(): TokenBatch;
  /** What the next batch depends on, besides text, sizes and shuffle. */
  cursor(): DataCursor;
  /** Go on exactly where `cursor()` was taken. @throws DlaError `format` for a cursor of another run. */
  restore(cursor: DataCursor): void;
}

/**
 * Batches of windows of `context` tokens, side by side over the text; every window of an epoch is visited once, in that
 * epoch's shuffled order, and a batch may span two epochs.
 *
 * @throws DlaError `format` when the text is shorter than one window of `context` + 1 tokens.
 */
export function createSampler(text: Uint8Array, sizes: { readonly batch: number; readonly context: number }, shuffle: ShuffleEpoch): BatchSampler {
  const { batch, context } = sizes;
  const windows = windowCount(text, context, 'training text');
  const order = new Uint32Array(windows);
  let orderOf = -1;
  let epoch = 0;
  let position = 0;
  const nextWindow = (): number => {
    if (position === windows) {
      position = 0;
      epoch++;
    }
    if (orderOf !== epoch) {
      for (let index = 0; index < windows; index++) order[index] = index;
      shuffle(epoch, order);
      orderOf = epoch;
    }
    return order[position++] as number;
  };
  return {
    windows,
    nextBatch: () => batchOf(text, Array.from({ length: batch }, nextWindow), context),
    cursor: () => ({ epoch, position }),
    restore: (cursor) => {
      const valid =
        Number.isSafeInteger(cursor.epoch) &&
        cursor.epoch >= 0 &&
        Number.isSafeInteger(cursor.position) &&
        cursor.position >= 0 &&
        cursor.position <= windows;
      if (!valid)
        throw new DlaError('format', 'does not fit the text', {
          where: 'data cursor',
          expected: `epoch >= 0, position 0 to ${windows}`,
          found: `epoch ${cursor.epoch}, position ${cursor.position}`,
        });
      epoch = cursor.epoch;
      position = cursor.position;
    },
  };
}

/**
 * `batches` fixed batches of held-out windows, spread evenly over the text; windows repeat only where the text has fewer.
 *
 * @throws DlaError `format` when the text is shorter than one window.
 */
export function validationBatches(
  text: Uint8Array,
  sizes: { readonly batch: number; readonly context: number; readonly batches: number },
): TokenBatch[] {
  const { batch, context, batches } = sizes;
  const windows = windowCount(text, context, 'validation text');
  const wanted = batch * batches;
  const windowAt = (index: number): number => (wanted <= windows ? Math.floor((index * windows) / wanted) : index % windows);
  return Array.from({ length: batches }, (_, row) =>
    batchOf(
      text,
      Array.from({ length: batch }, (_unused, column) => windowAt(row * batch + column)),
      context,
    ),
  );
}

function windowCount(text: Uint8Array, context: number, where: string): number {
  const windows = Math.floor((text.length - 1) / context);
  if (windows < 1)
    throw new DlaError('format', 'shorter than one window', {
      where,
      expected: `at least ${context + 1} bytes (train.context + 1)`,
      found: String(text.length),
    });
  return windows;
}

function batchOf(text: Uint8Array, windows: readonly number[], context: number): TokenBatch {
  const inputs = new Int32Array(windows.length * context);
  const targets = new Int32Array(windows.length * context);
  windows.forEach((window, row) => {
    const start = window * context;
    inputs.set(text.subarray(start, start + context), row * context);
    targets.set(text.subarray(start + 1, start + context + 1), row * context);
  });
  return { inputs, targets };
}
