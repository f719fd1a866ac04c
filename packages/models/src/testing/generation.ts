import type { Device } from '@dla/core';
import { type MergeLog, mergeLogs } from '@dla/memory';
import { expect } from 'vitest';
import type { LanguageModelConfig } from '../config.js';
import { type GeneratedPiece, type GenerateOptions, Generator } from '../generate.js';
import type { ModelParameters } from '../mamba2/parameters.js';
import { runParallel } from './streaming.js';

export async function collect(generator: Generator, options: GenerateOptions): Promise<GeneratedPiece[]> {
  const pieces: GeneratedPiece[] = [];
  for await (const piece of generator.generate(options)) pieces.push(piece);
  return pieces;
}

/** The ids written, without the prompt. */
export function writtenIds(pieces: readonly GeneratedPiece[]): number[] {
  return pieces.flatMap(({ kind, ids }) => (kind === 'token' ? [...ids] : []));
}

/** Natural log of softmax(row)[id]. */
function logProbability(row: Float32Array, id: number): number {
  return (row[id] as number) - Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
}

/** A traced generation against the parallel form over all it read and wrote: positions, log probabilities, merge logs. */
export async function expectGenerationEqualsForward(
  device: Device,
  config: LanguageModelConfig,
  parameters: ModelParameters,
  options: GenerateOptions,
): Promise<void> {
  const generator = new Generator(config, parameters, device);
  const pieces = await collect(generator, { ...options, trace: true });
  generator.dispose();
  const ids = pieces.flatMap((piece) => [...piece.ids]);
  expect(ids.slice(0, options.prompt.length)).toEqual([...options.prompt]);
  const whole = await runParallel(device, config, parameters, Int32Array.from(ids));
  const logs: MergeLog[][] = [];
  let position = 0;
  for (const piece of pieces) {
    expect(piece.position).toBe(position);
    position += piece.ids.length;
    if (piece.kind === 'token') {
      const row = whole.logits.subarray((piece.position - 1) * config.vocabularySize, piece.position * config.vocabularySize);
      expect(Math.abs((piece.logprob as number) - logProbability(row, piece.ids[0] as number))).toBeLessThan(1e-3);
    }
    for (const [layer, made] of (piece.decisions ?? []).entries()) {
      if (made === undefined) continue;
      expect(made.score.length).toBe(piece.ids.length * made.heads);
      logs[layer] = mergeLogs(made, [1, piece.ids.length, made.heads], logs[layer]);
    }
  }
  // The last token was written, not read.
  const read = (log: MergeLog): unknown[] => log.events.filter(({ time }) => time < ids.length - 1);
  expect(logs.flat().map(({ events }) => events)).toEqual(whole.logs.flat().map(read));
  expect(pieces.at(-1)?.decisions).toBeUndefined();
}
