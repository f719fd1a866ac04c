import { compile, createCpuDevice, type Device, gradients, mul, sum, type Tensor, tensor } from '@dla/core';
import { hostTensor } from '@dla/core/testing';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomStream, type Stream } from '../test/random.js';
import { worstError } from '../test/run.js';
import { propertyRuns } from '../test/runs.js';
import { createMemoryState, type MemoryState, memoryBytes } from './cache.js';
import { dlaMemory, memoryStep } from './memory.js';
import { mergeLogs } from './merge-log.js';
import { TOLERANCE } from './ops/multi-state/cases.js';
import { capacityOf, type SlotPolicy } from './policy/policy.js';

const policies: readonly SlotPolicy[] = [
  { policy: 'single' },
  { policy: 'fixed', capacity: 6, blockLength: 5 },
  { policy: 'fenwick', maxLength: 130 },
  { policy: 'dla', capacity: 8 },
  { policy: 'dla', capacity: 8, merge: 'weakest', tau: 0.3 },
  { policy: 'dla', capacity: 5, merge: 'oldest', tau: 1.2 },
];
const time = 130;
const names = ['q', 'k', 'v', 'g', 'lambda'] as const;

let device: Device;
beforeAll(async () => {
  device = await createCpuDevice({ threads: 2 });
});

function streamOf(
  policy: SlotPolicy,
  seed: number,
  options = {},
): { stream: Stream; sizes: { batch: number; heads: number; groups: number; keyWidth: number; valueWidth: number } } {
  const sizes = { batch: 2, groups: 1, heads: 2, keyWidth: 5, valueWidth: 6 };
  return { sizes, stream: randomStream(seed, { ...sizes, time, slots: capacityOf(policy) }, options) };
}

/** Tokens [start, end) of every input. */
function pieceOf(stream: Stream, start: number, end: number): Tensor[] {
  return names.map((name) => {
    const { shape, data } = stream[name];
    const [batch, length, ...rest] = shape as [number, number, ...number[]];
    const row = rest.reduce((a, b) => a * b, 1);
    const out = new Float32Array(batch * (end - start) * row);
    for (let b = 0; b < batch; b++)
      out.set(data.subarray((b * length + start) * row, (b * length + end) * row) as Float32Array, b * (end - start) * row);
    return tensor(out, { shape: [batch, end - start, ...rest] });
  });
}

const call = (policy: SlotPolicy, [q, k, v, g, lambda]: readonly Tensor[]) => ({
  q: q as Tensor,
  k: k as Tensor,
  v: v as Tensor,
  g: g as Tensor,
  lambda: lambda as Tensor,
  policy,
});

interface Read {
  readonly output: number[];
  readonly opened: number[];
  readonly mergedAt: number[];
}

async function parallelRun(policy: SlotPolicy, stream: Stream): Promise<Read> {
  const run = compile(
    (inputs: readonly Tensor[]) => {
      const { output, segmentation } = dlaMemory(call(policy, inputs));
      return { output, ...(segmentation === undefined ? {} : { opened: segmentation.opened, mergedAt: segmentation.mergedAt }) };
    },
    { device },
  );
  const result = await run(names.map((name) => hostTensor(stream[name])));
  const read = async (value: Tensor | undefined): Promise<number[]> => (value === undefined ? [] : Array.from(await value.data()));
  return { output: await read(result.output), opened: await read(result.opened), mergedAt: await read(result.mergedAt) };
}

/** The stream in pieces by the recurrent form, its state donated; outputs put back in [B, T, ..] order. */
async function recurrentRun(policy: SlotPolicy, stream: Stream, cuts: readonly number[]): Promise<Read & { bytes: number[]; state: MemoryState }> {
  const { sizes } = streamOf(policy, 1);
  const step = compile(
    (state: MemoryState, inputs: readonly Tensor[]) => {
      const { output, segmentation, state: next } = memoryStep(state, call(policy, inputs));
      return { output, state: next, decisions: segmentation === undefined ? [] : [segmentation.opened, segmentation.mergedAt] };
    },
    { device, donate: [0] },
  );
  const bounds = [0, ...[...new Set(cuts)].sort((a, b) => a - b), time];
  let state = createMemoryState({ ...sizes, policy });
  const bytes = [memoryBytes(state)];
  const rows: { [name in 'output' | 'opened' | 'mergedAt']: number[][][] } = { output: [[], []], opened: [[], []], mergedAt: [[], []] };
  const keep = async (name: keyof typeof rows, value: Tensor | undefined, length: number): Promise<void> => {
    if (value === undefined) return;
    const data = Array.from(await value.data());
    for (let b = 0; b < 2; b++) rows[name][b]?.push(data.slice((b * data.length) / 2, ((b + 1) * data.length) / 2));
    expect(value.shape[1]).toBe(length);
  };
  for (let i = 0; i + 1 < bounds.length; i++) {
    const [start, end] = [bounds[i] as number, bounds[i + 1] as number];
    const result = await step(state, pieceOf(stream, start, end));
    state = result.state;
    bytes.push(memoryBytes(state));
    await keep('output', result.output, end - start);
    await keep('opened', result.decisions[0], end - start);
    await keep('mergedAt', result.decisions[1], end - start);
  }
  return { output: rows.output.flat(2), opened: rows.opened.flat(2), mergedAt: rows.mergedAt.flat(2), bytes, state };
}

