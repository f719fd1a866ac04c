import { type Attributes, DlaError, type DType, formatShape, type Shape, sizeOf, type TensorSpec } from '@dla/core';
import type { Binding, GpuCapabilities, GpuKernel, KernelPlan, KernelRequest, Launch } from '../runtime/kernel.js';
import prelude from '../wgsl/prelude.wgsl';

/** Invocations of a workgroup in the elementwise kernels; `lanes` in the prelude. */
export const lanes = 64;

type Word = NonNullable<Launch['uniforms']>[number];

/** Kernel text: the prelude, type aliases, and the kernel's own source. */
export function kernelCode(source: string, aliases: { readonly [name: string]: string } = {}): string {
  const lines = Object.entries(aliases).map(([name, type]) => `alias ${name} = ${type};\n`);
  return `${prelude}${lines.join('')}${source}`;
}

export function read(index: number): Binding {
  return { source: { kind: 'input', index }, access: 'read' };
}

export function write(index: number): Binding {
  return { source: { kind: 'output', index }, access: 'read_write' };
}

export function scratchRead(index: number): Binding {
  return { source: { kind: 'scratch', index }, access: 'read' };
}

export function scratchWrite(index: number): Binding {
  return { source: { kind: 'scratch', index }, access: 'read_write' };
}

/** Unsigned uniform words. */
export function words(...values: readonly number[]): Word[] {
  return values.map((value) => ({ type: 'u32', value }));
}

/** Float uniform words. */
export function floats(...values: readonly number[]): Word[] {
  return values.map((value) => ({ type: 'f32', value }));
}

/** `count` workgroups, folded over x and y where one dimension does not hold them; kernels compare with their own size. */
export function fold(count: number, { limits }: GpuCapabilities): [number, number, number] {
  const most = limits.maxComputeWorkgroupsPerDimension;
  if (count <= most) return [count, 1, 1];
  const rows = Math.ceil(count / most);
  return [Math.ceil(count / rows), rows, 1];
}

/** Workgroups for one invocation an item. */
export function itemsGrid(items: number, capabilities: GpuCapabilities): [number, number, number] {
  return fold(Math.ceil(items / lanes), capabilities);
}

/** The WGSL type that a storage buffer of `dtype` is read as. */
export function wgslType(op: string, dtype: DType): 'f32' | 'i32' | 'u32' {
  if (dtype === 'f16') throw new DlaError('dtype', 'f16 is a storage type on WebGPU: cast first', { where: op });
  return dtype === 'bool' ? 'u32' : dtype;
}

/** Input or output `index`; the op's `infer` has made sure it is there. */
export function at(specs: readonly TensorSpec[], index: number): TensorSpec {
  return specs[index] as TensorSpec;
}

/** A kernel written for the attributes of one op. */
export function kernel<A extends Attributes>(plan: (request: KernelRequest<A>) => KernelPlan): GpuKernel {
  return (request) => plan(request as unknown as KernelRequest<A>);
}

/** Elements before, along and after `axis`. */
export function around(shape: Shape, axis: number): { readonly outer: number; readonly length: number; readonly inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), length: shape[axis] as number, inner: sizeOf(shape.slice(axis + 1)) };
}

export interface StridedDimensions {
  readonly sizes: readonly number[];
  /** For each operand its step along each dimension. */
  readonly strides: readonly (readonly number[])[];
}

export const mostDimensions = 8;

/**
 * Uniforms of a strided kernel: element count, number of dimensions, two words of its own, then for each of up to eight
 * dimensions its size and three steps. Neighbouring dimensions that every operand walks as one are merged.
 */
export function stridedUniforms(op: string, shape: Shape, strides: readonly (readonly number[])[], own: readonly [number, number] = [0, 0]): Word[] {
  const merged = merge(shape, strides);
  const rank = merged.sizes.length;
  if (rank > mostDimensions)
    throw new DlaError('device-limit', 'too many dimensions for the WebGPU kernel', {
      where: op,
      expected: `at most ${mostDimensions} after merging`,
      found: formatShape(shape),
    });
  const dimensions = Array.from({ length: mostDimensions }, (_, axis) => [
    merged.sizes[axis] ?? 1,
    ...[0, 1, 2].map((operand) => merged.strides[operand]?.[axis] ?? 0),
  ]);
  return words(sizeOf(shape), rank, ...own, ...dimensions.flat());
}

/** Neighbouring dimensions that every operand walks as one become one; dimensions of 1 go. */
export function merge(shape: Shape, strides: readonly (readonly number[])[]): StridedDimensions {
  const sizes: number[] = [];
  const steps: number[][] = strides.map(() => []);
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const last = sizes.length - 1;
    const joins = last >= 0 && strides.every((own, operand) => steps[operand]?.[last] === (own[axis] as number) * size);
    if (joins) sizes[last] = (sizes[last] as number) * size;
    else sizes.push(size);
    strides.forEach((own, operand) => {
      (steps[operand] as number[])[sizes.length - 1] = own[axis] as number;
    });
  });
  return { sizes, strides: steps };
}
