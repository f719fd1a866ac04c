import { createCpuDevice, tensor } from '@dla/core';
import { runOpCase } from '@dla/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { segmentOracle } from '../../../test/oracle.js';
import { DLA, runSegment, type SegmentRun } from '../../../test/policies.js';
import { randomStream, type Stream } from '../../../test/random.js';
import { f32Value, type HostValue } from '../../../test/run.js';
import { propertyRuns } from '../../../test/runs.js';
import { segmentCases } from './cases.js';
import { segmentOp } from './op.js';
import { GRID, type SegmentAttributes, segmentLayout, segmentStateSpecs } from './state.js';

const device = createCpuDevice({ threads: 1 });
const sizes = { batch: 1, time: 200, groups: 1, heads: 2, keyWidth: 4, valueWidth: 5, slots: 1 };

/** Tokens [start, end) of a [B = 1, T, ..] value. */
function piece({ shape, dtype, data }: HostValue, start: number, end: number): HostValue {
  const row = data.length / (shape[1] as number);
  return { shape: [1, end - start, ...shape.slice(2)], dtype, data: data.slice(start * row, end * row) };
}

/** The call cut into pieces at `cuts`; `death` is left out, since a call cannot report it for older calls. */
function runInPieces(
  { k, v, g }: Stream,
  attributes: SegmentAttributes,
  cuts: readonly number[],
): { outputs: number[][]; state: readonly HostValue[] } {
  const bounds = [0, ...[...new Set(cuts)].sort((a, b) => a - b), k.shape[1] as number];
  const outputs: number[][] = [[], [], [], []];
  let state: readonly HostValue[] | undefined;
  for (let i = 0; i + 1 < bounds.length; i++) {
    const [start, end] = [bounds[i] as number, bounds[i + 1] as number];
    const run = runSegment(piece(k, start, end), piece(v, start, end), piece(g, start, end), attributes, state);
    for (const [index, { data }] of [run.score, run.opened, run.mergedAt, run.gap].entries()) outputs[index]?.push(...data);
    state = run.state;
  }
  return { outputs, state: state ?? [] };
}

function settings(): fc.Arbitrary<{ attributes: SegmentAttributes; seed: number; repeat: number; decay: number; zeros: number }> {
  return fc.record({
    seed: fc.integer({ min: 1, max: 1e6 }),
    repeat: fc.constantFrom(0, 0.7, 0.95, 1),
    decay: fc.constantFrom(0, 0.1, 1, 20),
    zeros: fc.constantFrom(0, 0.2),
    attributes: fc.record({
      policy: fc.constantFrom('dla' as const, 'dla' as const, 'fixed' as const),
      capacity: fc.integer({ min: 1, max: 40 }),
      tau: fc.constantFrom(0, 0.3, 0.6, 1, 1.3, 1.42, 2.1),
      merge: fc.constantFrom('density' as const, 'weakest' as const, 'oldest' as const),
      blockLength: fc.integer({ min: 1, max: 20 }),
    }),
  });
}

