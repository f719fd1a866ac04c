import type { DType } from '../../dtype.js';
import { fromFloat16, toFloat16 } from '../../float16.js';
import type { CpuCall, CpuValue } from '../../op.js';
import type { CastAttributes } from './op.js';

export function castReference({ inputs, outputs }: CpuCall<CastAttributes>): void {
  const x = inputs[0] as CpuValue;
  const y = outputs[0] as CpuValue;
  const store = storing(y.dtype, x.dtype === 'i32' || x.dtype === 'u32' || x.dtype === 'bool');
  const half = x.dtype === 'f16';
  for (let i = 0; i < y.data.length; i++) {
    const value = x.data[i] as number;
    y.data[i] = store(half ? fromFloat16(value) : value);
  }
}

/** The number to put into the typed array of `dtype`. */
function storing(dtype: DType, integer: boolean): (value: number) => number {
  switch (dtype) {
    case 'f32':
      return (value) => value;
    case 'f16':
      return toFloat16;
    case 'bool':
      return (value) => (value === 0 ? 0 : 1);
    case 'i32':
      return integer ? (value) => value | 0 : (value) => Math.max(-2147483648, Math.min(2147483647, Math.trunc(value)));
    case 'u32':
      return integer ? (value) => value >>> 0 : (value) => Math.max(0, Math.min(4294967295, Math.trunc(value)));
  }
}
