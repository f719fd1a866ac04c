import { allocate, type DType } from '../dtype.js';
import { DlaError } from '../errors.js';
import { Tensor } from '../tensor.js';

/** A tensor, or a number that stands for a scalar of the other operand's dtype. */
export type Operand = Tensor | number;

const constants = new Map<string, Tensor>();
const LIMIT = 4096;

/**
 * A shared host scalar: a constant of compiled graphs, uploaded once for each plan, never computed.
 * Equal values share one tensor, so that equal expressions merge.
 */
export function constant(value: number, dtype: DType): Tensor {
  if (dtype === 'f16') throw new DlaError('dtype', 'f16 is a storage type: no constants', { where: 'constant' });
  const data = allocate(dtype, 1);
  data[0] = value;
  const key = `${dtype}:${Object.is(data[0], -0) ? '-0' : String(data[0])}`;
  let known = constants.get(key);
  if (known === undefined) {
    known = new Tensor([], dtype, { kind: 'host', data });
    // A cache, not a registry: dropping it costs merges, never results.
    if (constants.size >= LIMIT) constants.clear();
    constants.set(key, known);
  }
  return known;
}

/** Both operands as tensors; a number takes the dtype of the other, two numbers are f32. */
export function asTensors(where: string, a: Operand, b: Operand): readonly [Tensor, Tensor] {
  const dtype = a instanceof Tensor ? a.dtype : b instanceof Tensor ? b.dtype : 'f32';
  return [asTensor(where, a, dtype), asTensor(where, b, dtype)];
}

/** The operand as a tensor; a number becomes a scalar of `dtype`. */
export function asTensor(where: string, value: Operand, dtype: DType): Tensor {
  if (value instanceof Tensor) return value;
  if (typeof value !== 'number') throw new DlaError('argument', 'expected a tensor or a number', { where, found: typeof value });
  return constant(value, dtype);
}
