import type { Tensor } from '../../tensor.js';
import type { OpCase } from '../../testing/op-case.js';
import type { RandomSpec } from '../../testing/random.js';
import { type UnaryKind, unaryKinds, unaryOp } from './op.js';

/** Arguments where the function is defined and not steep. */
const ranges: { readonly [K in UnaryKind]?: readonly [number, number] } = {
  log: [0.2, 4],
  sqrt: [0.2, 4],
  rsqrt: [0.2, 4],
  reciprocal: [0.3, 3],
  exp: [-8, 4],
  sigmoid: [-12, 12],
  tanh: [-6, 6],
  silu: [-12, 12],
  softplus: [-20, 20],
  sin: [-3, 3],
  cos: [-3, 3],
};

const shapes: readonly (readonly number[])[] = [[], [1], [63], [100, 257], [3, 1, 5], [0, 4]];

function argument(kind: UnaryKind, shape: readonly number[]): RandomSpec {
  const [low, high] = ranges[kind] ?? [-2, 2];
  return { shape, low, high };
}

export const unaryCases: readonly OpCase[] = unaryKinds.flatMap((kind, seed) =>
  shapes.map((shape) => ({
    name: `${kind} [${shape}]`,
    seed: seed + 1,
    inputs: [argument(kind, shape)],
    run: ([x]: readonly Tensor[]) => unaryOp([x as Tensor], { kind }),
    // WGSL's exp, tanh, sin and cos are only this close.
    forward: { relative: 2e-5, absolute: 2e-5 },
    gradient: { relative: 2e-4, absolute: 1e-4 },
    differences: kind === 'abs' || kind === 'relu' ? { step: 1 / 2048, tolerance: 3e-2 } : {},
  })),
);
