import { adamwOp, compile, createCpuDevice, crossEntropyMean, type Device, gradients, matmul, rmsNorm, silu, type Tensor, tensor } from '@dla/core';
import { createWebGpuDevice } from '../device/request.js';

/** What the page finds: the adapter, and the losses of the same steps on both devices. */
export interface PageResult {
  readonly adapter: string;
  readonly webgpu: readonly number[];
  readonly cpu: readonly number[];
}

const [rows, width, classes] = [17, 24, 11];

function numbers(count: number, seed: number, scale: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => (((index * 2654435761 + seed * 40503) >>> 8) % 1000) * (scale / 500) - scale);
}

/** Losses of `steps` training steps of classify(x) = rms-norm(silu(x w1)) w2 with cross-entropy and AdamW, parameters in place. */
export async function train(device: Device, steps: number): Promise<number[]> {
  const step = compile(
    (state: readonly Tensor[], x: Tensor, targets: Tensor, controls: Tensor) => {
      const parameters = state.slice(0, 3) as readonly Tensor[] as readonly [Tensor, Tensor, Tensor];
      const [first, weight, second] = parameters;
      const loss = crossEntropyMean(matmul(rmsNorm(silu(matmul(x, first)), weight), second), targets);
      const gradient = gradients(loss, [...parameters]);
      const updated = parameters.map((parameter, index) =>
        adamwOp([parameter, state[3 + index] as Tensor, state[6 + index] as Tensor, gradient[index] as Tensor, controls], {
          beta1: 0.9,
          beta2: 0.95,
          epsilon: 1e-8,
          weightDecay: 0.01,
        }),
      );
      return { loss, state: [0, 1, 2].flatMap((kind) => updated.map((triple) => triple[kind] as Tensor)) };
    },
    { device, donate: [0], name: 'training step' },
  );
  const shapes = [[width, width], [width], [width, classes]];
  const sizes = shapes.map((shape) => shape.reduce((product, dimension) => product * dimension, 1));
  let state: readonly Tensor[] = [0, 1, 2].flatMap((kind) =>
    shapes.map((shape, index) =>
      tensor(kind === 0 ? numbers(sizes[index] as number, index, 0.3) : new Float32Array(sizes[index] as number), { shape }),
    ),
  );
  const x = tensor(numbers(rows * width, 9, 1), { shape: [rows, width] });
  const targets = tensor(Int32Array.from({ length: rows }, (_, index) => (index % 5 === 4 ? -1 : (index * 7) % classes)));
  const losses: number[] = [];
  for (let number = 1; number <= steps; number++) {
    const controls = tensor(Float32Array.of(0.01, 1 / (1 - 0.9 ** number), 1 / (1 - 0.95 ** number), 1, 0, 0, 0, 0));
    const result = await step(state, x, targets, controls);
    ({ state } = result);
    losses.push(await result.loss.item());
    result.loss.dispose();
  }
  for (const value of state) value.dispose();
  step.dispose();
  return losses;
}

/**
 * Run in the page.
 *
 * @public
 */
export async function runPage(steps: number): Promise<PageResult> {
  const gpu = await createWebGpuDevice({ debug: true });
  const webgpu = await train(gpu, steps);
  const cpu = await createCpuDevice({ reference: true, threads: 1 });
  const result = { adapter: gpu.adapter.name, webgpu, cpu: await train(cpu, steps) };
  gpu.dispose();
  cpu.dispose();
  return result;
}
