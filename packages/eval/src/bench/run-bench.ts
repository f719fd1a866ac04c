import { type Device, DlaError } from '@dla/core';
import { type BenchCase, referenceCases } from './cases.js';
import { createReferenceStep, referenceLm, referenceLosses } from './reference-lm.js';

export interface BenchRow {
  readonly case: string;
  /** Samples, each the mean of `repeats` runs. */
  readonly samples: number;
  readonly repeats: number;
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** Of the matrix products, at the median. */
  readonly gflops: number;
  /** For the LM step. */
  readonly tokensPerSecond?: number;
}

export interface BenchResult {
  readonly device: string;
  readonly rows: readonly BenchRow[];
  /** First ten losses of the LM step: checked against the shared figures before anything is timed. */
  readonly losses: readonly number[];
}

export interface BenchOptions {
  /** Rounds over all cases, interleaved; default 7. */
  readonly rounds?: number;
  /** Names of the cases to time; default all. */
  readonly only?: readonly string[];
  /** Target milliseconds of one sample; default 300. */
  readonly sampleMs?: number;
  readonly onRow?: (row: BenchRow) => void;
}

/**
 * Time the reference work on a device: correctness first (the ten shared losses), then interleaved rounds, medians with spread.
 *
 * @throws DlaError `argument` if the losses are not the shared ones: a wrong step is not timed.
 */
export async function runBench(device: Device, options: BenchOptions = {}): Promise<BenchResult> {
  const { rounds = 7, sampleMs = 300 } = options;
  const losses = await checkedLosses(device);
  const all = referenceCases(device);
  try {
    const cases = chosen(all, options.only ?? []);
    const repeats: number[] = [];
    for (const work of cases) repeats.push(await calibrate(work, sampleMs));
    const samples = cases.map((): number[] => []);
    for (let round = 0; round < rounds; round++)
      for (let index = 0; index < cases.length; index++)
        (samples[index] as number[]).push(await time(cases[index] as BenchCase, repeats[index] as number));
    const rows = cases.map((work, index) => rowOf(work, repeats[index] as number, samples[index] as number[]));
    for (const row of rows) options.onRow?.(row);
    return { device: device.description, rows, losses };
  } finally {
    for (const work of all) work.dispose();
  }
}

function chosen(all: readonly BenchCase[], only: readonly string[]): BenchCase[] {
  const unknown = only.find((name) => !all.some((work) => work.name === name));
  if (unknown !== undefined)
    throw new DlaError('argument', 'no such measurement', { where: 'bench', expected: all.map(({ name }) => name).join(', '), found: unknown });
  return all.filter(({ name }) => only.length === 0 || only.includes(name));
}

async function checkedLosses(device: Device): Promise<number[]> {
  const reference = createReferenceStep(device);
  try {
    const losses: number[] = [];
    for (const expected of referenceLosses) {
      const found = await reference.step();
      losses.push(found);
      if (!(Math.abs(found - expected) <= 1e-4))
        throw new DlaError('argument', `the LM step is wrong at step ${losses.length}`, {
          where: `bench on ${device.description}`,
          expected: String(expected),
          found: found.toFixed(5),
        });
    }
    return losses;
  } finally {
    reference.dispose();
  }
}

async function time(work: BenchCase, repeats: number): Promise<number> {
  const begun = performance.now();
  for (let repeat = 0; repeat < repeats; repeat++) await work.run();
  return (performance.now() - begun) / repeats;
}

/** Warm up, then choose how often to repeat so that one sample lasts about `sampleMs`. */
async function calibrate(work: BenchCase, sampleMs: number): Promise<number> {
  await time(work, 2);
  const once = await time(work, 1);
  return Math.max(1, Math.min(1000, Math.round(sampleMs / Math.max(once, 1e-3))));
}

function rowOf(work: BenchCase, repeats: number, samples: readonly number[]): BenchRow {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const medianMs = sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
  const tokens = referenceLm.batch * referenceLm.time;
  return {
    case: work.name,
    samples: samples.length,
    repeats,
    medianMs,
    minMs: sorted[0] as number,
    maxMs: sorted.at(-1) as number,
    gflops: work.flops / medianMs / 1e6,
    ...(work.name === 'LM step' ? { tokensPerSecond: (tokens / medianMs) * 1000 } : {}),
  };
}
