import type { CpuCall } from '../../op.js';

export function copyReference({ inputs: [x], outputs: [y] }: CpuCall<Record<string, never>>): void {
  if (x !== undefined && y !== undefined) y.data.set(x.data);
}