describe('dlaMemory', () => {
  it.each(policies)('%o: parallel = recurrent = any split; same decisions and log; constant bytes (contract 1)', async (policy) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1e6 }),
        fc.constantFrom(0.2, 0.9),
        fc.array(fc.integer({ min: 1, max: time - 1 }), { maxLength: 8 }),
        async (seed, repeat, cuts) => {
          const { stream } = streamOf(policy, seed, { repeat });
          const whole = await parallelRun(policy, stream);
          const split = await recurrentRun(policy, stream, cuts);
          expect(worstError(split.output, whole.output)).toBeLessThan(1e-5);
          expect(split.opened).toEqual(whole.opened);
          expect(split.mergedAt).toEqual(whole.mergedAt);
          expect(new Set(split.bytes).size).toBe(1);
          if (whole.opened.length > 0) {
            const log = mergeLogs(whole, [2, time, 2]);
            expect(mergeLogs(split, [2, time, 2]).map(({ events }) => events)).toEqual(log.map(({ events }) => events));
          }
        },
      ),
      { numRuns: Math.max(2, Math.floor(propertyRuns / 4)), seed: 21 },
    );
  });

  it.each(policies)('%o: one token at a time equals the parallel form', async (policy) => {
    const { stream } = streamOf(policy, 5);
    const whole = await parallelRun(policy, stream);
    const split = await recurrentRun(
      policy,
      stream,
      Array.from({ length: time - 1 }, (_, i) => i + 1),
    );
    expect(worstError(split.output, whole.output)).toBeLessThan(1e-5);
    expect([split.opened, split.mergedAt]).toEqual([whole.opened, whole.mergedAt]);
  });

  it.each(policies)('%o: the two forms give the same gradients', async (policy) => {
    const { stream } = streamOf(policy, 6);
    const backward = (form: 'parallel' | 'recurrent') =>
      compile(
        (inputs: readonly Tensor[], upstream: Tensor) => gradients(sum(mul(dlaMemory({ ...call(policy, inputs), form }).output, upstream)), inputs),
        { device },
      );
    const inputs = names.map((name) => hostTensor(stream[name]));
    const parallel = await backward('parallel')(inputs, hostTensor(stream.upstream));
    const recurrent = await backward('recurrent')(inputs, hostTensor(stream.upstream));
    for (const [index, found] of recurrent.entries())
      expect(worstError(await found.data(), await (parallel[index] as Tensor).data()), names[index]).toBeLessThan(TOLERANCE);
  });

  it('without lambda every policy is the plain backbone (contract 3)', async () => {
    const { stream } = streamOf({ policy: 'dla' }, 7);
    const plain = compile(
      (inputs: readonly Tensor[]) =>
        policies.map((policy) => {
          const { lambda: _, ...rest } = call(policy, inputs);
          return dlaMemory(rest).output;
        }),
      { device },
    );
    const [first, ...others] = await plain(names.map((name) => hostTensor(stream[name])));
    const expected = await (first as Tensor).data();
    for (const other of others) expect(worstError(await other.data(), expected)).toBeLessThan(1e-6);
  });

  it('a restored state continues exactly (contract 6)', async () => {
    const policy: SlotPolicy = { policy: 'dla', capacity: 6 };
    const { stream } = streamOf(policy, 8);
    const step = compile(
      (state: MemoryState, inputs: readonly Tensor[]) => {
        const { output, state: next } = memoryStep(state, call(policy, inputs));
        return { output, state: next };
      },
      { device },
    );
    const { sizes } = streamOf(policy, 1);
    const half = await step(createMemoryState({ ...sizes, policy }), pieceOf(stream, 0, 77));
    const saved = Object.fromEntries(
      await Promise.all(
        Object.entries(half.state).map(
          async ([name, value]) => [name, tensor(await value.data(), { shape: value.shape, dtype: value.dtype })] as const,
        ),
      ),
    );
    const original = await step(half.state, pieceOf(stream, 77, time));
    const restored = await step(saved as unknown as MemoryState, pieceOf(stream, 77, time));
    expect(Array.from(await restored.output.data())).toEqual(Array.from(await original.output.data()));
  });

  it('says what does not fit', () => {
    const { stream, sizes } = streamOf({ policy: 'dla', capacity: 8 }, 9);
    const inputs = names.map((name) => hostTensor(stream[name]));
    expect(() => dlaMemory(call({ policy: 'dla', capacity: 7 }, inputs))).toThrow(
      'dlaMemory: lambda does not fit the policy dla; expected last axis 7; found 8',
    );
    const state = createMemoryState({ ...sizes, policy: { policy: 'single' } });
    expect(() => dlaMemory({ ...call({ policy: 'dla', capacity: 8 }, inputs), form: 'recurrent', state })).toThrow(
      'the state was made for another slot policy',
    );
    expect(() => dlaMemory({ ...call({ policy: 'dla', capacity: 8 }, inputs), state })).toThrow('the parallel form starts from an empty memory');
    expect(() => createMemoryState({ ...sizes, groups: 3, policy: { policy: 'dla' } })).toThrow(
      'createMemoryState: groups must divide heads; expected a divisor of 2; found 3',
    );
  });
});
