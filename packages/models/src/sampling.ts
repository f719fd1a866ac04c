import { DlaError, numerics, type RandomStream } from '@dla/core';

export interface SamplingOptions {
  /** Logits are divided by it; 0 means greedy. Default 1. */
  readonly temperature?: number;
  /** Keep the k likeliest tokens (ties: lowest id first). Default: all. */
  readonly topK?: number;
  /** Of those, keep the fewest likeliest whose probability reaches p, in (0, 1]. Default 1: all. */
  readonly topP?: number;
  /** Always the likeliest token, lowest id among equals; draws no random number. Default false. */
  readonly greedy?: boolean;
}

export interface Sampled {
  readonly token: number;
  /** Natural log of the token's probability under the unmodified distribution softmax(logits). */
  readonly logprob: number;
}

/**
 * Draw one token from softmax(logits / temperature), cut to the top k, then to the top p. The same logits, options and
 * stream position give the same token on every engine; a draw takes two words of the stream, greedy takes none.
 *
 * @param logits [V] f32; -inf excludes a token
 * @throws DlaError `argument` for options out of range or no logits, `non-finite` for NaN, +inf or nothing but -inf.
 */
export function sample(logits: Float32Array, options: SamplingOptions, random: RandomStream): Sampled {
  const { temperature = 1, topK = logits.length, topP = 1, greedy = false } = options;
  checkOptions(logits.length, temperature, topK, topP);
  const best = likeliest(logits);
  const token = greedy || temperature === 0 || topK === 1 ? best : draw(logits, best, temperature, topK, topP, random);
  return { token, logprob: logProbability(logits, best, token) };
}

function checkOptions(vocabulary: number, temperature: number, topK: number, topP: number): void {
  const fail = (problem: string, expected: string, found: number): never => {
    throw new DlaError('argument', problem, { where: 'sample', expected, found: String(found) });
  };
  if (vocabulary === 0) fail('there are no logits', 'at least 1', 0);
  if (!(temperature >= 0 && Number.isFinite(temperature))) fail('temperature is out of range', 'a finite number of at least 0', temperature);
  if (!Number.isInteger(topK) || topK < 1) fail('topK is out of range', 'an integer of at least 1', topK);
  if (!(topP > 0 && topP <= 1)) fail('topP is out of range', 'a number in (0, 1]', topP);
}

function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] as number;
    if (Number.isNaN(logit) || logit === Infinity)
      throw new DlaError('non-finite', 'a logit is not finite', { where: 'sample', found: `${logit} for token ${id}` });
    if (logit > (logits[best] as number)) best = id;
  }
  if (logits[best] === -Infinity)
    throw new DlaError('non-finite', 'every token is excluded', { where: 'sample', expected: 'a finite logit', found: 'only -Infinity' });
  return best;
}

function draw(logits: Float32Array, best: number, temperature: number, topK: number, topP: number, random: RandomStream): number {
  const peak = logits[best] as number;
  const weights = Float64Array.from(logits, (logit) => numerics.exp((logit - peak) / temperature));
  const candidates = Uint32Array.from(weights.keys());
  let kept = candidates.length;
  if (topK < kept || topP < 1) {
    // Logits, not weights, decide the order: weights may have underflowed to equal zeros.
    candidates.sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
    kept = Math.min(kept, topK);
    if (topP < 1) kept = nucleus(weights, candidates, kept, topP);
  }
  let total = 0;
  for (let i = 0; i < kept; i++) total += weights[candidates[i] as number] as number;
  const high = random.nextBits();
  const target = (high * 2097152 + (random.nextBits() >>> 11)) * 2 ** -53 * total;
  let sum = 0;
  for (let i = 0; i < kept; i++) {
    const id = candidates[i] as number;
    sum += weights[id] as number;
    if (sum > target) return id;
  }
  return best;
}

/** The fewest of the first `kept` sorted candidates whose share of their total weight reaches `topP`. */
function nucleus(weights: Float64Array, candidates: Uint32Array, kept: number, topP: number): number {
  let total = 0;
  for (let i = 0; i < kept; i++) total += weights[candidates[i] as number] as number;
  let sum = 0;
  for (let i = 0; i < kept; i++) {
    sum += weights[candidates[i] as number] as number;
    if (sum >= topP * total) return i + 1;
  }
  return kept;
}

function logProbability(logits: Float32Array, best: number, token: number): number {
  const peak = logits[best] as number;
  let total = 0;
  for (const logit of logits) total += numerics.exp(logit - peak);
  return (logits[token] as number) - peak - numerics.log(total);
}
