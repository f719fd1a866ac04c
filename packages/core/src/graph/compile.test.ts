import { describe, expect, it } from 'vitest';
import { valueAndGrad } from '../autodiff.js';
import { createCpuDevice } from '../backend/cpu/cpu-device.js';
import { add, mul, sub } from '../ops/binary/op.js';
import { concat } from '../ops/concat/op.js';
import { matmul } from '../ops/matmul/op.js';
import { mean, sum } from '../ops/reduce/op.js';
import { reshape } from '../ops/reshape/op.js';
import { exp, square, tanh } from '../ops/unary/op.js';
import { createAdamW } from '../optim/adamw.js';
import { type Tensor, tensor } from '../tensor.js';
import { randomTensor } from '../testing/random.js';
import { compile } from './compile.js';
import { evaluate, upload } from './evaluate.js';

const shared = createCpuDevice({ threads: 1 });

async function values(x: Tensor): Promise<number[]> {
  return [...(await x.data())];
}

describe('compile', () => {
  it('returns trees with plain values kept', async () => {
    const device = await shared;
    const run = compile((p: { a: Tensor; list: Tensor[] }, factor: number) => ({ sum: add(p.a, p.list[0] as Tensor), what: 'sum', factor }), {
      device,
    });
    const out = await run({ a: tensor([1]), list: [tensor([2])] }, 3);
    expect(await values(out.sum)).toEqual([3]);
    expect([out.what, out.factor]).toEqual(['sum', 3]);
  });

  it('traces once a signature', async () => {
    let traces = 0;
    const run = compile(
      (x: Tensor, factor: number) => {
        traces++;
        return mul(x, factor);
      },
      { device: await shared, name: 'scale' },
    );
    await run(tensor([1, 2]), 2);
    await run(tensor([3, 4]), 2);
    expect(traces).toBe(1);
    expect(await values(await run(tensor([3, 4]), 3))).toEqual([9, 12]);
    await run(tensor([3, 4, 5]), 3);
    expect(traces).toBe(3);
    expect(run.summary().map(({ name, steps }) => `${name} ${steps}`)).toEqual(['scale 1', 'scale 1', 'scale 1']);
  });

  it('uses captured values, lazy ones too', async () => {
    const device = await shared;
    const lazy = exp(tensor([0, 0]));
    const uploaded = upload(tensor([1, 2]), device);
    const run = compile((x: Tensor) => add(mul(x, uploaded), lazy), { device });
    expect(await values(await run(tensor([10, 10])))).toEqual([11, 21]);
    expect(await values(await run(tensor([1, 1])))).toEqual([2, 3]);
    expect(await values(uploaded)).toEqual([1, 2]);
  });

  it('returns views, a result twice, an argument, a captured value', async () => {
    const captured = tensor([7]);
    const run = compile(
      (x: Tensor) => {
        const y = add(x, 1);
        return [y, y, reshape(y, [2, 1]), x, captured];
      },
      { device: await shared },
    );
    const argument = tensor([1, 2]);
    const out = await run(argument);
    expect(await Promise.all(out.map(values))).toEqual([[2, 3], [2, 3], [2, 3], [1, 2], [7]]);
    expect(out[2]?.shape).toEqual([2, 1]);
    for (const one of out.slice(1)) one.dispose();
    expect(await values(out[0] as Tensor)).toEqual([2, 3]);
    expect(await values(argument)).toEqual([1, 2]);
  });

  it('handles tensors of size zero', async () => {
    const run = compile((x: Tensor) => ({ y: concat([x, tensor([[1, 2]])], 0), total: sum(x), product: matmul(x, tensor([[1], [1]])) }), {
      device: await shared,
    });
    const out = await run(tensor(new Float32Array(0), { shape: [0, 2] }));
    expect(await values(out.y)).toEqual([1, 2]);
    expect(await values(out.total)).toEqual([0]);
    expect([out.product.shape, await values(out.product)]).toEqual([[0, 1], []]);
  });

  it('rejects what it cannot run, in one line', async () => {
    const device = await shared;
    const other = await createCpuDevice({ threads: 1 });
    const run = compile((x: Tensor, y: Tensor) => add(x, y), { device, name: 'total', donate: [0] });
    const x = upload(tensor([1]), device);
    await expect(run(x, x)).rejects.toThrow('total: a donated tensor was passed twice');
    expect(await values(x)).toEqual([1]);
    await expect(run(upload(tensor([1]), other), tensor([1]))).rejects.toThrow('total: a tensor lies on another device');
    await expect(run(exp(x), tensor([1]))).rejects.toThrow('total: an argument is lazy');
    const gone = upload(tensor([1]), device);
    gone.dispose();
    gone.dispose();
    await expect(run(gone, tensor([1]))).rejects.toThrow('Tensor: the tensor was disposed, or donated');
    await expect(gone.data()).rejects.toThrow('Tensor: the tensor was disposed');
    let stolen: Tensor | undefined;
    const thief = compile(
      (y: Tensor) => {
        stolen = y;
        return y;
      },
      { device },
    );
    await thief(tensor([1]));
    await expect(compile(() => add(stolen as Tensor, 1), { device, name: 'late' })()).rejects.toThrow('late: a tensor of another trace was used');
    await expect((stolen as Tensor).data()).rejects.toThrow('a traced tensor has no value yet');
  });

  it('may fail to trace, and is asked again', async () => {
    const run = compile((x: Tensor) => add(x, tensor([1, 2])), { device: await shared });
    await expect(run(tensor([1, 2, 3]))).rejects.toThrow('add: shapes do not broadcast');
    expect(await values(await run(tensor([1, 2])))).toEqual([2, 4]);
  });

  it('disposes donated arguments, and no others', async () => {
    const device = await shared;
    const run = compile((x: Tensor, y: Tensor) => sub(x, y), { device, donate: [0] });
    const [x, y] = [upload(tensor([3]), device), upload(tensor([1]), device)];
    expect(await values(await run(x, y))).toEqual([2]);
    await expect(x.data()).rejects.toThrow('disposed');
    expect(await values(y)).toEqual([1]);
  });

  it('evaluates lazy tensors together, and each once', async () => {
    const x = exp(tensor([0]));
    const y = add(x, 1);
    await evaluate([x, y]);
    expect([await x.item(), await y.item()]).toEqual([1, 2]);
    expect(await add(y, x).item()).toBe(3);
    await expect(add(tensor([1, 2]), 0).item()).rejects.toThrow('Tensor.item: item() needs exactly one element');
  });

  it('creates no buffers in a steady training step', async () => {
    const device = await createCpuDevice({ threads: 1 });
    const optimiser = createAdamW({ clipNorm: 1 });
    type Weights = { w: Tensor; b: Tensor };
    const loss = (p: Weights, x: Tensor): Tensor => mean(square(tanh(add(matmul(x, p.w), p.b))));
    const step = compile(
      (p: Weights, state: ReturnType<typeof optimiser.init<Weights>>, x: Tensor, controls: Tensor) => {
        const [value, gradients] = valueAndGrad((own: Weights) => loss(own, x))(p);
        return { value, ...optimiser.update(p, gradients, state, controls) };
      },
      { device, donate: [0, 1] },
    );
    let params: Weights = { w: randomTensor({ shape: [8, 8] }, 1), b: randomTensor({ shape: [8] }, 2) };
    let state = optimiser.init(params);
    const losses: number[] = [];
    const created: number[] = [];
    for (let index = 1; index <= 20; index++) {
      const out = await step(params, state, randomTensor({ shape: [16, 8] }, 3), optimiser.controlsFor(index, 0.1));
      ({ params, state } = out);
      losses.push(await out.value.item());
      out.value.dispose();
      out.gradientNorm.dispose();
      created.push(device.stats().createdBuffers);
    }
    expect(losses.at(-1)).toBeLessThan(0.7 * (losses[0] as number));
    expect(new Set(created.slice(2)).size).toBe(1);
    // Updated in place: no copies in the plan.
    expect(step.summary()[0]?.forms.filter(({ op }) => op === 'copy')).toEqual([]);
  });
});
