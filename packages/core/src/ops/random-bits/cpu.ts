import { type CpuCall, u32 } from '../../op.js';
import type { RandomBitsAttributes } from './op.js';

const ROUNDS = 10;
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** The upper 32 bits of a product of two u32. */
function upperProduct(a: number, b: number): number {
  const [a0, a1, b0, b1] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const low = a0 * b0;
  const middle = a1 * b0 + (low >>> 16);
  const other = a0 * b1 + (middle & 0xffff);
  return (a1 * b1 + Math.floor(middle / 65536) + Math.floor(other / 65536)) >>> 0;
}

/** One block of Philox4x32-10 (Salmon et al., SC 2011) with counter (block, 0, 0, 0), into `lanes`. */
function philoxBlock(lanes: Uint32Array, block: number, key0: number, key1: number): void {
  let [c0, c1, c2, c3] = [block >>> 0, 0, 0, 0];
  let [k0, k1] = [key0, key1];
  for (let round = 0; round < ROUNDS; round++) {
    const [high0, low0] = [upperProduct(MULTIPLIER_0, c0), Math.imul(MULTIPLIER_0, c0) >>> 0];
    const [high1, low1] = [upperProduct(MULTIPLIER_1, c2), Math.imul(MULTIPLIER_1, c2) >>> 0];
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  lanes[0] = c0;
  lanes[1] = c1;
  lanes[2] = c2;
  lanes[3] = c3;
}

export function randomBitsReference({ inputs, outputs, attributes: { shift } }: CpuCall<RandomBitsAttributes>): void {
  const [key0, key1] = u32(inputs[0]) as unknown as readonly [number, number];
  const y = u32(outputs[0]);
  const lanes = new Uint32Array(4);
  for (let i = 0; i < y.length; i++) {
    if (i % 4 === 0) philoxBlock(lanes, i / 4, key0, key1);
    y[i] = (lanes[i % 4] as number) >>> shift;
  }
}
