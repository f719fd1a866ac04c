import { mul, silu, type Tensor } from '@dla/core';
import { linear } from './linear.js';

export interface SwigluParameters {
  readonly [name: string]: Tensor;
  /** [mlpWidth, dModel] */
  readonly gate: Tensor;
  /** [mlpWidth, dModel] */
  readonly up: Tensor;
  /** [dModel, mlpWidth] */
  readonly down: Tensor;
}

/** down(silu(gate(x)) * up(x)), Shazeer 2020 (arXiv 2002.05202); x [B, T, dModel]. */
export function swiglu(x: Tensor, { gate, up, down }: SwigluParameters): Tensor {
  return linear(mul(silu(linear(x, gate)), linear(x, up)), down);
}
