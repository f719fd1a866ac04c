import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DType, TypedArray } from '../../dtype.js';
import type { Operand, Step } from '../../graph/plan.js';
import type { Attributes, CpuValue, DefinedOp, TensorSpec } from '../../op.js';
import { binaryOp } from '../../ops/binary/op.js';
import { causalConv1dGradOp, causalConv1dOp } from '../../ops/causal-conv1d/op.js';
import { concatOp } from '../../ops/concat/op.js';
import { crossEntropyGradOp, crossEntropyOp } from '../../ops/cross-entropy/op.js';
import { gatedRmsNormGradOp, gatedRmsNormOp } from '../../ops/gated-rms-norm/op.js';
import { padOp } from '../../ops/pad/op.js';
import { reduceOp } from '../../ops/reduce/op.js';
import { rmsNormGradOp, rmsNormOp } from '../../ops/rms-norm/op.js';
import { sliceOp } from '../../ops/slice/op.js';
import { softmaxOp } from '../../ops/softmax/op.js';
import { type Shape, sizeOf } from '../../shape.js';
import { createWasmRuntime, type WasmRuntime } from './wasm/runtime.js';
import { wasmForms } from './wasm-forms.js';

let runtimes: readonly WasmRuntime[];
beforeAll(async () => {
  runtimes = await Promise.all([1, 2].map((threads) => createWasmRuntime({ threads })));
});
afterAll(() => {
  for (const runtime of runtimes) runtime.dispose();
});

interface Input {
  readonly shape: Shape;
  readonly dtype?: DType;
  /** Element i; by default a number in (-3, 3) that no other i has. */
  readonly fill?: (index: number) => number;
}

const guard = 16;

/** A value in the runtime's memory with guard cells on both sides, full of NaN or, for integers, of a strange number. */
function place(runtime: WasmRuntime, { shape, dtype }: TensorSpec): { value: CpuValue; intact: () => boolean; free: () => void } {
  const length = sizeOf(shape);
  const start = runtime.allocate(4 * (length + 2 * guard));
  const all = runtime.view(dtype, start, length + 2 * guard);
  all.fill(dtype === 'f32' ? 12345 : 54321);
  const pointer = start + 4 * guard;
  const data = runtime.view(dtype, pointer, length);
  if (dtype === 'f32') data.fill(Number.NaN);
  const edge = dtype === 'f32' ? 12345 : 54321;
  return {
    value: { shape, dtype, pointer, data },
    intact: () => [...all.subarray(0, guard), ...all.subarray(length + guard)].every((cell) => cell === edge),
    free: () => runtime.free(start),
  };
}

function specOf({ shape, dtype = 'f32' }: Input): TensorSpec {
  return { shape, dtype };
}

function inputData({ shape, dtype = 'f32', fill }: Input, seed: number): TypedArray {
  const element = fill ?? ((index: number): number => 3 * Math.sin(index * 12.9898 + seed));
  const values = Array.from({ length: sizeOf(shape) }, (_, index) => element(index));
  return dtype === 'f32' ? Float32Array.from(values) : Int32Array.from(values);
}

/** Runs the WASM form on one and on two threads and the reference; returns the outputs of form and reference. */
function compare<A extends Attributes>(op: DefinedOp<A>, inputs: readonly Input[], attributes: A): { found: TypedArray[]; expected: TypedArray[] } {
  const { definition } = op;
  const specs = inputs.map(specOf);
  const outputs = definition.infer(specs, attributes);
  const data = inputs.map((input, index) => inputData(input, index + 1));
  const operands = (list: readonly TensorSpec[]): Operand[] => list.map((spec) => ({ ...spec, place: { kind: 'scratch', index: 0 } }));
  const step: Step = { op: definition, attributes, inputs: operands(specs), outputs: operands(outputs) };
  const results = runtimes.map((runtime) => {
    const from = specs.map((spec) => place(runtime, spec));
    const to = outputs.map((spec) => place(runtime, spec));
    from.forEach(({ value }, index) => {
      value.data.set(data[index] as TypedArray);
    });
    const form = wasmForms[definition.name]?.(runtime, step);
    if (form === null || form === undefined) throw new Error(`${definition.name} has no WASM form here`);
    form({ inputs: from.map(({ value }) => value), outputs: to.map(({ value }) => value), attributes });
    from.forEach(({ value }, index) => {
      expect(Buffer.compare(bytesOf(value.data), bytesOf(data[index] as TypedArray))).toBe(0);
    });
    expect([...from, ...to].every(({ intact }) => intact())).toBe(true);
    const found = to.map(({ value }) => Reflect.construct(value.data.constructor, [value.data]) as TypedArray);
    for (const { free } of [...from, ...to]) free();
    return found;
  });
  const [one, two] = results as [TypedArray[], TypedArray[]];
  one.forEach((array, index) => {
    expect(Buffer.compare(bytesOf(array), bytesOf(two[index] as TypedArray))).toBe(0);
  });
  const expected = outputs.map(({ shape, dtype }) => (dtype === 'f32' ? new Float32Array(sizeOf(shape)) : new Int32Array(sizeOf(shape))));
  const plain = (spec: TensorSpec, array: TypedArray): CpuValue => ({ ...spec, data: array, pointer: 0 });
  definition.reference({
    inputs: specs.map((spec, index) => plain(spec, data[index] as TypedArray)),
    outputs: outputs.map((spec, index) => plain(spec, expected[index] as TypedArray)),
    attributes,
  });
  return { found: one, expected };
}

