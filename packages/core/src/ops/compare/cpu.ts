import { type CpuCall, type CpuValue, u32 } from '../../op.js';
import { broadcastStrides, stridesOf } from '../../shape.js';
import { collapse, forEachRow } from '../strided.js';
import type { CompareAttributes, CompareKind } from './op.js';

const functions: { readonly [K in CompareKind]: (a: number, b: number) => boolean } = {
  equal: (a, b) => a === b,
  notEqual: (a, b) => a !== b,
  less: (a, b) => a < b,
  lessEqual: (a, b) => a <= b,
  greater: (a, b) => a > b,
  greaterEqual: (a, b) => a >= b,
};

export function compareReference({ inputs, outputs, attributes }: CpuCall<CompareAttributes>): void {
  const [a, b] = inputs as readonly [CpuValue, CpuValue];
  const y = outputs[0] as CpuValue;
  const out = u32(y);
  const holds = functions[attributes.kind];
  const loops = collapse(y.shape, [stridesOf(y.shape), broadcastStrides(a.shape, y.shape), broadcastStrides(b.shape, y.shape)]);
  const length = loops.shape.at(-1) as number;
  const [, stepA, stepB] = loops.strides.map((own) => own.at(-1) as number) as [number, number, number];
  forEachRow(loops, ([at, fromA, fromB]) => {
    for (let i = 0; i < length; i++)
      out[(at as number) + i] = holds(a.data[(fromA as number) + i * stepA] as number, b.data[(fromB as number) + i * stepB] as number) ? 1 : 0;
  });
}
