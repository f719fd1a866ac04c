import type { CpuCall, CpuValue } from '../../op.js';
import { stridesOf } from '../../shape.js';
import type { IotaAttributes } from './op.js';

export function iotaReference({ outputs, attributes }: CpuCall<IotaAttributes>): void {
  const y = outputs[0] as CpuValue;
  const step = stridesOf(y.shape)[attributes.axis] as number;
  const length = y.shape[attributes.axis] as number;
  for (let i = 0; i < y.data.length; i++) y.data[i] = Math.floor(i / step) % length;
}
