import type { OpCase } from '../../testing/op-case.js';
import { adamwOp } from './op.js';

const attributes = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };

/** Usual controls, and a step that is skipped. */
const controls: readonly (readonly [string, readonly number[]])[] = [
  ['step 3', [1e-2, 1 / (1 - 0.9 ** 3), 1 / (1 - 0.95 ** 3), 0.5, 0, 0, 0, 0]],
  ['infinite gradient', [1e-2, 1, 1, Number.POSITIVE_INFINITY, 0, 0, 0, 0]],
  ['NaN gradient', [1e-2, 1, 1, Number.NaN, 0, 0, 0, 0]],
];

export const adamwCases: readonly OpCase[] = ([[], [63], [100, 257]] as const).flatMap((shape: readonly number[]) =>
  controls.map(([what, values]) => ({
    name: `adamw [${shape}] ${what}`,
    seed: 1,
    inputs: [{ shape }, { shape, low: -0.1, high: 0.1 }, { shape, low: 0, high: 0.1 }, { shape }, { shape: [8], values }],
    run: (inputs) => adamwOp(inputs, attributes),
    forward: { relative: 1e-5, absolute: 1e-6 },
    gradient: null,
  })),
);
