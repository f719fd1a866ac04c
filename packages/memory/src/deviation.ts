import { DlaError } from '@dla/core';
import type { TokenRange } from './merge-log.js';

/**
 * The deviation bound of the paper's Theorem 3.1 for one head:
 *
 *     B = sum_j sqrt(n_j) sqrt(sum_{t in j} || u_t - mean_j ||^2),      u_t = vec(k_t v_t^T)
 *
 * @param keys [T, K] row-major; @param values [T, V] row-major; @param slots token ranges that do not overlap
 */
export function deviationBound(
  keys: ArrayLike<number>,
  values: ArrayLike<number>,
  sizes: { readonly keyWidth: number; readonly valueWidth: number },
  slots: readonly TokenRange[],
): number {
  const { keyWidth, valueWidth } = sizes;
  const time = keys.length / keyWidth;
  if (!Number.isInteger(time) || values.length !== time * valueWidth)
    throw new DlaError('shape', 'keys and values do not fit', {
      where: 'deviationBound',
      expected: `T x ${keyWidth} and T x ${valueWidth} numbers`,
      found: `${keys.length} and ${values.length}`,
    });
  let bound = 0;
  for (const { start, end } of slots) {
    if (start < 0 || end > time || start >= end)
      throw new DlaError('argument', 'bad token range', {
        where: 'deviationBound',
        expected: `a non-empty range in [0, ${time}]`,
        found: `[${start}, ${end})`,
      });
    bound += Math.sqrt(end - start) * Math.sqrt(squaredDeviation(keys, values, keyWidth, valueWidth, start, end));
  }
  return bound;
}

function squaredDeviation(
  keys: ArrayLike<number>,
  values: ArrayLike<number>,
  keyWidth: number,
  valueWidth: number,
  start: number,
  end: number,
): number {
  const mean = new Float64Array(keyWidth * valueWidth);
  const visit = (t: number, cell: (index: number, product: number) => void): void => {
    for (let i = 0; i < keyWidth; i++)
      for (let j = 0; j < valueWidth; j++) cell(i * valueWidth + j, (keys[t * keyWidth + i] as number) * (values[t * valueWidth + j] as number));
  };
  for (let t = start; t < end; t++)
    visit(t, (index, product) => {
      mean[index] = (mean[index] as number) + product / (end - start);
    });
  let sum = 0;
  for (let t = start; t < end; t++)
    visit(t, (index, product) => {
      sum += (product - (mean[index] as number)) ** 2;
    });
  return sum;
}
