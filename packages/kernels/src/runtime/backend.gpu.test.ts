import { add, compile, mul, reshape, slice, tensor, transpose } from '@dla/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWebGpuDevice } from '../device/request.js';
import type { WebGpuDevice } from './backend.js';

let device: WebGpuDevice;

beforeAll(async () => {
  device = await createWebGpuDevice({ debug: true });
});

afterAll(() => device.dispose());

it('runs a small program', async () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const run = compile((a: typeof x) => slice(transpose(add(mul(a, 2), reshape(tensor([1, 2, 3]), [1, 3]))), [1, 0], [3, 2]), { device });
  const y = await run(x);
  expect(Array.from(await y.data())).toEqual([6, 12, 9, 15]);
  y.dispose();
  run.dispose();
});
