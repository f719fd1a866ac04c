import type { Attributes, TensorSpec } from '@dla/core';

/** What a kernel may know of the adapter when it plans its launches. */
export interface GpuCapabilities {
  readonly limits: {
    readonly maxComputeInvocationsPerWorkgroup: number;
    readonly maxComputeWorkgroupSizeX: number;
    readonly maxComputeWorkgroupsPerDimension: number;
    readonly maxComputeWorkgroupStorageSize: number;
    readonly maxStorageBufferBindingSize: number;
    readonly maxStorageBuffersPerShaderStage: number;
  };
  /** `subgroups` is only true where the driver self-test passed. */
  readonly features: { readonly f16: boolean; readonly subgroups: boolean; readonly timestamps: boolean };
  /** 0 where subgroups are unknown. */
  readonly subgroupSize: { readonly min: number; readonly max: number };
  /** A software adapter: barriers and workgroup memory are slow there. */
  readonly software: boolean;
}

/** What stands at one `@binding`: an operand of the op, or scratch memory of this kernel. */
export type BindingSource =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'output'; readonly index: number }
  | { readonly kind: 'scratch'; readonly index: number };

export interface Binding {
  readonly source: BindingSource;
  /** How the WGSL declares it: `var<storage, read>` or `var<storage, read_write>`. In-place operands are bound once, as the output. */
  readonly access: 'read' | 'read_write';
}

/** One dispatch. Bindings are @group(0) @binding(0..n-1) in order; uniforms, if any, are @group(0) @binding(n) as `var<uniform>` of 4-byte words. */
export interface Launch {
  readonly label: string;
  readonly code: string;
  readonly entryPoint: string;
  /** Values of WGSL `override`s: each distinct set is a pipeline of its own, so keep sizes that vary in `uniforms`. */
  readonly constants?: { readonly [name: string]: number };
  readonly bindings: readonly Binding[];
  /** Laid out as the struct of the WGSL; u32, i32 or f32 words. */
  readonly uniforms?: readonly { readonly type: 'u32' | 'i32' | 'f32'; readonly value: number }[];
  readonly workgroups: readonly [number, number, number];
}

export interface KernelPlan {
  /** Which WGSL form was chosen; shown by `doctor` and the compiled function's summary. */
  readonly form: string;
  /** Bytes of each scratch buffer the launches share. */
  readonly scratch?: readonly number[];
  readonly launches: readonly Launch[];
}

export interface KernelRequest<A = Attributes> {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly attributes: A;
  readonly capabilities: GpuCapabilities;
}

/** The WebGPU form of an op: decides, from shapes and adapter, what to launch. Called once, when a program is prepared. Throws a DlaError that names the limit where one would be exceeded. */
export type GpuKernel<A = Attributes> = (request: KernelRequest<A>) => KernelPlan;

/** Put this in an op's `forms.webgpu` when the op is defined outside core. */
export function webgpuForm<A>(kernel: GpuKernel<A>): { readonly webgpu: unknown } {
  return { webgpu: kernel };
}
