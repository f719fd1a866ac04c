import { DlaError, numerics } from '@dla/core';

export interface ByteTrigramOptions {
  /**
   * `kneser-ney` (default): interpolated, one discount an order, n1 / (n1 + 2 n2) from the training counts (Ney, Essen and
   * Kneser 1994). `add-k`: (count + k) / (context count + 256 k), no shorter contexts.
   */
  readonly smoothing?: 'kneser-ney' | 'add-k';
  /** The k of `add-k`; default 0.1. */
  readonly k?: number;
}

export interface HeldOutScore {
  readonly bytes: number;
  /** Mean of -ln p(byte | the two bytes before it). */
  readonly natsPerByte: number;
}

/** A fitted model of bytes given the two before; a piece starts with no context. */
export interface ByteTrigram {
  /** p(byte | first, second); sums to 1 over the 256 bytes. 256 stands for "before the piece". */
  probability(first: number, second: number, byte: number): number;
  /** @throws DlaError `argument` for pieces without any byte. */
  score(pieces: readonly Uint8Array[]): HeldOutScore;
}

const outside = 256;

/** Counts of one order: continuations by context. A context is an integer; 256 symbols may follow it. */
class Counts {
  readonly pairs = new Map<number, number>();
  readonly #totals = new Map<number, { total: number; kinds: number }>();

  add(context: number, byte: number, amount: number): void {
    const pair = context * 256 + byte;
    const before = this.pairs.get(pair) ?? 0;
    this.pairs.set(pair, before + amount);
    const { total, kinds } = this.context(context);
    this.#totals.set(context, { total: total + amount, kinds: before === 0 ? kinds + 1 : kinds });
  }

  of(context: number, byte: number): number {
    return this.pairs.get(context * 256 + byte) ?? 0;
  }

  /** How often a context was seen, and how many different bytes followed it. */
  context(context: number): { readonly total: number; readonly kinds: number } {
    return this.#totals.get(context) ?? { total: 0, kinds: 0 };
  }

  /** Share of a count to give to unseen continuations: n1 / (n1 + 2 n2), 0.5 where nothing was seen once. */
  discount(): number {
    let once = 0;
    let twice = 0;
    for (const count of this.pairs.values()) {
      if (count === 1) once++;
      else if (count === 2) twice++;
    }
    return once === 0 ? 0.5 : once / (once + 2 * twice);
  }
}

/**
 * Count trigrams of bytes and smooth them; nothing but the training pieces sets a constant. The floor that a byte-level
 * language model has to pass.
 *
 * @throws DlaError `argument` for no training bytes or a k that is not above 0.
 * @example
 * const { natsPerByte } = fitByteTrigram(trainingChapters).score(heldOutChapters);
 */
export function fitByteTrigram(pieces: readonly Uint8Array[], options: ByteTrigramOptions = {}): ByteTrigram {
  const { smoothing = 'kneser-ney', k = 0.1 } = options;
  if (!(k > 0 && Number.isFinite(k)))
    throw new DlaError('argument', 'k is out of range', { where: 'fitByteTrigram', expected: 'a finite number above 0', found: String(k) });
  const trigrams = new Counts();
  for (const piece of pieces) eachTrigram(piece, (first, second, byte) => trigrams.add(first * 257 + second, byte, 1));
  if (trigrams.pairs.size === 0)
    throw new DlaError('argument', 'there is nothing to count', { where: 'fitByteTrigram', expected: 'at least 1 training byte', found: '0' });
  const probability = smoothing === 'add-k' ? addK(trigrams, k) : kneserNey(trigrams);
  return { probability, score: (held) => score(held, probability) };
}

function eachTrigram(piece: Uint8Array, visit: (first: number, second: number, byte: number) => void): void {
  let first = outside;
  let second = outside;
  for (const byte of piece) {
    visit(first, second, byte);
    first = second;
    second = byte;
  }
}

type Probability = ByteTrigram['probability'];

function addK(trigrams: Counts, k: number): Probability {
  return (first, second, byte) => {
    const context = first * 257 + second;
    return (trigrams.of(context, byte) + k) / (trigrams.context(context).total + 256 * k);
  };
}

/** p_n(c | h) = max(N(h c) - D, 0) / N(h) + D kinds(h) / N(h) p_(n-1)(c | shorter h); below unigrams 1/256. */
function kneserNey(trigrams: Counts): Probability {
  // Shorter orders count in how many different contexts a continuation occurred, not how often.
  const bigrams = new Counts();
  const unigrams = new Counts();
  for (const pair of trigrams.pairs.keys()) bigrams.add(Math.floor(pair / 256) % 257, pair % 256, 1);
  for (const pair of bigrams.pairs.keys()) unigrams.add(0, pair % 256, 1);
  const interpolate = (counts: Counts): ((context: number, byte: number, shorter: number) => number) => {
    const discount = counts.discount();
    return (context, byte, shorter) => {
      const { total, kinds } = counts.context(context);
      if (total === 0) return shorter;
      return (Math.max(counts.of(context, byte) - discount, 0) + discount * kinds * shorter) / total;
    };
  };
  const [third, second, first] = [interpolate(trigrams), interpolate(bigrams), interpolate(unigrams)];
  return (before, last, byte) => third(before * 257 + last, byte, second(last, byte, first(0, byte, 1 / 256)));
}

function score(pieces: readonly Uint8Array[], probability: Probability): HeldOutScore {
  let bytes = 0;
  let nats = 0;
  for (const piece of pieces)
    eachTrigram(piece, (first, second, byte) => {
      nats -= numerics.log(probability(first, second, byte));
      bytes++;
    });
  if (bytes === 0)
    throw new DlaError('argument', 'there is nothing to score', { where: 'ByteTrigram.score', expected: 'at least 1 byte', found: '0' });
  return { bytes, natsPerByte: nats / bytes };
}
