import { broadcastStrides, type MatmulAttributes, matmulSizes, sizeOf } from '@dla/core';
import type { GpuCapabilities, GpuKernel } from '../../runtime/kernel.js';
import matmul from '../../wgsl/matmul.wgsl';
import strided from '../../wgsl/strided.wgsl';
import { at, fold, itemsGrid, kernel, kernelCode, read, scratchRead, scratchWrite, stridedUniforms, words, write } from '../launching.js';
import { sumPartsLaunch } from '../reduce/launch.js';
import tiled from './matmul.parallel.fwd.wgsl';
import quads from './matmul.parallel-quads.fwd.wgsl';
import registers from './matmul.parallel-registers.fwd.wgsl';

interface Form {
  readonly name: string;
  readonly code: string;
  /** Rows and columns of a tile. */
  readonly tile: readonly [number, number];
  /** Invocations that make a tile; `workgroup`: one workgroup does. */
  readonly lanes: number | 'workgroup';
}

const tiledForm: Form = { name: 'tiled', code: kernelCode(strided + matmul + tiled), tile: [64, 64], lanes: 'workgroup' };
const registersForm: Form = { name: 'registers', code: kernelCode(strided + matmul + registers), tile: [4, 4], lanes: 1 };
const quadsForm: Form = { name: 'quads', code: `enable subgroups;\n${kernelCode(strided + matmul + quads)}`, tile: [16, 32], lanes: 4 };

/** Share of the tiles' elements below which the quads' wider tiles cost more than they save (measured on SwiftShader). */
const fullEnough = 0.4;

function formOf({ software, features }: GpuCapabilities, m: number, n: number): Form {
  if (!software) return tiledForm;
  const [rows, columns] = quadsForm.tile;
  const full = (m * n) / (Math.ceil(m / rows) * rows * Math.ceil(n / columns) * columns);
  return features.subgroups && full >= fullEnough ? quadsForm : registersForm;
}

/** Workgroups below which a GPU is idle, and the shortest part of k worth a workgroup of its own. */
const enoughTiles = 128;
const shortestPart = 128;

export const matmulKernel: GpuKernel = kernel<MatmulAttributes>(({ inputs, outputs, attributes, capabilities }) => {
  const [a, b, c] = [at(inputs, 0), at(inputs, 1), at(outputs, 0)];
  const { transposeA, transposeB } = attributes;
  const { m, n, k } = matmulSizes(a, b, attributes);
  const batchShape = c.shape.slice(0, -2);
  const batch = sizeOf(batchShape);
  const form = formOf(capabilities, m, n);
  const [tilesM, tilesN] = [Math.ceil(m / form.tile[0]), Math.ceil(n / form.tile[1])];
  const tiles = tilesM * tilesN * batch;
  // Products with few tiles and a long inner dimension (gradients of weights) are cut along k and summed in a fixed order.
  const parts = capabilities.software || tiles === 0 ? 1 : Math.max(1, Math.min(Math.floor(k / shortestPart), Math.ceil(enoughTiles / tiles)));
  const each = Math.ceil(k / parts);
  const strides = [a, b].map(({ shape }) => {
    const matrix = sizeOf(shape.slice(-2));
    return broadcastStrides(shape.slice(0, -2), batchShape).map((stride) => stride * matrix);
  });
  const [rowA, stepA] = transposeA ? [1, m] : [k, 1];
  const [columnB, stepB] = transposeB ? [k, 1] : [1, n];
  const launch = {
    label: `matmul ${m} x ${k} x ${n}`,
    code: form.code,
    entryPoint: 'main',
    bindings: [read(0), read(1), parts === 1 ? write(0) : scratchWrite(0)],
    uniforms: [
      ...stridedUniforms('matmul', batchShape, strides),
      ...words(m, n, k, parts, rowA, stepA, stepB, columnB, each, tilesM, tilesN, (transposeA ? 1 : 0) + (transposeB ? 2 : 0)),
    ],
    workgroups: form.lanes === 'workgroup' ? fold(tiles * parts, capabilities) : itemsGrid(tiles * form.lanes, capabilities),
  };
  if (parts === 1) return { form: form.name, launches: [launch] };
  const count = batch * m * n;
  return {
    form: 'tiled, split along k',
    scratch: [parts * count * 4],
    launches: [launch, sumPartsLaunch(scratchRead(0), write(0), count, parts, capabilities)],
  };
});
