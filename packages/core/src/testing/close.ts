/** How far a value may be from the expected one: |actual - expected| <= absolute + relative |expected|. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/**
 * Compare two arrays element by element; equal infinities and two NaN count as equal.
 *
 * @throws Error that names the worst element: its index, both values, the error and what was allowed.
 */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: Tolerance, what = 'values'): void {
  if (actual.length !== expected.length) throw new Error(`${what}: ${actual.length} elements, expected ${expected.length}`);
  let worst = -1;
  let worstRatio = 1;
  let wrong = 0;
  for (let i = 0; i < actual.length; i++) {
    const ratio = excess(actual[i] as number, expected[i] as number, tolerance);
    if (ratio <= 1) continue;
    wrong++;
    if (ratio > worstRatio) {
      worstRatio = ratio;
      worst = i;
    }
  }
  if (worst < 0) return;
  const [a, e] = [actual[worst] as number, expected[worst] as number];
  const allowed = tolerance.absolute + tolerance.relative * Math.abs(e);
  throw new Error(
    `${what}: ${wrong} of ${actual.length} elements differ; the worst at index ${worst}: ${a}, expected ${e}, error ${Math.abs(a - e)}, allowed ${allowed}`,
  );
}

/** The error as a multiple of what is allowed. */
function excess(actual: number, expected: number, { relative, absolute }: Tolerance): number {
  if (Object.is(actual, expected) || actual === expected) return 0;
  const error = Math.abs(actual - expected);
  if (!Number.isFinite(error)) return Infinity;
  const allowed = absolute + relative * Math.abs(expected);
  return error <= allowed ? 0 : allowed === 0 ? Number.MAX_VALUE : error / allowed;
}
