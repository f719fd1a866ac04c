import { describe, expect, it } from 'vitest';
import { createCpuDevice } from '../../backend/cpu/cpu-device.js';
import { compile } from '../../graph/compile.js';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { randomTensor } from '../../testing/random.js';
import { matmulCases } from './cases.js';
import { matmul } from './op.js';

describeOp('matmul', matmulCases);

describe('matmul', () => {
  const a = tensor([
    [1, 2],
    [3, 4],
  ]);
  const b = tensor([
    [5, 6],
    [7, 8],
  ]);

  it('computes by hand', async () => {
    expect([...(await matmul(a, b).data())]).toEqual([19, 22, 43, 50]);
    expect([...(await matmul(a, b, { transposeA: true }).data())]).toEqual([26, 30, 38, 44]);
    expect([...(await matmul(a, b, { transposeB: true }).data())]).toEqual([17, 23, 39, 53]);
  });

  it('says what does not fit', () => {
    expect(() => matmul(a, tensor([[1, 2]]))).toThrow('matmul: inner dimensions differ; expected [.., m, k] x [.., k, n]; found [2, 2] x [1, 2]');
    expect(() => matmul(a, tensor([1, 2]))).toThrow('matmul: inner dimensions differ');
    expect(() => matmul(a, tensor([[1]], { dtype: 'i32' }))).toThrow('matmul: wrong dtype of b');
  });

  it('runs as WASM, a batch against one matrix as one product', async () => {
    const device = await createCpuDevice({ threads: 1 });
    const product = compile((x: typeof a, w: typeof a) => matmul(x, w), { device });
    const x = randomTensor({ shape: [3, 5, 7] }, 1);
    const y = await product(x, randomTensor({ shape: [7, 2] }, 2));
    expect(y.shape).toEqual([3, 5, 2]);
    expect(product.summary()[0]?.forms).toEqual([{ op: 'matmul', form: 'wasm' }]);
  });
});
