import type { GpuCapabilities } from '../runtime/kernel.js';
import byInvocation from '../wgsl/row-invocation.wgsl';
import byWorkgroup from '../wgsl/row-workgroup.wgsl';
import { fold, itemsGrid, kernelCode } from './launching.js';

/** How kernels over the last dimension spread rows: `software` adapters one an invocation, GPUs one a workgroup. */
export interface RowForm {
  readonly form: string;
  readonly code: (source: string) => string;
  readonly workgroups: (rows: number) => [number, number, number];
}

export function rowForm(capabilities: GpuCapabilities): RowForm {
  return capabilities.software
    ? {
        form: 'parallel, row an invocation',
        code: (source) => kernelCode(byInvocation + source),
        workgroups: (rows) => itemsGrid(rows, capabilities),
      }
    : { form: 'parallel, row a workgroup', code: (source) => kernelCode(byWorkgroup + source), workgroups: (rows) => fold(rows, capabilities) };
}

/** Rows that one invocation sums in the first pass of a sum over rows, and how many such parts there are. */
export function rowParts(rows: number, columns: number, { software }: GpuCapabilities): { readonly each: number; readonly parts: number } {
  const busy = software ? 512 : 32_768;
  const each = Math.max(16, Math.ceil((rows * columns) / busy));
  return { each, parts: Math.max(1, Math.ceil(rows / each)) };
}
