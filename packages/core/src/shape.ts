import { DlaError } from './errors.js';

/** Dimensions, outermost first; `[]` is a scalar. Arrays are dense and row-major. */
export type Shape = readonly number[];

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const dimension of shape) size *= dimension;
  return size;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }
  return strides;
}

/** Numpy broadcasting of two shapes; throws a `shape` error that names `where`. */
export function broadcastShapes(where: string, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let axis = 0; axis < rank; axis++) {
    const left = a[a.length - rank + axis] ?? 1;
    const right = b[b.length - rank + axis] ?? 1;
    if (left !== right && left !== 1 && right !== 1)
      throw new DlaError('shape', 'shapes do not broadcast', {
        where,
        expected: 'equal dimensions, or 1',
        found: `${formatShape(a)} and ${formatShape(b)}`,
      });
    result[axis] = left === 1 ? right : left;
  }
  return result;
}

/** Strides of `shape` seen through the broadcast shape `target` (0 where a dimension is repeated). */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const own = stridesOf(shape);
  return target.map((_, axis) => {
    const mine = axis - (target.length - shape.length);
    return mine < 0 || shape[mine] === 1 ? 0 : (own[mine] as number);
  });
}

/** Resolve a possibly negative axis. */
export function resolveAxis(where: string, axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || resolved < 0 || resolved >= rank)
    throw new DlaError('argument', 'axis out of range', { where, expected: `an integer in [${-rank}, ${rank})`, found: String(axis) });
  return resolved;
}

export function checkShape(where: string, shape: Shape): void {
  for (const dimension of shape)
    if (!Number.isSafeInteger(dimension) || dimension < 0)
      throw new DlaError('shape', 'dimensions must be non-negative integers', { where, found: formatShape(shape) });
}
