import * as math from '../../math.js';
import { type CpuCall, f32 } from '../../op.js';
import type { UnaryAttributes, UnaryKind } from './op.js';

/** The scalar functions, in float64. */
export const unaryFunctions: { readonly [K in UnaryKind]: (x: number) => number } = {
  neg: (x) => -x,
  exp: math.exp,
  log: math.log,
  sqrt: (x) => Math.sqrt(x),
  rsqrt: (x) => 1 / Math.sqrt(x),
  square: (x) => x * x,
  reciprocal: (x) => 1 / x,
  abs: (x) => Math.abs(x),
  sigmoid: math.sigmoid,
  tanh: math.tanh,
  silu: (x) => x * math.sigmoid(x),
  relu: (x) => (x > 0 ? x : 0),
  softplus: math.softplus,
  sin: math.sin,
  cos: math.cos,
};

export function unaryReference({ inputs, outputs, attributes }: CpuCall<UnaryAttributes>): void {
  const x = f32(inputs[0]);
  const y = f32(outputs[0]);
  const evaluate = unaryFunctions[attributes.kind];
  for (let i = 0; i < y.length; i++) y[i] = evaluate(x[i] as number);
}

type Loop = (x: Float32Array, y: Float32Array) => void;

// One loop a kind, so that the engine can inline the function into it.
const loops: { readonly [K in UnaryKind]: Loop } = {
  neg: (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = -(x[i] as number);
  },
  exp: (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = math.exp(x[i] as number);
  },
  log: (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = math.log(x[i] as number);
  },
  sqrt: (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.sqrt(x[i] as number);
  },
  rsqrt: (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = 1 / Math.sqrt(x[i] as number);
  },
  square: (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = (x[i] as number) * (x[i] as number);
  },
  reciprocal: (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = 1 / (x[i] as number);
  },
  abs: (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.abs(x[i] as number);
  },
  sigmoid: (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = math.sigmoid(x[i] as number);
  },
  tanh: (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = math.tanh(x[i] as number);
  },
  silu: (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = (x[i] as number) * math.sigmoid(x[i] as number);
  },
  relu: (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = (x[i] as number) > 0 ? (x[i] as number) : 0;
  },
  softplus: (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = math.softplus(x[i] as number);
  },
  sin: (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = math.sin(x[i] as number);
  },
  cos: (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = math.cos(x[i] as number);
  },
};

export function unaryFast({ inputs, outputs, attributes }: CpuCall<UnaryAttributes>): void {
  loops[attributes.kind](f32(inputs[0]), f32(outputs[0]));
}
