import { createStream, DlaError, numerics, type RandomStream } from '@dla/core';

/** Target of a position that is not scored (core's cross-entropy leaves it out; Zoology writes -100). */
export const ignoredTarget = -1;

export interface MqarOptions {
  /** Token ids lie in [0, vocabularySize): keys in [1, half), values in [half, vocabularySize). */
  readonly vocabularySize: number;
  /** Tokens an example has, T; even, at least 4 a pair. */
  readonly length: number;
  /** Key-value pairs an example starts with; each key is asked for once. */
  readonly pairs: number;
  readonly examples: number;
  readonly seed: number;
  /** Power law of the gaps: place g (1-based) of a query has weight alpha g^(alpha - 1). Default 0.01, nearly 1/g: most queries come early. */
  readonly alpha?: number;
  /** Fill the places between queries with random tokens of the whole vocabulary; false leaves token 0. Default true. */
  readonly randomFiller?: boolean;
}

export interface MqarExample {
  readonly pairs: number;
  /** [T] token ids: key, value, key, value, .., then queries among filler. */
  readonly inputs: Int32Array;
  /** [T]: at a query's position its value, {@link ignoredTarget} everywhere else. */
  readonly targets: Int32Array;
}

export interface MqarAccuracy {
  readonly pairs: number;
  readonly queries: number;
  readonly correct: number;
  readonly accuracy: number;
}

/**
 * Multi-query associative recall as Zoology defines it (Arora et al., arXiv 2312.04927): distinct keys with distinct values,
 * then each key again as a query at `2 pairs + 2 gap`, gaps distinct and drawn one after another by the power law from
 * [0, (T - 2 pairs) / 2). The answer is due at the query itself. A pure function of the options on every engine.
 *
 * @throws DlaError `argument` for sizes that do not fit.
 */
export function createMqar(options: MqarOptions): MqarExample[] {
  const { vocabularySize, length, pairs, examples, seed, alpha = 0.01, randomFiller = true } = options;
  check(options, alpha);
  const random = createStream(seed, `mqar.${vocabularySize}.${length}.${pairs}`);
  const half = Math.floor(vocabularySize / 2);
  const places = (length - 2 * pairs) / 2;
  const weights = Float64Array.from({ length: places }, (_, gap) => numerics.exp((alpha - 1) * numerics.log(gap + 1)));
  return Array.from({ length: examples }, () => {
    const keys = distinct(random, 1, half, pairs);
    const values = distinct(random, half, vocabularySize, pairs);
    const gaps = drawGaps(random, weights, pairs);
    const inputs = randomFiller ? Int32Array.from(random.integers(length, vocabularySize)) : new Int32Array(length);
    const targets = new Int32Array(length).fill(ignoredTarget);
    for (let pair = 0; pair < pairs; pair++) {
      const query = 2 * pairs + 2 * (gaps[pair] as number);
      inputs[2 * pair] = keys[pair] as number;
      inputs[2 * pair + 1] = values[pair] as number;
      inputs[query] = keys[pair] as number;
      targets[query] = values[pair] as number;
    }
    return { pairs, inputs, targets };
  });
}

function check(options: MqarOptions, alpha: number): void {
  const { vocabularySize, length, pairs, examples } = options;
  const require = (fine: boolean, problem: string, expected: string, found: number): void => {
    if (!fine) throw new DlaError('argument', problem, { where: 'createMqar', expected, found: String(found) });
  };
  require(Number.isInteger(pairs) && pairs >= 1, 'pairs is out of range', 'an integer of at least 1', pairs);
  require(Number.isInteger(length) &&
    length % 2 === 0 &&
    length >= 4 * pairs, 'length is out of range', `an even integer of at least ${4 * pairs}`, length);
  require(Number.isInteger(vocabularySize) &&
    vocabularySize > length, 'vocabularySize is out of range', `an integer above the length ${length}`, vocabularySize);
  require(Number.isInteger(examples) && examples >= 0, 'examples is out of range', 'a non-negative integer', examples);
  require(Number.isFinite(alpha) && alpha > 0, 'alpha is out of range', 'a finite number above 0', alpha);
}

/** `count` distinct integers of [low, high), in random order. */
function distinct(random: RandomStream, low: number, high: number, count: number): Int32Array {
  const pool = Int32Array.from({ length: high - low }, (_, index) => low + index);
  for (let index = 0; index < count; index++) {
    const other = index + random.integer(pool.length - index);
    const kept = pool[index] as number;
    pool[index] = pool[other] as number;
    pool[other] = kept;
  }
  return pool.subarray(0, count);
}

/**
 * `count` distinct gaps drawn one after another by weight, in the order drawn: the first arrivals of exponential clocks
 * whose rates are the weights, which is the same distribution.
 */
function drawGaps(random: RandomStream, weights: Float64Array, count: number): number[] {
  const arrivals = Float64Array.from(weights, (weight) => -numerics.log((random.nextBits() + 0.5) * 2 ** -32) / weight);
  return [...arrivals.keys()].sort((a, b) => (arrivals[a] as number) - (arrivals[b] as number) || a - b).slice(0, count);
}

/**
 * Share of queries answered right, by number of pairs, fewest pairs first.
 *
 * @param predictions for each example [T] token ids, the likeliest token after each position
 * @throws DlaError `argument` where predictions and examples differ in number or length.
 */
export function accuracyByPairs(predictions: readonly ArrayLike<number>[], examples: readonly MqarExample[]): MqarAccuracy[] {
  if (predictions.length !== examples.length)
    throw new DlaError('argument', 'one prediction an example is needed', {
      where: 'accuracyByPairs',
      expected: `${examples.length}`,
      found: `${predictions.length}`,
    });
  const counts = new Map<number, { queries: number; correct: number }>();
  examples.forEach(({ pairs, targets }, index) => {
    const predicted = predictions[index] as ArrayLike<number>;
    if (predicted.length !== targets.length)
      throw new DlaError('argument', `prediction ${index} has another length than its example`, {
        where: 'accuracyByPairs',
        expected: `${targets.length}`,
        found: `${predicted.length}`,
      });
    const count = counts.get(pairs) ?? { queries: 0, correct: 0 };
    targets.forEach((target, position) => {
      if (target === ignoredTarget) return;
      count.queries++;
      if (predicted[position] === target) count.correct++;
    });
    counts.set(pairs, count);
  });
  return [...counts].sort(([a], [b]) => a - b).map(([pairs, { queries, correct }]) => ({ pairs, queries, correct, accuracy: correct / queries }));
}
