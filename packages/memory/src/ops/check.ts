import { DlaError, type DType, formatShape, type TensorSpec } from '@dla/core';

/** Sizes of a multi-state call: B batch, T time, G groups, H heads, K key width, V value width. */
export interface Sizes {
  readonly batch: number;
  readonly time: number;
  readonly groups: number;
  readonly heads: number;
  readonly keyWidth: number;
  readonly valueWidth: number;
}

/** One input has this dtype and shape, or a typed error that names op and input. */
export function expectSpec(op: string, name: string, spec: TensorSpec | undefined, dtype: DType, shape: readonly number[]): TensorSpec {
  if (spec === undefined)
    throw new DlaError('argument', `input ${name} is missing`, { where: op, expected: `${dtype} ${formatShape(shape)}`, found: 'nothing' });
  const same = spec.shape.length === shape.length && shape.every((size, axis) => spec.shape[axis] === size);
  if (spec.dtype !== dtype || !same)
    throw new DlaError(spec.dtype === dtype ? 'shape' : 'dtype', `input ${name} is wrong`, {
      where: op,
      expected: `${dtype} ${formatShape(shape)}`,
      found: `${spec.dtype} ${formatShape(spec.shape)}`,
    });
  return spec;
}

/** The op takes exactly `count` inputs. */
export function expectCount(op: string, inputs: readonly unknown[], count: number, names: string): void {
  if (inputs.length !== count)
    throw new DlaError('argument', 'wrong number of inputs', { where: op, expected: `${count} (${names})`, found: String(inputs.length) });
}

/** Sizes from k [B, T, G, K], v [B, T, H, V] and g [B, T, H], all f32, with G dividing H. */
export function sizesOfInputs(op: string, k: TensorSpec | undefined, v: TensorSpec | undefined, g: TensorSpec | undefined): Sizes {
  if (k?.shape.length !== 4 || v?.shape.length !== 4)
    throw new DlaError('shape', 'k and v must have four axes', {
      where: op,
      expected: 'k [B, T, G, K] and v [B, T, H, V]',
      found: `${k === undefined ? 'nothing' : formatShape(k.shape)} and ${v === undefined ? 'nothing' : formatShape(v.shape)}`,
    });
  const [batch, time, groups, keyWidth] = k.shape as [number, number, number, number];
  const [, , heads, valueWidth] = v.shape as [number, number, number, number];
  expectSpec(op, 'k', k, 'f32', [batch, time, groups, keyWidth]);
  expectSpec(op, 'v', v, 'f32', [batch, time, heads, valueWidth]);
  expectSpec(op, 'g', g, 'f32', [batch, time, heads]);
  if (batch * time * groups * keyWidth * heads * valueWidth === 0)
    throw new DlaError('shape', 'no axis may be empty', {
      where: op,
      expected: 'sizes of at least 1',
      found: `${formatShape(k.shape)} and ${formatShape(v.shape)}`,
    });
  if (heads % groups !== 0)
    throw new DlaError('shape', 'the groups of k must divide the heads of v', {
      where: op,
      expected: `a divisor of ${heads}`,
      found: String(groups),
    });
  return { batch, time, groups, heads, keyWidth, valueWidth };
}
