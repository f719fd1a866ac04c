import { DlaError, formatShape, type ReduceAttributes, type ReduceKind, sizeOf, stridesOf } from '@dla/core';
import type { Binding, GpuCapabilities, GpuKernel, Launch } from '../../runtime/kernel.js';
import {
  at,
  itemsGrid,
  kernel,
  kernelCode,
  merge,
  mostDimensions,
  read,
  type StridedDimensions,
  scratchRead,
  scratchWrite,
  wgslType,
  words,
  write,
} from '../launching.js';
import source from './reduce.parallel.fwd.wgsl';

type Element = 'f32' | 'i32' | 'u32';

const kinds: readonly ReduceKind[] = ['sum', 'max', 'min'];
const identities: { readonly [K in ReduceKind]: { readonly [E in Element]: number } } = {
  sum: { f32: 0, i32: 0, u32: 0 },
  max: { f32: 0xff800000, i32: 0x80000000, u32: 0 },
  min: { f32: 0x7f800000, i32: 0x7fffffff, u32: 0xffffffff },
};

interface Stage {
  readonly kind: ReduceKind;
  readonly element: Element;
  readonly from: Binding;
  readonly to: Binding;
  readonly kept: StridedDimensions;
  readonly reduced: StridedDimensions;
  readonly outputs: number;
  readonly length: number;
  readonly parts: number;
}

/** An invocation combines at least this many elements; fewer invocations than `busy` leave the adapter idle. */
const shortest = 64;

function partsOf(outputs: number, length: number, { software }: GpuCapabilities): number {
  const busy = software ? 512 : 65_536;
  const each = Math.max(shortest, Math.ceil((outputs * length) / busy));
  return Math.max(1, Math.ceil(length / each));
}

export const reduceKernel: GpuKernel = kernel<ReduceAttributes>(({ inputs, outputs: results, attributes: { kind, axes }, capabilities }) => {
  const { shape, dtype } = at(inputs, 0);
  const strides = stridesOf(shape);
  const pick = (wanted: boolean): StridedDimensions => {
    const chosen = shape.map((_, axis) => axis).filter((axis) => axes.includes(axis) === wanted);
    return merge(
      chosen.map((axis) => shape[axis] as number),
      [chosen.map((axis) => strides[axis] as number)],
    );
  };
  const [kept, reduced] = [pick(false), pick(true)];
  if (Math.max(kept.sizes.length, reduced.sizes.length) > mostDimensions)
    throw new DlaError('device-limit', 'too many dimensions for the WebGPU kernel', {
      where: kind,
      expected: `at most ${mostDimensions}`,
      found: formatShape(shape),
    });
  const element = wgslType(kind, dtype);
  const outputs = sizeOf(at(results, 0).shape);
  const scratch: number[] = [];
  const launches: Launch[] = [];
  let stage = { kept, reduced, length: axes.reduce((product, axis) => product * (shape[axis] as number), 1), from: read(0) };
  for (;;) {
    const parts = partsOf(outputs, stage.length, capabilities);
    const last = parts === 1;
    const target = launches.length % 2;
    if (!last) scratch[target] = Math.max(scratch[target] ?? 4, parts * outputs * 4);
    launches.push(stageLaunch({ ...stage, kind, element, outputs, parts, to: last ? write(0) : scratchWrite(target) }, capabilities));
    if (last) return { form: 'parallel', scratch, launches };
    stage = { ...partDimensions(outputs, parts), length: parts, from: scratchRead(target) };
  }
});

/** `parts` rows of `outputs` partial results. */
function partDimensions(outputs: number, parts: number): { readonly kept: StridedDimensions; readonly reduced: StridedDimensions } {
  return { kept: { sizes: [outputs], strides: [[1]] }, reduced: { sizes: [parts], strides: [[outputs]] } };
}

/** to[i] = sum over p of from[p * outputs + i], f32: the last pass of two-pass sums. */
export function sumPartsLaunch(from: Binding, to: Binding, outputs: number, parts: number, capabilities: GpuCapabilities): Launch {
  return stageLaunch({ ...partDimensions(outputs, parts), kind: 'sum', element: 'f32', from, to, outputs, length: parts, parts: 1 }, capabilities);
}

function stageLaunch({ kind, element, from, to, kept, reduced, outputs, length, parts }: Stage, capabilities: GpuCapabilities): Launch {
  const flat = ({ sizes, strides }: StridedDimensions): number[] =>
    Array.from({ length: mostDimensions }, (_, axis) => [sizes[axis] ?? 1, strides[0]?.[axis] ?? 0, 0, 0]).flat();
  const partsFirst = reduced.strides[0]?.at(-1) === 1 ? 1 : 0;
  return {
    label: `reduce ${kind}`,
    code: kernelCode(source, { Element: element }),
    entryPoint: 'main',
    constants: { kind: kinds.indexOf(kind) },
    bindings: [from, to],
    uniforms: words(
      outputs,
      parts,
      length,
      identities[kind][element],
      kept.sizes.length,
      reduced.sizes.length,
      partsFirst,
      0,
      ...flat(kept),
      ...flat(reduced),
    ),
    workgroups: itemsGrid(outputs * parts, capabilities),
  };
}
