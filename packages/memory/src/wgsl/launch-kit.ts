import type { TensorSpec } from '@dla/core';
import type { Binding, BindingSource, Launch } from '@dla/kernels';

/** Shorthands for kernel plans. */
export const input = (index: number): BindingSource => ({ kind: 'input', index });
export const output = (index: number): BindingSource => ({ kind: 'output', index });
export const scratch = (index: number): BindingSource => ({ kind: 'scratch', index });

export const reads = (...sources: readonly BindingSource[]): Binding[] => sources.map((source) => ({ source, access: 'read' }));
export const writes = (...sources: readonly BindingSource[]): Binding[] => sources.map((source) => ({ source, access: 'read_write' }));

/** Uniform words from whole numbers. */
export const words = (...values: readonly number[]): NonNullable<Launch['uniforms']> => values.map((value) => ({ type: 'u32', value }));

/** Enough workgroups of 64 for `count` invocations, folded so that no dimension passes the limit. */
export function cover(count: number, limit: number): [number, number, number] {
  return fold(Math.ceil(count / 64), limit);
}

/** `count` workgroups over two dimensions; kernels read them as x + y * num_workgroups.x and stop past the end. */
export function fold(count: number, limit: number): [number, number, number] {
  const rows = Math.max(1, Math.ceil(count / limit));
  return [Math.ceil(Math.max(1, count) / rows), rows, 1];
}

export function shapeOf(spec: TensorSpec | undefined): readonly number[] {
  return spec?.shape ?? [];
}
