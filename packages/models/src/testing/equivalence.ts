import { createStream, type Device } from '@dla/core';
import { capacityOf } from '@dla/memory';
import { expect } from 'vitest';
import type { LanguageModelConfig } from '../config.js';
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

/**
 * Token by token, and in pieces, equals the parallel form: logits within 1e-3, the same slots and merge log, constant
 * state bytes. That the test could fail is shown by other slots of the same number, which must change some logit by 0.1. Lambda is random and spread by at least 0.3, and the stream is at least four times the capacity.
 *
 * @returns a line of what was measured.
 */
export async function expectStreamingEqualsParallel(
  device: Device,
  config: LanguageModelConfig,
  time: number,
  seed: number,
  pieceLengths: readonly number[] = [1, 3, 64, 100],
): Promise<string> {
  const { policy } = config.memory;
  const parameters = initialiseSpread(config, seed);
  const ids = randomIds(config, time, seed);
  const spread = await lambdaSpread(device, config, parameters, ids);
  expect(spread).toBeGreaterThan(0.3);
  expect(time).toBeGreaterThanOrEqual(4 * capacityOf(config.memory));
  const whole = await runParallel(device, config, parameters, ids);
  const splits = [new Array<number>(time).fill(1), randomSplit(time, seed, pieceLengths)];
  const [single, pieces] = (await runSplits(device, config, parameters, ids, splits)) as [StreamRun, StreamRun];
  expectSameMemory(single, whole, 'one by one');
  expectSameMemory(pieces, whole, 'in pieces');
  const [worst, worstPieces] = [worstDifference(single.logits, whole.logits), worstDifference(pieces.logits, whole.logits)];
  expect(worst).toBeLessThan(1e-3);
  expect(worstPieces).toBeLessThan(1e-3);
  const otherSlots = await runParallel(device, withOtherSlots(config), parameters, ids);
  const sensitivity = policy === 'single' ? Number.NaN : worstDifference(otherSlots.logits, whole.logits);
  if (policy !== 'single') expect(sensitivity).toBeGreaterThan(0.1);
  const [bytes] = single.stateBytes;
  expect(new Set([...single.stateBytes, ...pieces.stateBytes])).toEqual(new Set([bytes]));
  const merges = mergeCount(whole);
  const opened = whole.logs.flat().reduce((sum, log) => sum + log.opened, 0);
  if (policy === 'dla' || policy === 'fixed') expect(merges).toBeGreaterThan(0);
  const slots =
    policy === 'single' ? 'one slot' : `lambda spread ${spread.toFixed(2)}, other slots would change a logit by ${sensitivity.toFixed(2)}`;
  const differences = `largest logit difference ${worst.toExponential(1)} one by one, ${worstPieces.toExponential(1)} in pieces`;
  return `${policy}, ${time} tokens: ${opened} slots opened, ${merges} merges, ${slots}; ${differences}; state ${bytes} bytes throughout`;
}
