import { describe, expect, it } from 'vitest';
import { accuracyByPairs, createMqar, ignoredTarget, type MqarExample } from './mqar.js';

const sizes = [
  { vocabularySize: 64, length: 32, pairs: 1 },
  { vocabularySize: 64, length: 32, pairs: 8 },
  { vocabularySize: 257, length: 256, pairs: 64 },
  { vocabularySize: 8192, length: 512, pairs: 16 },
] as const;

/** A reader that remembers every pair of the first section: the task's perfect solution. */
function lookUp({ pairs, inputs }: MqarExample): Int32Array {
  const memory = new Map<number, number>();
  for (let pair = 0; pair < pairs; pair++) memory.set(inputs[2 * pair] as number, inputs[2 * pair + 1] as number);
  return inputs.map((token) => memory.get(token) ?? 0);
}

describe('createMqar', () => {
  for (const size of sizes)
    it(`vocabulary ${size.vocabularySize}, T ${size.length}, ${size.pairs} pairs: keys, values and answers lie where they should`, () => {
      const half = Math.floor(size.vocabularySize / 2);
      for (const { inputs, targets, pairs } of createMqar({ ...size, examples: 20, seed: 3 })) {
        const keys = Array.from({ length: pairs }, (_, pair) => inputs[2 * pair] as number);
        const values = Array.from({ length: pairs }, (_, pair) => inputs[2 * pair + 1] as number);
        expect(inputs.length).toBe(size.length);
        expect(new Set(keys).size).toBe(pairs);
        expect(new Set(values).size).toBe(pairs);
        expect(keys.every((key) => key >= 1 && key < half)).toBe(true);
        expect(values.every((value) => value >= half && value < size.vocabularySize)).toBe(true);
        expect(inputs.every((token) => token >= 0 && token < size.vocabularySize)).toBe(true);
        const asked: number[] = [];
        targets.forEach((target, position) => {
          if (target === ignoredTarget) return;
          expect(position).toBeGreaterThanOrEqual(2 * pairs);
          expect(position % 2).toBe(0);
          // The answer was given earlier, right after the same key.
          expect(values[keys.indexOf(inputs[position] as number)]).toBe(target);
          asked.push(inputs[position] as number);
        });
        expect(asked.sort((a, b) => a - b)).toEqual(keys.sort((a, b) => a - b));
      }
    });

  it('is a function of the seed and the sizes', () => {
    const options = { vocabularySize: 128, length: 64, pairs: 4, examples: 5, seed: 8 };
    expect(createMqar(options)).toEqual(createMqar(options));
    expect(createMqar({ ...options, examples: 2 })).toEqual(createMqar(options).slice(0, 2));
    expect(createMqar({ ...options, seed: 9 })).not.toEqual(createMqar(options));
    expect(createMqar({ ...options, pairs: 5 })[0]?.inputs.slice(0, 2)).not.toEqual(createMqar(options)[0]?.inputs.slice(0, 2));
  });

  it('leaves token 0 between queries when told to', () => {
    const [example] = createMqar({ vocabularySize: 64, length: 40, pairs: 2, examples: 1, seed: 1, randomFiller: false }) as [MqarExample];
    expect(example.inputs.filter((token) => token !== 0).length).toBe(6);
  });

  for (const alpha of [0.01, 1, 2])
    it(`gaps follow the power law with alpha ${alpha}`, () => {
      // One pair: the gap is a single draw, so its frequencies are the weights themselves.
      const examples = 5_000;
      const places = 15;
      const weights = Array.from({ length: places }, (_, gap) => (gap + 1) ** (alpha - 1));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const counts = new Array<number>(places).fill(0);
      for (const { targets } of createMqar({ vocabularySize: 64, length: 32, pairs: 1, examples, seed: 5, alpha })) {
        const gap = (targets.findIndex((target) => target !== ignoredTarget) - 2) / 2;
        counts[gap] = (counts[gap] as number) + 1;
      }
      counts.forEach((count, gap) => {
        const p = (weights[gap] as number) / total;
        expect(Math.abs(count / examples - p), `gap ${gap}`).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / examples));
      });
    });

  it('refuses sizes that do not fit', () => {
    const fine = { vocabularySize: 64, length: 32, pairs: 8, examples: 1, seed: 0 };
    const rows = [
      [{ pairs: 0 }, 'pairs is out of range; expected an integer of at least 1; found 0'],
      [{ pairs: 9 }, 'length is out of range; expected an even integer of at least 36; found 32'],
      [{ length: 33 }, 'length is out of range; expected an even integer of at least 32; found 33'],
      [{ vocabularySize: 32 }, 'vocabularySize is out of range; expected an integer above the length 32; found 32'],
      [{ examples: -1 }, 'examples is out of range; expected a non-negative integer; found -1'],
      [{ alpha: 0 }, 'alpha is out of range; expected a finite number above 0; found 0'],
    ] as const;
    for (const [change, message] of rows) expect(() => createMqar({ ...fine, ...change })).toThrow(`createMqar: ${message}`);
  });
});

describe('accuracyByPairs', () => {
  const few = createMqar({ vocabularySize: 128, length: 64, pairs: 2, examples: 3, seed: 1 });
  const many = createMqar({ vocabularySize: 128, length: 64, pairs: 8, examples: 2, seed: 1 });

  it('is 1 for a perfect memory, by rising number of pairs', () => {
    const examples = [...many, ...few];
    expect(accuracyByPairs(examples.map(lookUp), examples)).toEqual([
      { pairs: 2, queries: 6, correct: 6, accuracy: 1 },
      { pairs: 8, queries: 16, correct: 16, accuracy: 1 },
    ]);
  });

  it('counts each wrong answer', () => {
    const predictions = few.map(lookUp);
    const [first] = few as [MqarExample, ...MqarExample[]];
    (predictions[0] as Int32Array)[first.targets.findIndex((target) => target !== ignoredTarget)] = 0;
    expect(accuracyByPairs(predictions, few)).toEqual([{ pairs: 2, queries: 6, correct: 5, accuracy: 5 / 6 }]);
  });

  it('refuses predictions that do not match', () => {
    expect(() => accuracyByPairs([], few)).toThrow('accuracyByPairs: one prediction an example is needed; expected 3; found 0');
    expect(() => accuracyByPairs([[1], [2], [3]], few)).toThrow('prediction 0 has another length than its example; expected 64; found 1');
  });
});
