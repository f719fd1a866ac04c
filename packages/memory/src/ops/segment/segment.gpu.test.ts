import { compile, createCpuDevice, type Device, fill, slice, type Tensor } from '@dla/core';
import { expectClose } from '@dla/core/testing';
import { createWebGpuDevice, type WebGpuDevice } from '@dla/kernels';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryInputs } from '../../testing/memory-inputs.js';
import { type SegmentationState, segment } from './op.js';
import { type SegmentAttributes, segmentStateSpecs } from './state.js';

let gpu: WebGpuDevice;
let cpu: Device;

beforeAll(async () => {
  gpu = await createWebGpuDevice({ debug: true });
  cpu = await createCpuDevice({ threads: 1 });
});

afterAll(() => {
  gpu.dispose();
  cpu.dispose();
});

const sizes = { batch: 2, time: 150, groups: 1, heads: 2, keyWidth: 5, valueWidth: 7, slots: 6 };
const base: SegmentAttributes = { policy: 'dla', capacity: 6, tau: 0.6, merge: 'density', blockLength: 16 };

/** Run the stream in pieces; outputs of the pieces, then the final state. */
async function run(device: Device, attributes: SegmentAttributes, pieces: readonly number[], decay?: (time: number) => number) {
  const { k, v, g } = memoryInputs({ ...sizes, ...(decay === undefined ? {} : { decay }) }, 3);
  const step = compile(
    (keys: Tensor, values: Tensor, decays: Tensor, state: SegmentationState) => segment({ k: keys, v: values, g: decays, state }, attributes),
    { device, donate: [3] },
  );
  const make = compile(
    () => {
      const [keys, values, numbers, counters] = segmentStateSpecs(attributes, sizes).map(({ shape, dtype }) => fill(shape, 0, dtype)) as [
        Tensor,
        Tensor,
        Tensor,
        Tensor,
      ];
      return { keys, values, numbers, counters };
    },
    { device },
  );
  let state: SegmentationState = await make();
  const opened: number[] = [];
  const mergedAt: number[] = [];
  const scores: number[] = [];
  const gaps: number[] = [];
  let death: Int32Array = new Int32Array(0);
  let start = 0;
  for (const length of pieces) {
    const cut = compile((x: Tensor) => slice(x, [0, start, ...x.shape.slice(2).map(() => 0)], [sizes.batch, start + length, ...x.shape.slice(2)]), {
      device,
    });
    const result = await step(await cut(k), await cut(v), await cut(g), state);
    cut.dispose();
    state = result.state;
    const { segmentation } = result;
    // [B, T, H] pieces in time order, one batch element after the other at the end.
    opened.push(...(await segmentation.opened.data()));
    mergedAt.push(...(await segmentation.mergedAt.data()));
    scores.push(...(await segmentation.score.data()));
    gaps.push(...(await segmentation.gap.data()));
    death = (await segmentation.death.data()) as Int32Array;
    start += length;
  }
  const counters = Array.from(await state.counters.data());
  const numbers = await state.numbers.data();
  step.dispose();
  make.dispose();
  return { opened, mergedAt, scores, gaps, death: Array.from(death), counters, numbers };
}

describe('segment on WebGPU', () => {
  for (const attributes of [
    base,
    { ...base, merge: 'weakest' as const },
    { ...base, merge: 'oldest' as const },
    { ...base, capacity: 1 },
    { ...base, policy: 'fixed' as const, blockLength: 9 },
  ]) {
    const name = `${attributes.policy} ${attributes.merge} M=${attributes.capacity}`;
    it(`decides as the CPU does: ${name}`, async () => {
      const expected = await run(cpu, attributes, [150]);
      const actual = await run(gpu, attributes, [150]);
      const smallest = Math.min(...expected.gaps);
      expect(smallest, 'the seed has a decision within float32 error: choose another').toBeGreaterThan(2e-6);
      expect(actual.opened).toEqual(expected.opened);
      expect(actual.mergedAt).toEqual(expected.mergedAt);
      expect(actual.death).toEqual(expected.death);
      expect(actual.counters).toEqual(expected.counters);
      expect(expected.opened.filter((value) => value === 0).length).toBeGreaterThan(10);
      if (attributes.capacity > 1)
        expect(expected.mergedAt.filter((value) => value >= 0).length).toBeGreaterThan(attributes.policy === 'fixed' ? 5 : 100);
      expectClose(Float32Array.from(actual.scores), Float32Array.from(expected.scores), { relative: 0, absolute: 2e-4 }, `${name} scores`);
      expectClose(Float32Array.from(actual.numbers), Float32Array.from(expected.numbers), { relative: 1e-4, absolute: 1e-4 }, `${name} state`);
    });
  }

  it('scores as the CPU does where slow decays follow fast ones', async () => {
    const decay = (time: number): number => (time % 64 < 32 ? -20 : -0.01);
    const attributes = { ...base, tau: 1.9 };
    const expected = await run(cpu, attributes, [150], decay);
    const actual = await run(gpu, attributes, [150], decay);
    expect(expected.opened.filter((value) => value === 0).length).toBeGreaterThan(500);
    expectClose(Float32Array.from(actual.scores), Float32Array.from(expected.scores), { relative: 0, absolute: 5e-6 }, 'scores');
  });

  it('gives the same bits however a stream is cut', async () => {
    const pieces = [1, 1, 5, 57, 63, 1, 22];
    const cut = await run(gpu, base, pieces);
    const whole = await run(gpu, base, [150]);
    expect(cut.counters).toEqual(whole.counters);
    // numbers past the partial chunk's rows are stale; compare the scalars, E and the opening scores of the live slots.
    expect(Array.from(cut.numbers).slice(0, 2 + 6)).toEqual(Array.from(whole.numbers).slice(0, 2 + 6));
    expect([...cut.scores].sort()).toEqual([...whole.scores].sort());
    expect(cut.opened.filter(Boolean).length).toBe(whole.opened.filter(Boolean).length);
  });
});
