import { compile, type Device, gradients, matmul, mul, sum, type Tensor, upload } from '@dla/core';
import { createReferenceStep, decayAttention, decayMask, hashedUniform, referenceLm } from './reference-lm.js';

/** One piece of work to time. `run` ends when its results are there. */
export interface BenchCase {
  readonly name: string;
  /** Floating-point operations of its matrix products; 0 where the rate says nothing. */
  readonly flops: number;
  readonly run: () => Promise<void>;
  readonly dispose: () => void;
}

const lmFlops = 3.62e9;

/** The reference work: matrix products, the decay-attention op, the LM step. Tensors are made on `device` at once. */
export function referenceCases(device: Device): BenchCase[] {
  return [
    matmulCase(device, 512, 512, 512),
    matmulCase(device, 1024, 1024, 1024),
    matmulCase(device, 1024, 128, 384),
    attentionCase(device),
    lmStepCase(device),
  ];
}

function matmulCase(device: Device, m: number, k: number, n: number): BenchCase {
  const a = upload(hashedUniform([m, k], 1, 1), device);
  const b = upload(hashedUniform([k, n], 1, 2), device);
  const run = compile((x: Tensor, y: Tensor) => matmul(x, y), { device, name: `matmul ${m} x ${k} x ${n}` });
  return {
    name: `matmul ${m} x ${k} x ${n}`,
    flops: 2 * m * k * n,
    run: async () => {
      const product = await run(a, b);
      await device.synchronize();
      product.dispose();
    },
    dispose: () => {
      run.dispose();
      a.dispose();
      b.dispose();
    },
  };
}

function attentionCase(device: Device): BenchCase {
  const { batch, heads, time, headDim } = referenceLm;
  const operands = [1, 2, 3, 4].map((stream) => upload(hashedUniform([batch, heads, time, headDim], 1, stream), device));
  const mask = upload(decayMask(), device);
  const run = compile(
    (q: Tensor, k: Tensor, v: Tensor, cotangent: Tensor, decay: Tensor) => gradients(sum(mul(decayAttention(q, k, v, decay), cotangent)), [q, k, v]),
    { device, name: 'attention forward + backward' },
  );
  return {
    name: 'attention forward + backward',
    // Two products forward, four backward, each 2 T T D.
    flops: 6 * 2 * batch * heads * time * time * headDim,
    run: async () => {
      const [q, k, v, cotangent] = operands as [Tensor, Tensor, Tensor, Tensor];
      const results = await run(q, k, v, cotangent, mask);
      await device.synchronize();
      for (const result of results) result.dispose();
    },
    dispose: () => {
      run.dispose();
      for (const value of [...operands, mask]) value.dispose();
    },
  };
}

function lmStepCase(device: Device): BenchCase {
  const reference = createReferenceStep(device);
  return {
    name: 'LM step',
    flops: lmFlops,
    run: async () => {
      await reference.step();
    },
    dispose: reference.dispose,
  };
}
