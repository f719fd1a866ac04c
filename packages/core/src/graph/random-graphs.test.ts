import { describe, expect, it } from 'vitest';
import { createCpuDevice } from '../backend/cpu/cpu-device.js';
import { allocate } from '../dtype.js';
import { type CpuValue, defineOp, f32 } from '../op.js';
import { add, maximum, mul, sub } from '../ops/binary/op.js';
import { concat } from '../ops/concat/op.js';
import { sum } from '../ops/reduce/op.js';
import { reshape } from '../ops/reshape/op.js';
import { slice } from '../ops/slice/op.js';
import { transpose } from '../ops/transpose/op.js';
import { sigmoid, tanh } from '../ops/unary/op.js';
import { sizeOf } from '../shape.js';
import { Tensor } from '../tensor.js';
import { expectClose } from '../testing/close.js';
import { randomTensor, seededNumbers } from '../testing/random.js';
import { compile } from './compile.js';
import { reachableNodes } from './node.js';

/** x' = x + y and y' = -y in one op, each in the memory of its input. */
const update = defineOp<Record<string, never>>({
  name: 'test-update',
  infer: (inputs) => inputs.map(({ shape }) => ({ shape, dtype: 'f32' })),
  inPlace: [0, 1],
  reference: ({ inputs, outputs }) => {
    const [x, y, nextX, nextY] = [f32(inputs[0]), f32(inputs[1]), f32(outputs[0]), f32(outputs[1])];
    for (let i = 0; i < x.length; i++) {
      const [a, b] = [x[i] as number, y[i] as number];
      nextX[i] = 0.5 * (a + b);
      nextY[i] = -b;
    }
  },
  gradient: null,
});

/** Every node in memory of its own, by the references alone: no plan. */
function evaluatePlainly(outputs: readonly Tensor[], known: ReadonlyMap<Tensor, CpuValue>): CpuValue[] {
  const values = new Map<Tensor, CpuValue>(known);
  const lookUp = (tensor: Tensor): CpuValue => {
    const { source, shape, dtype } = tensor;
    return values.get(tensor) ?? { shape, dtype, pointer: 0, data: source.kind === 'host' ? source.data : allocate(dtype, 0) };
  };
  for (const node of reachableNodes(outputs, new Set(known.keys()))) {
    const results = node.outputs.map(({ shape, dtype }): CpuValue => ({ shape, dtype, pointer: 0, data: allocate(dtype, sizeOf(shape)) }));
    node.op.reference({ inputs: node.inputs.map(lookUp), outputs: results, attributes: node.attributes });
    node.outputs.forEach((output, index) => {
      values.set(output, results[index] as CpuValue);
    });
  }
  return outputs.map(lookUp);
}

/** A random program over [4, 6] values: views, in-place updates, values used once, often, or never. */
function randomProgram(seed: number): (inputs: readonly Tensor[]) => Tensor[] {
  return (inputs) => {
    const next = seededNumbers(seed);
    const pool = [...inputs];
    const pick = (): Tensor => pool[Math.floor(next() * next() * pool.length)] as Tensor;
    for (let i = 0; i < 30; i++) {
      const [a, b] = [pick(), pick()];
      const made: readonly (() => readonly Tensor[])[] = [
        () => [add(a, b)],
        () => [mul(a, b)],
        () => [sub(a, mul(b, 0.5))],
        () => [maximum(a, b)],
        () => [tanh(a)],
        () => [sigmoid(a)],
        () => [reshape(transpose(reshape(a, [6, 4])), [4, 6])],
        () => [add(a, sum(b, { axes: 0 }))],
        () => [concat([slice(a, [0, 0], [2, 6]), slice(b, [1, 0], [3, 6])], 0)],
        () => update([a, b], {}),
        () => update([a, b], {}),
      ];
      const chosen = made[Math.floor(next() * made.length)] as () => readonly Tensor[];
      // Newest first, so that the skewed pick prefers fresh values.
      pool.unshift(...chosen());
    }
    const results = pool.filter(() => next() < 0.2);
    return results.length === 0 ? [pool[0] as Tensor] : results;
  };
}

describe('random programs', () => {
  const shared = createCpuDevice({ threads: 1, reference: true });

  it.each(Array.from({ length: 40 }, (_, seed) => seed + 1))('seed %d: the plan computes what plain evaluation does', async (seed) => {
    const device = await shared;
    const program = randomProgram(seed);
    const inputs = [1, 2, 3, 4].map((index) => randomTensor({ shape: [4, 6] }, seed * 10 + index));
    const expected = evaluatePlainly(program(inputs), new Map());
    for (const donate of [[], [0, 2], [0, 1, 2, 3]]) {
      const run = compile((...own: readonly Tensor[]) => program(own), { device, donate });
      // Twice, so that the second run starts from used memory.
      for (let trial = 0; trial < 2; trial++) {
        const results = await run(...inputs.map((input) => copyOf(input)));
        for (const [index, result] of results.entries()) {
          expectClose(await result.data(), (expected[index] as CpuValue).data, { relative: 0, absolute: 0 }, `result ${index}, donated [${donate}]`);
          result.dispose();
        }
      }
      const [summary] = run.summary();
      expect(summary?.scratchBytes).toBeGreaterThanOrEqual(summary?.livenessBytes ?? 0);
      run.dispose();
    }
    expect(device.stats().liveBytes).toBe(0);
  });
});

/** A host tensor of its own with the same elements: a donated one is used up. */
function copyOf(input: Tensor): Tensor {
  if (input.source.kind !== 'host') throw new Error('expected a host tensor');
  return new Tensor(input.shape, input.dtype, { kind: 'host', data: input.source.data.slice() });
}
