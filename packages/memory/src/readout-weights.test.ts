import { compile, createCpuDevice, createStream, type Tensor } from '@dla/core';
import { checkGradient, randomTensor } from '@dla/core/testing';
import { describe, expect, it } from 'vitest';
import { createReadoutParameters, type ReadoutParameters, readoutWeights } from './readout-weights.js';

const device = createCpuDevice({ threads: 1 });
const sizes = { modelWidth: 16, heads: 3, slots: 5 };
const normal = (name: string, count: number, std: number): Float32Array => createStream(7, name).normal(count, 0, std);

async function lambdaOf(parameters: ReadoutParameters, x: Tensor): Promise<Tensor> {
  return compile((p: ReadoutParameters, input: Tensor) => readoutWeights(input, p, 3), { device: await device })(parameters, x);
}

describe('readoutWeights', () => {
  const x = randomTensor({ shape: [2, 7, 16], low: -3, high: 3 }, 4);

  it.each([{}, { rank: 4, normal }])('is 1 at the start, whatever x (%o)', async (options) => {
    const lambda = await lambdaOf(createReadoutParameters({ ...sizes, ...options }), x);
    expect(lambda.shape).toEqual([2, 7, 3, 5]);
    for (const value of await lambda.data()) expect(Math.abs(value - 1)).toBeLessThan(1e-7);
  });

  it('is softplus(L (x W + b) + log(e - 1))', async () => {
    const parameters: ReadoutParameters = { ...createReadoutParameters({ ...sizes, std: 0.5, normal }), scale: randomTensor({ shape: [3, 5] }, 5) };
    const found = await (await lambdaOf(parameters, x)).data();
    const [rows, w, b, l] = await Promise.all([
      x.data(),
      (parameters.weight as Tensor).data(),
      (parameters.bias as Tensor).data(),
      (parameters.scale as Tensor).data(),
    ]);
    found.forEach((value, at) => {
      const column = at % 15;
      let logit = b[column] as number;
      for (let i = 0; i < 16; i++) logit += (rows[Math.floor(at / 15) * 16 + i] as number) * (w[i * 15 + column] as number);
      expect(value).toBeCloseTo(Math.log(1 + Math.exp((l[column] as number) * logit + Math.log(Math.E - 1))), 4);
    });
  });

  it('spreads lambda with random weights', async () => {
    const values = await (await lambdaOf(createReadoutParameters({ ...sizes, std: 0.5, normal }), x)).data();
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.3);
  });

  it('has the gradient of its formula, full and low rank', async () => {
    const wide = createReadoutParameters({ ...sizes, std: 0.3, normal });
    const low = createReadoutParameters({ ...sizes, std: 0.3, rank: 2, normal });
    await checkGradient(
      ([input, weight, bias, scale]) => [readoutWeights(input as Tensor, { weight, bias, scale } as unknown as ReadoutParameters, 3)],
      [x, wide.weight, wide.bias, wide.scale] as Tensor[],
    );
    await checkGradient(([input, down, up]) => [readoutWeights(input as Tensor, { ...low, down, up } as unknown as ReadoutParameters, 3)], [
      x,
      low.down,
      low.up,
    ] as Tensor[]);
  });

  it('names a missing or wrong parameter', () => {
    const { bias, ...rest } = createReadoutParameters(sizes);
    expect(() => readoutWeights(x, rest as unknown as ReadoutParameters, 3)).toThrow('readoutWeights: parameter bias is missing');
    expect(() => readoutWeights(x, { ...rest, bias } as unknown as ReadoutParameters, 4)).toThrow('readoutWeights: parameters do not fit');
    expect(() => createReadoutParameters({ ...sizes, std: 1 })).toThrow('createReadoutParameters: random weights need a source');
  });
});