describe('segment', () => {
  it.each(segmentCases)('$name: the CPU device equals the reference', async (opCase) => {
    await runOpCase(await device, opCase);
  });

  it('any split of a stream gives the same bits: scores, decisions, gaps and final state (contract 1)', () => {
    fc.assert(
      fc.property(settings(), fc.array(fc.integer({ min: 1, max: 199 }), { maxLength: 12 }), ({ attributes, seed, ...options }, cuts) => {
        const stream = randomStream(seed, sizes, options);
        const whole = runInPieces(stream, attributes, []);
        const split = runInPieces(stream, attributes, cuts);
        expect(split.outputs).toEqual(whole.outputs);
        // Rows of the partial chunk past its length are leftovers.
        expect(split.state[3]?.data).toEqual(whole.state[3]?.data);
        const live = (run: { state: readonly HostValue[] }): number[] => liveNumbers(run.state, attributes);
        expect(live(split)).toEqual(live(whole));
      }),
      { numRuns: propertyRuns, seed: 11 },
    );
  });

  it('one token at a time gives the same bits', () => {
    const stream = randomStream(7, sizes, { repeat: 0.8 });
    const cuts = Array.from({ length: 199 }, (_, i) => i + 1);
    expect(runInPieces(stream, { ...DLA, capacity: 6 }, cuts).outputs).toEqual(runInPieces(stream, { ...DLA, capacity: 6 }, []).outputs);
  });

  it('equals the token-by-token float64 definition up to the first decision inside the error bound', () => {
    fc.assert(
      fc.property(settings(), ({ attributes, seed, ...options }) => {
        fc.pre(attributes.policy === 'dla');
        const { k, v, g } = randomStream(seed, sizes, options);
        const run = runSegment(k, v, g, attributes);
        for (let head = 0; head < 2; head++) compareWithOracle(run, segmentOracle(k, v, g, { b: 0, head }, attributes), head);
      }),
      { numRuns: propertyRuns * 2, seed: 12 },
    );
  });

  it('slots partition the past in time order, at most M; n and E match a recount (contract 4)', () => {
    fc.assert(
      fc.property(settings(), fc.integer({ min: 1, max: 200 }), ({ attributes, seed, ...options }, time) => {
        const { k, v, g } = randomStream(seed, { ...sizes, time }, options);
        const run = runSegment(k, v, g, attributes);
        for (let head = 0; head < 2; head++) recount(run, attributes, time, head);
      }),
      { numRuns: propertyRuns * 2, seed: 13 },
    );
  });

  it('a first token opens whatever tau, with the score of an unrelated token', () => {
    const { k, v, g } = randomStream(1, { ...sizes, time: 1 });
    const run = runSegment(k, v, g, { ...DLA, tau: 2.1 });
    expect(Array.from(run.score.data)).toEqual([Math.fround(Math.SQRT2), Math.fround(Math.SQRT2)]);
    expect(Array.from(run.opened.data)).toEqual([1, 1]);
  });

  it('a repeated token scores 0 and joins; zero tokens count as unrelated', () => {
    const k = f32Value([1, 6, 1, 2], [1, 2, 1, 2, 1, 2, 0, 0, 1, 2, 1, 2]);
    const v = f32Value([1, 6, 1, 2], [3, 1, 3, 1, 3, 1, 3, 1, 0, 0, 3, 1]);
    const run = runSegment(k, v, f32Value([1, 6, 1], [0, 0, 0, 0, 0, 0]), DLA);
    const root = Math.fround(Math.SQRT2);
    expect(Array.from(run.score.data).map((x) => (x < 1e-3 ? 0 : x))).toEqual([root, 0, 0, root, root, root]);
    expect(Array.from(run.opened.data)).toEqual([1, 0, 0, 1, 1, 1]);
  });

  it('ties go to the oldest pair', () => {
    const eye = Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0));
    const run = runSegment(f32Value([1, 4, 1, 4], eye), f32Value([1, 4, 1, 1], [1, 1, 1, 1]), f32Value([1, 4, 1], [0, 0, 0, 0]), {
      ...DLA,
      capacity: 3,
    });
    expect(Array.from(run.mergedAt.data)).toEqual([-1, -1, -1, 0]);
    expect(Array.from(run.death.data)).toEqual([-1, 3, -1, -1]);
    expect(run.gap.data[3]).toBe(0);
  });

  it('names the wrong attribute or state', () => {
    const [k, v, g] = [
      tensor(new Float32Array(6), { shape: [1, 3, 1, 2] }),
      tensor(new Float32Array(6), { shape: [1, 3, 1, 2] }),
      tensor(new Float32Array(3), { shape: [1, 3, 1] }),
    ];
    const state = segmentStateSpecs(DLA, { batch: 1, groups: 1, heads: 1, keyWidth: 2, valueWidth: 2 }).map(({ shape, dtype }) =>
      tensor(dtype === 'i32' ? new Int32Array(shape.reduce((a, b) => a * b)) : new Float32Array(shape.reduce((a, b) => a * b)), { shape }),
    );
    expect(() => segmentOp([k, v, g, ...state], { ...DLA, tau: Number.NaN })).toThrow(
      'segment: attribute tau is wrong; expected a finite number of at least 0; found NaN',
    );
    expect(() => segmentOp([k, v, g, ...state], { ...DLA, capacity: 5 })).toThrow(
      'segment: input state numbers is wrong; expected f32 [1, 1, 80]; found f32 [1, 1, 130]',
    );
    expect(() => segmentOp([k, v, g], DLA)).toThrow('segment: wrong number of inputs');
  });
});

