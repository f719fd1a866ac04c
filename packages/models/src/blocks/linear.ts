import { matmul, reshape, type Tensor } from '@dla/core';

/** y = x W^T over the last axis: x [.., in], weight [out, in] (the layout of published checkpoints) -> [.., out]. */
export function linear(x: Tensor, weight: Tensor): Tensor {
  const [out, width] = weight.shape as [number, number];
  const rows = x.size / width;
  return reshape(matmul(reshape(x, [rows, width]), weight, { transposeB: true }), [...x.shape.slice(0, -1), out]);
}
