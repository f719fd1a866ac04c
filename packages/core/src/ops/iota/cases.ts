import type { OpCase } from '../../testing/op-case.js';
import { iotaOp } from './op.js';

export const iotaCases: readonly OpCase[] = (
  [
    [[1], 0, 'i32'],
    [[63, 5], 0, 'i32'],
    [[63, 5], 1, 'u32'],
    [[3, 100, 7], 1, 'f32'],
    [[257], 0, 'f32'],
  ] as const
).map(([shape, axis, dtype]) => ({
  name: `iota ${dtype} [${shape}] along ${axis}`,
  seed: 1,
  inputs: [],
  run: () => iotaOp([], { shape, axis, dtype }),
  forward: { relative: 0, absolute: 0 },
  gradient: null,
}));