/** The part of `numbers` that means something. */
function liveNumbers(state: readonly HostValue[], attributes: SegmentAttributes): number[] {
  const layout = segmentLayout(attributes, sizes.keyWidth, sizes.valueWidth);
  const [, , numbers, counters] = state as [HostValue, HostValue, HostValue, HostValue];
  return [0, 1].flatMap((head) => {
    const row = Array.from(numbers.data.subarray(head * layout.numbersWidth, (head + 1) * layout.numbersWidth));
    const [time, count] = [counters.data[head * layout.countersWidth] as number, counters.data[head * layout.countersWidth + 1] as number];
    const partial = time % GRID;
    const decays = attributes.policy === 'dla' ? row.slice(layout.decays, layout.decays + partial) : [];
    return [
      ...row.slice(0, 2),
      ...row.slice(layout.scores, layout.scores + count),
      ...row.slice(layout.openings, layout.openings + count),
      ...decays,
      ...row.slice(layout.summary),
    ];
  });
}

function compareWithOracle(run: SegmentRun, oracle: ReturnType<typeof segmentOracle>, head: number): void {
  for (let t = 0; t < oracle.score.length; t++) {
    const at = t * 2 + head;
    const [score, expected] = [run.score.data[at] as number, oracle.score[t] as number];
    const bound = 2e-6 / Math.max(Math.min(score, expected), 1e-3);
    expect(Math.abs(score - expected), `score of token ${t}`).toBeLessThan(bound);
    if (run.opened.data[at] !== oracle.opened[t] || run.mergedAt.data[at] !== oracle.mergedAt[t]) {
      expect(run.gap.data[at], `the gap of the decision that differs at token ${t}`).toBeLessThan(2e-3);
      return;
    }
  }
  expect(oracle.death.map((_, t) => run.death.data[t * 2 + head])).toEqual(oracle.death);
}

function recount(run: SegmentRun, attributes: SegmentAttributes, time: number, head: number): void {
  const layout = segmentLayout(attributes, sizes.keyWidth, sizes.valueWidth);
  const [, , numbers, counters] = run.state as [HostValue, HostValue, HostValue, HostValue];
  const f = head * layout.numbersWidth;
  const i = head * layout.countersWidth;
  const count = counters.data[i + layout.count] as number;
  expect(count).toBeLessThanOrEqual(attributes.capacity);
  expect(counters.data[i + layout.time]).toBe(time);
  const alive: number[] = [];
  for (let t = 0; t < time; t++) if (run.opened.data[t * 2 + head] === 1 && run.death.data[t * 2 + head] === -1) alive.push(t);
  expect(Array.from(counters.data.subarray(i + layout.starts, i + layout.starts + count))).toEqual(alive);
  expect(alive[0]).toBe(0);
  alive.forEach((start, slot) => {
    const end = alive[slot + 1] ?? time;
    expect(counters.data[i + layout.sizes + slot]).toBe(end - start);
    let sum = 0;
    for (let t = start; t < end; t++) sum += run.score.data[t * 2 + head] as number;
    expect(Math.abs((numbers.data[f + layout.scores + slot] as number) - sum)).toBeLessThan(1e-4 * (1 + sum));
  });
}
