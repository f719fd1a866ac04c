import type { CpuCall } from '../../op.js';
import type { FillAttributes } from './op.js';

export function fillReference({ outputs: [y], attributes }: CpuCall<FillAttributes>): void {
  y?.data.fill(attributes.value);
}
