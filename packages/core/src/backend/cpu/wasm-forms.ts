import type { Step } from '../../graph/plan.js';
import type { Attributes, CpuCall } from '../../op.js';
import type { WasmRuntime } from './wasm/runtime.js';

/** The WASM form of one op application, or null where this call (its shapes, attributes) has none. Decided once, when a program is prepared. */
export type WasmForm = (runtime: WasmRuntime, step: Step) => ((call: CpuCall<Attributes>) => void) | null;

/** WASM forms by op name. */
export const wasmForms: { readonly [op: string]: WasmForm } = {};
