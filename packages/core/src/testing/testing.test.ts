import { describe, expect, it } from 'vitest';
import { createCpuDevice } from '../backend/cpu/cpu-device.js';
import { type DefinedOp, defineOp } from '../op.js';
import { mul } from '../ops/binary/op.js';
import type { Tensor } from '../tensor.js';
import { coreOpCases, expectClose, hostTensor, type OpCase, randomArray, randomTensor, runOn, runOpCase, runOpCases } from './index.js';

const exact = { relative: 0, absolute: 0 };

describe('expectClose', () => {
  it('names the worst element', () => {
    expect(() => expectClose([1, 2.5, 3.1], [1, 2, 3], { relative: 0, absolute: 0.01 }, 'y')).toThrow(
      'y: 2 of 3 elements differ; the worst at index 1: 2.5, expected 2, error 0.5, allowed 0.01',
    );
    expect(() => expectClose([1], [1, 2], exact)).toThrow('values: 1 elements, expected 2');
  });

  it('knows NaN and infinities', () => {
    expectClose([Number.NaN, Infinity], [Number.NaN, Infinity], exact);
    expect(() => expectClose([Number.NaN], [1], { relative: 1, absolute: 1 })).toThrow('the worst at index 0: NaN');
    expect(() => expectClose([Infinity], [-Infinity], { relative: 1, absolute: 1 })).toThrow('error Infinity');
    expectClose([0], [-0], exact);
    expectClose([1.1], [1], { relative: 0.11, absolute: 0 });
  });
});

describe('random tensors', () => {
  it('depend on the seed alone, and stay in range', () => {
    const spec = { shape: [1000], low: 3, high: 4 };
    expect(randomArray(spec, 1)).toEqual(randomArray(spec, 1));
    expect(randomArray(spec, 1)).not.toEqual(randomArray(spec, 2));
    expect(Math.min(...randomArray(spec, 1))).toBeGreaterThanOrEqual(3);
    expect(Math.max(...randomArray(spec, 1))).toBeLessThanOrEqual(4);
    expect(new Set(randomArray({ shape: [100], dtype: 'bool' }, 1))).toEqual(new Set([0, 1]));
  });
});

describe('running cases', () => {
  it('shows an element that no kernel writes', async () => {
    const lazy = defineOp<Record<string, never>>({
      name: 'test-lazy',
      infer: () => [{ shape: [3], dtype: 'f32' }],
      reference: ({ outputs }) => outputs[0]?.data.set([1, 2, 3]),
      fast: ({ outputs }) => outputs[0]?.data.set([1, 2]),
      gradient: null,
    });
    const opCase: OpCase = { name: 'lazy', seed: 1, inputs: [], run: () => lazy([], {}), forward: exact, gradient: null };
    await expect(runOpCase(await createCpuDevice({ threads: 1 }), opCase)).rejects.toThrow(
      'lazy, output 0: 1 of 3 elements differ; the worst at index 2: NaN, expected 3',
    );
  });

  it('shows a fast form with a wrong gradient', async () => {
    const scaled: DefinedOp<{ readonly factor: number }> = defineOp<{ readonly factor: number }>({
      name: 'test-scaled',
      infer: ([x]) => [{ shape: x?.shape ?? [], dtype: 'f32' }],
      reference: ({ inputs, outputs, attributes }) => outputs[0]?.data.set(inputs[0]?.data.map((value) => value * attributes.factor) ?? []),
      fast: ({ inputs, outputs, attributes }) =>
        outputs[0]?.data.set(inputs[0]?.data.map((value) => value * (attributes.factor === 2 ? 2 : 3)) ?? []),
      gradient: ({ cotangents }) => scaled([cotangents[0] as Tensor], { factor: 2.5 }),
    });
    const opCase: OpCase = {
      name: 'scaled',
      seed: 1,
      inputs: [{ shape: [5] }],
      run: ([x]) => scaled([x as Tensor], { factor: 2 }),
      forward: { relative: 1e-6, absolute: 0 },
      gradient: { relative: 1e-6, absolute: 0 },
    };
    await expect(runOpCases(await createCpuDevice({ threads: 1 }), [opCase])).rejects.toThrow(
      'scaled, gradient of f32 input 0: 5 of 5 elements differ',
    );
  });

  it('gives back all memory', async () => {
    const device = await createCpuDevice({ threads: 1 });
    const [value] = await runOn(device, ([x]) => [mul(x as Tensor, 2)], [randomTensor({ shape: [4] }, 1)]);
    expect(value?.shape).toEqual([4]);
    expect(device.stats().liveBytes).toBe(0);
    expect(await hostTensor(value as NonNullable<typeof value>).data()).toEqual(value?.data);
  });

  it('knows cases of every op', () => {
    expect(Object.keys(coreOpCases).length).toBeGreaterThanOrEqual(27);
    for (const cases of Object.values(coreOpCases)) expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });
});