function bytesOf(array: TypedArray): Uint8Array {
  return Uint8Array.from(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
}

/** The largest error in units of `relative` of the reference plus `absolute`, at most 1 to pass. */
function expectWithin({ found, expected }: { found: TypedArray[]; expected: TypedArray[] }, relative: number, absolute: number): void {
  expected.forEach((array, output) => {
    let [worst, where] = [0, 0];
    array.forEach((value, index) => {
      const error = Math.abs((found[output]?.[index] as number) - value) / (relative * Math.abs(value) + absolute);
      if (!(error <= worst)) [worst, where] = [error, index];
    });
    expect(worst <= 1 ? '' : `output ${output}, element ${where}: ${found[output]?.[where]}, expected ${array[where]}`).toBe('');
  });
}

const rows: readonly (readonly [number, number])[] = [
  [1, 1],
  [1, 63],
  [3, 2],
  [63, 100],
  [100, 257],
  [1024, 128],
  [3, 20_001],
];

describe('norms', () => {
  it.each(rows)('rms-norm [%i, %i] and its gradient', (count, width) => {
    const [x, weight] = [{ shape: [count, width] }, { shape: [width] }];
    expectWithin(compare(rmsNormOp, [x, weight], { epsilon: 1e-5 }), 1e-6, 1e-6);
    expectWithin(compare(rmsNormGradOp, [x, weight, x], { epsilon: 1e-5 }), 1e-5, 1e-4);
  });

  it.each(rows)('gated-rms-norm [%i, %i] and its gradient', (count, width) => {
    const [x, weight] = [{ shape: [count, width] }, { shape: [width] }];
    expectWithin(compare(gatedRmsNormOp, [x, x, weight], { epsilon: 1e-5 }), 2e-6, 1e-6);
    expectWithin(compare(gatedRmsNormGradOp, [x, x, weight, x], { epsilon: 1e-5 }), 1e-5, 1e-4);
  });
});

describe('softmax and cross-entropy', () => {
  it.each(rows)('[%i, %i]', (count, width) => {
    const logits = { shape: [count, width], fill: (index: number): number => 20 * Math.sin(index * 12.9898) };
    const targets = { shape: [count], dtype: 'i32' as const, fill: (index: number): number => ((index * 7) % (width + 1)) - 1 };
    expectWithin(compare(softmaxOp, [logits], {}), 3e-6, 1e-30);
    expectWithin(compare(crossEntropyOp, [logits, targets], {}), 1e-6, 2e-6);
    const total = { shape: [count], fill: (): number => 21 };
    expectWithin(compare(crossEntropyGradOp, [logits, targets, total, { shape: [count] }], {}), 3e-6, 1e-30);
  });

  it('keeps infinities and NaN apart', () => {
    const rowOf = [1, Number.NEGATIVE_INFINITY, 2, 3, 0];
    const bad = [1, Number.NaN, 2, 3, 0];
    const { found, expected } = compare(softmaxOp, [{ shape: [2, 5], fill: (index) => [...rowOf, ...bad][index] as number }], {});
    expectWithin({ found: [(found[0] as Float32Array).slice(0, 5)], expected: [(expected[0] as Float32Array).slice(0, 5)] }, 1e-6, 0);
    expect((found[0] as Float32Array).slice(5).every(Number.isNaN)).toBe(true);
  });
});

describe('causal-conv1d', () => {
  it.each([
    [1, 1, 1, 4],
    [2, 1, 5, 4],
    [1, 2, 3, 4],
    [2, 63, 100, 4],
    [3, 17, 257, 4],
    [2, 33, 63, 1],
    [2, 33, 63, 2],
    [2, 4, 63, 7],
    [2, 65, 130, 5],
    [40, 18, 30, 4],
    [4, 128, 320, 4],
  ])('[%i, %i, %i] width %i and its gradient', (batch, time, channels, width) => {
    const x = { shape: [batch, time, channels] };
    const weight = { shape: [channels, width] };
    const state = { shape: [batch, width - 1, channels] };
    expectWithin(compare(causalConv1dOp, [x, weight, { shape: [channels] }, state], {}), 1e-6, 1e-5);
    expectWithin(compare(causalConv1dGradOp, [x, weight, state, x], {}), 2e-6, 2e-5 * Math.sqrt(batch * time));
  });
});

describe('moves have the bits of the reference', () => {
  it.each([
    [
      [63, 100],
      [3, 5],
      [60, 99],
    ],
    [
      [63, 100],
      [0, 0],
      [63, 1],
    ],
    [
      [4, 1024, 100],
      [0, 0, 32],
      [4, 1024, 96],
    ],
    [
      [3, 257, 4, 5],
      [1, 2, 1, 0],
      [3, 200, 3, 5],
    ],
    [
      [5, 7, 3, 2],
      [1, 2, 1, 1],
      [4, 6, 3, 2],
    ],
  ])('slice %j from %j to %j', (shape, start, end) => {
    const { found, expected } = compare(sliceOp, [{ shape }], { start, end });
    expect(found).toEqual(expected);
  });

  it.each([
    [[3], [2], [0]],
    [
      [63, 100],
      [0, 5],
      [0, 7],
    ],
    [
      [63, 100],
      [2, 0],
      [1, 0],
    ],
    [
      [1024, 130],
      [0, 70],
      [0, 0],
    ],
    [
      [8, 3, 5],
      [0, 0, 0],
      [0, 4, 0],
    ],
  ])('pad %j by %j and %j', (shape, before, after) => {
    const { found, expected } = compare(padOp, [{ shape }], { before, after, value: -1.5 });
    expect(found).toEqual(expected);
  });

  it.each([
    [[[3], [1], [4]], 0],
    [
      [
        [63, 100],
        [63, 1],
        [63, 33],
      ],
      1,
    ],
    [
      [
        [2, 3, 5],
        [2, 0, 5],
        [2, 70, 5],
      ],
      1,
    ],
    [
      [
        [1000, 200],
        [1000, 57],
      ],
      1,
    ],
  ])('concat %j along %i', (shapes, axis) => {
    const { found, expected } = compare(
      concatOp,
      shapes.map((shape) => ({ shape })),
      { axis },
    );
    expect(found).toEqual(expected);
  });
});

describe('broadcasts that training uses', () => {
  it.each([
    [
      [2, 63, 4, 33],
      [4, 1],
    ],
    [
      [2, 63, 4, 33],
      [4, 33],
    ],
    [
      [2, 63, 4, 33],
      [2, 63, 4, 1],
    ],
    [
      [8, 128, 4, 64],
      [4, 1],
    ],
    [
      [3, 5, 7],
      [1, 5, 1],
    ],
    [[3, 257], [257]],
    [
      [2, 3, 2, 100, 3],
      [3, 1, 100, 1],
    ],
    [[100, 257], []],
  ])('%j * %j has the bits of the reference, either way round', (left, right) => {
    for (const inputs of [
      [left, right],
      [right, left],
    ]) {
      const { found, expected } = compare(
        binaryOp,
        inputs.map((shape) => ({ shape })),
        { kind: 'sub' },
      );
      expect(found).toEqual(expected);
    }
  });

  it.each([
    [
      [8, 128, 4, 64],
      [0, 1, 3],
    ],
    [
      [3, 5, 7],
      [0, 2],
    ],
    [
      [100, 1, 257],
      [0, 2],
    ],
  ])('sums of %j along %j', (shape, axes) => {
    const length = shape.reduce((product, size) => product * size, 1);
    expectWithin(compare(reduceOp, [{ shape }], { kind: 'sum', axes, keepDims: false }), 1e-6, 1e-7 * length);
  });
});
