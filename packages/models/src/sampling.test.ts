import { createStream, isDlaError } from '@dla/core';
import { describe, expect, it } from 'vitest';
import { type SamplingOptions, sample } from './sampling.js';

const logits = Float32Array.of(1, 2, 0.5, 2, -Infinity, -1);

function softmax(values: readonly number[], temperature = 1): number[] {
  const weights = values.map((value) => Math.exp(value / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function frequencies(values: Float32Array, options: SamplingOptions, draws = 40_000): number[] {
  const random = createStream(11, 'sampling test');
  const counts = new Array<number>(values.length).fill(0);
  for (let i = 0; i < draws; i++) {
    const { token } = sample(values, options, random);
    counts[token] = (counts[token] as number) + 1;
  }
  return counts.map((count) => count / draws);
}

/** Every frequency within five standard deviations of its probability. */
function expectDistribution(found: readonly number[], expected: readonly number[], draws = 40_000): void {
  found.forEach((frequency, id) => {
    const p = expected[id] as number;
    expect(Math.abs(frequency - p), `token ${id}: ${frequency}, expected ${p}`).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / draws));
  });
}

describe('sample', () => {
  it('is greedy at temperature 0, lowest id among equals, and draws nothing', () => {
    for (const options of [{ temperature: 0 }, { greedy: true }, { topK: 1 }]) {
      const random = createStream(1);
      expect(sample(logits, options, random).token).toBe(1);
      expect(random.state().position).toBe(0);
    }
  });

  it('gives the log probability of the unmodified distribution', () => {
    const expected = softmax([...logits]);
    const random = createStream(2);
    for (let i = 0; i < 50; i++) {
      const { token, logprob } = sample(logits, { temperature: 3, topK: 3 }, random);
      expect(logprob).toBeCloseTo(Math.log(expected[token] as number), 12);
    }
  });

  for (const temperature of [0.5, 1, 2])
    it(`follows the softmax at temperature ${temperature}`, () => {
      expectDistribution(frequencies(logits, { temperature }), softmax([...logits], temperature));
    });

  it('top-k keeps the k likeliest, renormalised', () => {
    const [a, b] = softmax([2, 1]);
    expectDistribution(frequencies(Float32Array.of(1, 0, 2, 0.5), { topK: 2 }), [b as number, 0, a as number, 0]);
  });

  it('top-k at a tie keeps the lowest id', () => {
    expectDistribution(frequencies(Float32Array.of(0, 0, 0, 0), { topK: 3 }), [1 / 3, 1 / 3, 1 / 3, 0]);
  });

  it('top-p keeps the fewest that reach p', () => {
    const values = Float32Array.from([0.5, 0.3, 0.15, 0.05], Math.log);
    expectDistribution(frequencies(values, { topP: 0.49 }), [1, 0, 0, 0]);
    expectDistribution(frequencies(values, { topP: 0.79 }), [5 / 8, 3 / 8, 0, 0]);
    expectDistribution(frequencies(values, { topP: 0.81 }), [0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0]);
    expectDistribution(frequencies(values, { topP: 1 }), [0.5, 0.3, 0.15, 0.05]);
  });

  it('top-p counts shares of what top-k left', () => {
    const values = Float32Array.from([0.4, 0.3, 0.2, 0.1], Math.log);
    expectDistribution(frequencies(values, { topK: 2, topP: 0.57 }), [1, 0, 0, 0]);
    expectDistribution(frequencies(values, { topK: 2, topP: 0.58 }), [4 / 7, 3 / 7, 0, 0]);
  });

  it('never leaves the support, whatever the options', () => {
    const random = createStream(3);
    for (let round = 0; round < 500; round++) {
      const values = random.normal(1 + random.integer(40), 0, 5);
      const topK = 1 + random.integer(50);
      const topP = 1 - random.next() * 0.99;
      const order = [...values.keys()].sort((a, b) => (values[b] as number) - (values[a] as number) || a - b);
      const { token } = sample(values, { topK, topP, temperature: 0.1 + random.next() }, random);
      expect(order.indexOf(token)).toBeLessThan(Math.min(topK, values.length));
    }
  });

  it('survives extreme logits and temperatures', () => {
    const random = createStream(4);
    expect(sample(Float32Array.of(-1e38, 3e38, 0), { temperature: 1e-30 }, random).token).toBe(1);
    expect(sample(Float32Array.of(5), { temperature: 1e30 }, random)).toEqual({ token: 0, logprob: 0 });
    expect(sample(Float32Array.of(-Infinity, -Infinity, 0), { temperature: 100 }, random).token).toBe(2);
  });

  it('is a function of the stream', () => {
    const run = (): number[] => {
      const random = createStream(9, 'x');
      return Array.from({ length: 100 }, () => sample(logits, { temperature: 1.3, topP: 0.9 }, random).token);
    };
    expect(run()).toEqual(run());
  });

  it('refuses options and logits out of range', () => {
    const rows: readonly (readonly [Float32Array, SamplingOptions, string])[] = [
      [logits, { temperature: -1 }, 'argument sample: temperature is out of range; expected a finite number of at least 0; found -1'],
      [logits, { temperature: Number.NaN }, 'argument sample: temperature is out of range; expected a finite number of at least 0; found NaN'],
      [logits, { topK: 0 }, 'argument sample: topK is out of range; expected an integer of at least 1; found 0'],
      [logits, { topK: 1.5 }, 'argument sample: topK is out of range; expected an integer of at least 1; found 1.5'],
      [logits, { topP: 0 }, 'argument sample: topP is out of range; expected a number in (0, 1]; found 0'],
      [logits, { topP: 1.01 }, 'argument sample: topP is out of range; expected a number in (0, 1]; found 1.01'],
      [new Float32Array(0), {}, 'argument sample: there are no logits; expected at least 1; found 0'],
      [Float32Array.of(0, Number.NaN), {}, 'non-finite sample: a logit is not finite; found NaN for token 1'],
      [Float32Array.of(Infinity), {}, 'non-finite sample: a logit is not finite; found Infinity for token 0'],
      [Float32Array.of(-Infinity), {}, 'non-finite sample: every token is excluded; expected a finite logit; found only -Infinity'],
    ];
    for (const [values, options, message] of rows) {
      try {
        sample(values, options, createStream(0));
        expect.fail(`accepted ${JSON.stringify(options)}`);
      } catch (error) {
        if (!isDlaError(error)) throw error;
        expect(`${error.code} ${error.message}`).toBe(message);
      }
    }
  });
});
