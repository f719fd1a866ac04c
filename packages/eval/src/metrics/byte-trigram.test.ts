import { createStream } from '@dla/core';
import { describe, expect, it } from 'vitest';
import { fitByteTrigram } from './byte-trigram.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const line = 'the whale that the men of the ship saw was the white whale, and the sea was the colour of the whale. ';

describe('fitByteTrigram', () => {
  for (const smoothing of ['kneser-ney', 'add-k'] as const)
    it(`${smoothing}: probabilities are positive and sum to 1 in seen, half-seen and unseen contexts`, () => {
      const model = fitByteTrigram([bytes(line), bytes(line.slice(7))], { smoothing });
      for (const [first, second] of [
        [116, 104],
        [122, 104],
        [122, 122],
        [256, 256],
        [256, 116],
        [104, 0],
      ] as const) {
        let sum = 0;
        for (let byte = 0; byte < 256; byte++) {
          const p = model.probability(first, second, byte);
          expect(p).toBeGreaterThan(0);
          sum += p;
        }
        expect(sum).toBeCloseTo(1, 12);
      }
    });

  it('add-k by hand', () => {
    // "abab": a follows the start once; of contexts (start, a), (a, b), each has one continuation.
    const model = fitByteTrigram([bytes('abab')], { smoothing: 'add-k', k: 0.5 });
    expect(model.probability(97, 98, 97)).toBeCloseTo(1.5 / 129, 12);
    expect(model.probability(97, 98, 98)).toBeCloseTo(0.5 / 129, 12);
    expect(model.probability(1, 2, 3)).toBeCloseTo(1 / 256, 12);
  });

  it('Kneser-Ney by hand', () => {
    // Trigrams of "abab": ..a, .ab, aba, bab, each once, so D3 = 1 and p3 = p2 of the shorter context.
    // Continuation counts: .a 1, ab 2 (after . and b), ba 1, so D2 = 2 / (2 + 2) = 1/2; of single bytes: a 2, b 1, D1 = 1/3.
    const model = fitByteTrigram([bytes('abab')]);
    const unigram = (2 - 1 / 3) / 3 + ((1 / 3) * 2) / 3 / 256;
    const bigram = (1 - 1 / 2) / 1 + (1 / 2) * unigram;
    expect(model.probability(97, 98, 97)).toBeCloseTo(bigram, 12);
  });

  it('scores each byte of each piece from an empty context', () => {
    const model = fitByteTrigram([bytes(line)]);
    const expected =
      -(Math.log(model.probability(256, 256, 116)) + Math.log(model.probability(256, 116, 104)) + Math.log(model.probability(256, 256, 97))) / 3;
    const { bytes: count, natsPerByte } = model.score([bytes('th'), bytes('a'), bytes('')]);
    expect(count).toBe(3);
    expect(natsPerByte).toBeCloseTo(expected, 12);
  });

  it('approaches the entropy of a known source', () => {
    // Each byte is the one before plus 1 with probability 3/4, else plus 2, modulo 8.
    const random = createStream(3, 'source');
    const draw = (length: number): Uint8Array => {
      let state = 0;
      return Uint8Array.from({ length }, () => (state = (state + (random.next() < 0.75 ? 1 : 2)) % 8));
    };
    const train = [draw(20_000)];
    const held = [draw(20_000)];
    const entropy = -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25));
    expect(Math.abs(fitByteTrigram(train).score(held).natsPerByte - entropy)).toBeLessThan(0.02);
  });

  it('beats add-k on held-out text, and knows nothing of unseen bytes', () => {
    const train = [bytes(line.repeat(3))];
    const held = [bytes('the men of the sea saw the white ship')];
    expect(fitByteTrigram(train).score(held).natsPerByte).toBeLessThan(fitByteTrigram(train, { smoothing: 'add-k', k: 1 }).score(held).natsPerByte);
    expect(Number.isFinite(fitByteTrigram(train).score([Uint8Array.of(0, 255, 254)]).natsPerByte)).toBe(true);
  });

  it('refuses nothing to count, nothing to score and a bad k', () => {
    expect(() => fitByteTrigram([])).toThrow('fitByteTrigram: there is nothing to count; expected at least 1 training byte; found 0');
    expect(() => fitByteTrigram([bytes('a')]).score([new Uint8Array(0)])).toThrow('ByteTrigram.score: there is nothing to score');
    expect(() => fitByteTrigram([bytes('a')], { k: 0 })).toThrow('fitByteTrigram: k is out of range; expected a finite number above 0; found 0');
  });
});
