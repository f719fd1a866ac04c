import type { Shape } from '../shape.js';

/** Nested loops over a shape with, for each operand, the step in elements along every axis. */
export interface StridedLoops {
  readonly shape: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/** Merge neighbouring axes wherever every operand walks them as one, and drop axes of length 1; at least one axis is left. */
export function collapse(shape: Shape, strides: readonly (readonly number[])[]): StridedLoops {
  const sizes: number[] = [];
  const steps: number[][] = strides.map(() => []);
  for (let axis = 0; axis < shape.length; axis++) {
    const size = shape[axis] as number;
    if (size === 1) continue;
    const last = sizes.length - 1;
    const joins = last >= 0 && strides.every((own, operand) => steps[operand]?.[last] === (own[axis] as number) * size);
    if (joins) {
      sizes[last] = (sizes[last] as number) * size;
      for (let operand = 0; operand < strides.length; operand++) (steps[operand] as number[])[last] = strides[operand]?.[axis] as number;
    } else {
      sizes.push(size);
      for (let operand = 0; operand < strides.length; operand++) (steps[operand] as number[]).push(strides[operand]?.[axis] as number);
    }
  }
  if (sizes.length === 0) {
    sizes.push(1);
    for (const own of steps) own.push(0);
  }
  return { shape: sizes, strides: steps };
}

/**
 * Call `row` for every combination of the outer axes, in row-major order, with the offset of each operand there.
 * `row` walks the innermost `inner` axes itself. The offsets array is reused between calls.
 */
export function forEachRow({ shape, strides }: StridedLoops, row: (offsets: readonly number[]) => void, inner = 1): void {
  const outer = shape.length - inner;
  if (shape.includes(0)) return;
  const offsets = strides.map(() => 0);
  const counter = new Array<number>(Math.max(outer, 0)).fill(0);
  for (;;) {
    row(offsets);
    let axis = outer - 1;
    for (; axis >= 0; axis--) {
      const next = (counter[axis] as number) + 1;
      const size = shape[axis] as number;
      const back = next === size ? size - 1 : -1;
      for (let operand = 0; operand < offsets.length; operand++)
        offsets[operand] = (offsets[operand] as number) - back * (strides[operand]?.[axis] as number);
      counter[axis] = back < 0 ? next : 0;
      if (back < 0) break;
    }
    if (axis < 0) return;
  }
}
