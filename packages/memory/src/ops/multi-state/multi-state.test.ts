import { createCpuDevice, DlaError, tensor } from '@dla/core';
import { checkOpCaseGradient, runOpCase } from '@dla/core/testing';
import { describe, expect, it } from 'vitest';
import { DLA, runSegment } from '../../../test/policies.js';
import { randomStream } from '../../../test/random.js';
import { f32Value, runOp, worstError } from '../../../test/run.js';
import { multiStateCases } from './cases.js';
import { fenwickLevel } from './contract.js';
import { multiState, multiStateOp } from './op.js';

const device = createCpuDevice({ threads: 2 });

describe('multi-state', () => {
  it.each(multiStateCases)('$name: the WASM form equals the reference, forward and backward', async (opCase) => {
    await runOpCase(await device, opCase);
  });

  it.each(multiStateCases.filter(({ differences }) => differences !== false))('$name: gradient equals differences', async (opCase) => {
    await checkOpCaseGradient(opCase);
  });

  it('lambda = 1 with any slots is the plain backbone (contract 3)', () => {
    const sizes = { batch: 1, time: 150, groups: 1, heads: 2, keyWidth: 6, valueWidth: 5, slots: 7 };
    const { q, k, v, g, lambda } = randomStream(5, sizes);
    const ones = f32Value(lambda.shape, new Float32Array(lambda.data.length).fill(1));
    const { opened, death } = runSegment(k, v, g, { ...DLA, capacity: 7 });
    const plain = runOp(multiStateOp, [q, k, v, g], { slots: 'single', backbone: 'mamba2' })[0]?.data ?? [];
    const age = runOp(multiStateOp, [q, k, v, g, ones, opened, death], { slots: 'age', backbone: 'mamba2' })[0]?.data ?? [];
    const fenwick = runOp(multiStateOp, [q, k, v, g, ones], { slots: 'fenwick', backbone: 'mamba2' })[0]?.data ?? [];
    expect(worstError(age, plain)).toBeLessThan(1e-6);
    expect(worstError(fenwick, plain)).toBeLessThan(1e-6);
  });

  it('one slot (capacity 1, or tau > 2) with lambda of the open slot is the weighted backbone (contract 3)', () => {
    const sizes = { batch: 1, time: 90, groups: 1, heads: 2, keyWidth: 6, valueWidth: 5, slots: 4 };
    const { q, k, v, g, lambda } = randomStream(6, sizes);
    const first = f32Value(
      [1, 90, 2, 1],
      Array.from({ length: 180 }, (_, i) => lambda.data[i * 4] as number),
    );
    const single = runOp(multiStateOp, [q, k, v, g, first], { slots: 'single', backbone: 'mamba2' })[0]?.data ?? [];
    const never = runSegment(k, v, g, { ...DLA, capacity: 4, tau: 2.1 });
    expect(Array.from(never.opened.data).reduce((a, b) => a + b, 0)).toBe(2);
    expect(
      worstError(runOp(multiStateOp, [q, k, v, g, lambda, never.opened, never.death], { slots: 'age', backbone: 'mamba2' })[0]?.data ?? [], single),
    ).toBe(0);
    const held = runSegment(k, v, g, { ...DLA, capacity: 1 });
    expect(held.mergedAt.data).toContain(-2);
    expect(
      worstError(runOp(multiStateOp, [q, k, v, g, first, held.opened, held.death], { slots: 'age', backbone: 'mamba2' })[0]?.data ?? [], single),
    ).toBe(0);
  });

  it('counts Fenwick levels from the token itself', () => {
    expect([0, 1, 2, 3, 4, 5, 6].map((s) => fenwickLevel(6, s))).toEqual([3, 3, 3, 3, 2, 2, 0]);
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((s) => fenwickLevel(7, s))).toEqual([3, 3, 3, 3, 2, 2, 1, 0]);
  });

  it('says what is wrong with its inputs', () => {
    const f = (...shape: number[]) => tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), { shape });
    const attributes = { slots: 'age', backbone: 'mamba2' } as const;
    expect(() => multiState([f(1, 2, 1, 3), f(1, 2, 1, 3), f(1, 2, 2, 4), f(1, 2, 2)], attributes)).toThrow(
      'multi-state: wrong number of inputs; expected 7 (q, k, v, g, lambda, opened, death); found 4',
    );
    expect(() => multiState([f(1, 2, 1, 3), f(1, 2, 1, 3), f(1, 2, 2, 4), f(1, 3, 2)], { slots: 'single', backbone: 'mamba2' })).toThrow(
      'multi-state: input g is wrong; expected f32 [1, 2, 2]; found f32 [1, 3, 2]',
    );
    expect(() => multiState([f(1, 2, 2, 3), f(1, 2, 2, 3), f(1, 2, 3, 4), f(1, 2, 3)], { slots: 'single', backbone: 'mamba2' })).toThrow(DlaError);
  });
});
