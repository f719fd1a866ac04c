import { matmul, type Tensor } from '@dla/core';
import { type OpCase, runOpCase } from '@dla/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWebGpuDevice } from '../../device/request.js';
import type { WebGpuDevice } from '../../runtime/backend.js';
import { testOp } from '../test-op.js';

testOp('matmul');

/** Whole tiles, part tiles and a rest of k, in all four layouts, with and without subgroups: the forms of software adapters. */
const layouts = [
  [[3, 16, 20], [3, 20, 32], false, false],
  [[19, 13], [19, 61], true, false],
  [[3, 13, 18], [3, 28, 18], false, true],
  [[20, 68], [2, 31, 20], true, true],
] as const;

let devices: readonly WebGpuDevice[] = [];

beforeAll(async () => {
  const form = { debug: true, software: true };
  devices = [await createWebGpuDevice(form), await createWebGpuDevice({ ...form, withoutFeatures: ['subgroups'] })];
});

afterAll(() => {
  for (const device of devices) device.dispose();
});

it.each(layouts)('matmul %j x %j, transposed %s %s, in quads and in registers', async (a, b, transposeA, transposeB) => {
  const opCase: OpCase = {
    name: 'matmul',
    seed: 2,
    inputs: [{ shape: a }, { shape: b }],
    run: ([x, y]) => [matmul(x as Tensor, y as Tensor, { transposeA, transposeB })],
    forward: { relative: 1e-5, absolute: 2e-5 },
    gradient: { relative: 1e-5, absolute: 1e-4 },
  };
  for (const device of devices) await expect(runOpCase(device, opCase)).resolves.toBeUndefined();
});
