import { createStream, type Device } from '@dla/core';
import { capacityOf } from '@dla/memory';
import { expect } from 'vitest';
import type { LanguageModelConfig } from '../config.js';
import type { ModelParameters } from '../mamba2/parameters.js';
import { mergeCount, runParallel, runSplits, type StreamRun, worstDifference } from './streaming.js';
import { initialiseSpread, lambdaSpread, randomIds } from './tiny-models.js';

/** A split of `time` tokens into pieces of one of few lengths, so that few plans are compiled. */
function randomSplit(time: number, seed: number, lengths: readonly number[]): number[] {
  const stream = createStream(seed, 'split');
  const split: number[] = [];
  for (let left = time; left > 0; ) {
    const fitting = lengths.filter((length) => length <= left);
    const length = fitting[stream.integer(fitting.length)] as number;
    split.push(length);
    left -= length;
  }
  return split;
}

function expectSameMemory(found: StreamRun, expected: StreamRun, what: string): void {
  expect(found.logs.length, `${what}: layers that decide`).toBe(expected.logs.length);
  expected.logs.flat().forEach((log, index) => {
    const other = found.logs.flat()[index];
    expect(other?.events, `${what}: merge log ${index}`).toEqual(log.events);
    for (let t = 7; t < log.time; t += 101) expect(other?.slotsAt(t), `${what}: slots at ${t}`).toEqual(log.slotsAt(t));
  });
}

/** The same number of slots, differently cut: what a mistake in the slots would look like. */
function withOtherSlots(config: LanguageModelConfig): LanguageModelConfig {
  const { policy, blockLength, merge } = config.memory;
  const memory = { ...config.memory, capacity: capacityOf(config.memory) };
  if (policy === 'fenwick') return { ...config, memory: { ...memory, policy: 'fixed' } };
  return {
    ...config,
    memory: policy === 'dla' ? { ...memory, merge: merge === 'density' ? 'weakest' : 'density' } : { ...memory, blockLength: blockLength + 1 },
  };
}

export interface StreamingMeasurement {
  /** See {@link lambdaSpread}. */
  readonly spread: number;
  /** Largest change of a logit if the same number of slots were cut differently; NaN for `single`. */
  readonly sensitivity: number;
  /** Largest difference of a logit between the forms. */
  readonly worst: number;
  /** All of it for people. */
  readonly line: string;
}

/**
 * Token by token, and in pieces of the given lengths, equals the parallel form: logits within 1e-3, the same slots and
 * merge log, constant state bytes; over at least four times as many tokens as slots.
 */
export async function measureStreaming(
  device: Device,
  config: LanguageModelConfig,
  parameters: ModelParameters,
  ids: Int32Array,
  pieceLengths: readonly number[] = [1, 3, 64, 100],
): Promise<StreamingMeasurement> {
  const { policy } = config.memory;
  const time = ids.length;
  const spread = await lambdaSpread(device, config, parameters, ids);
  expect(time).toBeGreaterThanOrEqual(4 * capacityOf(config.memory));
  const whole = await runParallel(device, config, parameters, ids);
  const splits = [new Array<number>(time).fill(1), randomSplit(time, time, pieceLengths)];
  const [single, pieces] = (await runSplits(device, config, parameters, ids, splits)) as [StreamRun, StreamRun];
  expectSameMemory(single, whole, 'one by one');
  expectSameMemory(pieces, whole, 'in pieces');
  const [oneByOne, inPieces] = [worstDifference(single.logits, whole.logits), worstDifference(pieces.logits, whole.logits)];
  const worst = Math.max(oneByOne, inPieces);
  expect(worst).toBeLessThan(1e-3);
  const [bytes] = single.stateBytes;
  expect(new Set([...single.stateBytes, ...pieces.stateBytes])).toEqual(new Set([bytes]));
  const merges = mergeCount(whole);
  const opened = whole.logs.flat().reduce((sum, log) => sum + log.opened, 0);
  if (policy === 'dla' || policy === 'fixed') expect(merges).toBeGreaterThan(0);
  const otherSlots = policy === 'single' ? undefined : await runParallel(device, withOtherSlots(config), parameters, ids);
  const sensitivity = otherSlots === undefined ? Number.NaN : worstDifference(otherSlots.logits, whole.logits);
  const slots =
    policy === 'single' ? 'one slot' : `lambda spread ${spread.toFixed(2)}, other slots would change a logit by ${sensitivity.toPrecision(2)}`;
  const differences = `largest logit difference ${oneByOne.toExponential(1)} one by one, ${inPieces.toExponential(1)} in pieces`;
  const line = `${policy}, ${time} tokens: ${opened} slots opened, ${merges} merges, ${slots}; ${differences}; state ${bytes} bytes throughout`;
  return { spread, sensitivity, worst, line };
}

/**
 * {@link measureStreaming} of a model with random weights of lambda, spread by at least 0.3. That it could fail is shown
 * by other slots of the same number, which must change some logit by 0.1.
 *
 * @returns a line of what was measured.
 */
export async function expectStreamingEqualsParallel(
  device: Device,
  config: LanguageModelConfig,
  time: number,
  seed: number,
  pieceLengths?: readonly number[],
): Promise<string> {
  const parameters = initialiseSpread(config, seed);
  const { spread, sensitivity, line } = await measureStreaming(device, config, parameters, randomIds(config, time, seed), pieceLengths);
  expect(spread).toBeGreaterThan(0.3);
  if (config.memory.policy !== 'single') expect(sensitivity).toBeGreaterThan(0.1);
  return line;
}
