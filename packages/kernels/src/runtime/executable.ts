import { type DeviceBuffer, DlaError, type Executable, formatShape, type Operand, type Program, type Step, storageBytes } from '@dla/core';
import { bufferUsage } from '../device/constants.js';
import { kernelOf } from '../ops/index.js';
import type { BufferPool, GpuMemory } from './buffer-pool.js';
import { guardBytes } from './buffer-pool.js';
import type { Faults } from './faults.js';
import type { Binding, GpuCapabilities, KernelPlan, Launch } from './kernel.js';
import type { PipelineCache, ReadyPipeline } from './pipeline-cache.js';
import type { LaunchTimer } from './timing.js';

/** What an executable needs of its device. */
export interface Runtime {
  readonly gpu: GPUDevice;
  readonly capabilities: GpuCapabilities;
  readonly faults: Faults;
  readonly pool: BufferPool;
  readonly pipelines: PipelineCache;
  readonly debug: boolean;
  readonly timer: LaunchTimer | null;
  createdBuffers: number;
  createdBindGroups: number;
  launches: number;
  own(buffer: DeviceBuffer): GpuMemory;
}

/** Where a binding's memory comes from: an argument, a fresh result, or memory of the executable. */
type Slot = { readonly kind: 'input' | 'fresh'; readonly index: number } | { readonly kind: 'own'; readonly memory: GpuMemory };

interface PreparedLaunch {
  readonly label: string;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly workgroups: readonly [number, number, number];
  readonly slots: readonly Slot[];
  readonly bytes: readonly number[];
  readonly uniform: GPUBindingResource | null;
  /** Positions in `slots` whose buffer may change between runs. */
  readonly varying: readonly number[];
  readonly groups: Map<string, GPUBindGroup>;
  readonly lastIds: number[];
  lastGroup: GPUBindGroup | null;
}

const uniformSlice = 256;
/** Bind groups kept for one launch: buffers of a steady step come round after a few runs. */
const groupsPerLaunch = 32;

/** A program on the GPU: pipelines, scratch memory, uniforms; one command encoder and one submit a run. */
export class GpuExecutable implements Executable {
  readonly forms: readonly { readonly op: string; readonly form: string }[];
  readonly #runtime: Runtime;
  readonly #program: Program;
  readonly #scratch: readonly GpuMemory[];
  readonly #kernelScratch: readonly GpuMemory[];
  readonly #uniforms: GPUBuffer | null;
  readonly #launches: readonly PreparedLaunch[];
  #disposed = false;

  private constructor(runtime: Runtime, program: Program, plans: readonly KernelPlan[], pipelines: readonly (readonly ReadyPipeline[])[]) {
    this.#runtime = runtime;
    this.#program = program;
    this.forms = program.steps.map((step, index) => ({ op: step.op.name, form: (plans[index] as KernelPlan).form }));
    // Steps run one after the other, so their kernels' scratch buffers are shared.
    const kernelScratch: number[] = [];
    for (const { scratch } of plans)
      scratch?.forEach((bytes, index) => {
        kernelScratch[index] = Math.max(kernelScratch[index] ?? 4, bytes);
      });
    const memories = allocateAll(runtime.pool, [...program.scratch, ...kernelScratch]);
    this.#scratch = memories.slice(0, program.scratch.length);
    this.#kernelScratch = memories.slice(program.scratch.length);
    const launches = program.steps.flatMap((step, index) =>
      (plans[index] as KernelPlan).launches.map((launch, position) => ({
        step,
        plan: plans[index] as KernelPlan,
        launch,
        ready: (pipelines[index] as readonly ReadyPipeline[])[position] as ReadyPipeline,
      })),
    );
    const running = launches.filter(({ launch }) => launch.workgroups.every((count) => count > 0));
    const uniforms = packUniforms(running.map(({ launch }) => launch));
    try {
      this.#uniforms = uniforms.data === null ? null : this.#upload(uniforms.data);
    } catch (error) {
      for (const memory of memories) runtime.pool.release(memory);
      throw error;
    }
    this.#launches = running.map(({ step, plan, launch, ready }, index) => {
      const slots = launch.bindings.map((binding) => this.#slot(step, binding));
      const range = uniforms.ranges[index] ?? null;
      return {
        label: launch.label,
        pipeline: ready.pipeline,
        layout: ready.layout,
        workgroups: launch.workgroups,
        slots,
        bytes: launch.bindings.map((binding) => bindingBytes(step, plan, binding)),
        uniform: range === null ? null : { buffer: this.#uniforms as GPUBuffer, offset: range.offset, size: range.bytes },
        varying: slots.flatMap((slot, position) => (slot.kind === 'own' ? [] : [position])),
        groups: new Map<string, GPUBindGroup>(),
        lastIds: [],
        lastGroup: null,
      };
    });
  }

  /** Choose kernels, check limits and compile; throws before anything is launched. */
  static async prepare(runtime: Runtime, program: Program): Promise<GpuExecutable> {
    const plans = program.steps.map((step) => {
      const kernel = kernelOf(step.op);
      const { inputs, outputs, attributes } = step;
      const plan = kernel({ inputs, outputs, attributes, capabilities: runtime.capabilities });
      for (const launch of plan.launches) checkLimits(step, plan, launch, runtime);
      return plan;
    });
    const pipelines = await Promise.all(
      program.steps.map((step, index) =>
        Promise.all((plans[index] as KernelPlan).launches.map((launch) => runtime.pipelines.get(step.op.name, launch))),
      ),
    );
    return new GpuExecutable(runtime, program, plans, pipelines);
  }

  run(inputs: readonly DeviceBuffer[]): DeviceBuffer[] {
    const { gpu, pool, faults, debug } = this.#runtime;
    const program = this.#program;
    if (this.#disposed) throw new DlaError('disposed', 'the compiled function was disposed', { where: program.name });
    const bound = inputs.map((buffer) => this.#runtime.own(buffer));
    let fresh: GpuMemory[];
    try {
      faults.check();
      fresh = allocateAll(pool, program.fresh);
    } catch (error) {
      // Donated inputs are consumed whatever happens.
      bound.forEach((buffer, index) => {
        if (program.donated[index] === true) pool.release(buffer);
      });
      throw error;
    }
    if (debug) for (const memory of [...this.#scratch, ...this.#kernelScratch]) pool.poison(memory);
    if (this.#launches.length > 0) {
      const encoder = gpu.createCommandEncoder({ label: program.name });
      this.#encode(encoder, bound, fresh);
      gpu.queue.submit([encoder.finish()]);
      this.#runtime.launches += this.#launches.length;
    }
    const results = program.results.map(({ place }) => memoryOf(place, bound, this.#scratch, fresh));
    const kept = new Set(results);
    bound.forEach((buffer, index) => {
      if (program.donated[index] === true && !kept.has(buffer)) pool.release(buffer);
    });
    return results;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const { pool } = this.#runtime;
    for (const memory of [...this.#scratch, ...this.#kernelScratch]) if (pool.used.has(memory)) pool.release(memory);
    this.#uniforms?.destroy();
  }

  #encode(encoder: GPUCommandEncoder, bound: readonly GpuMemory[], fresh: readonly GpuMemory[]): void {
    const { timer } = this.#runtime;
    let pass = timer === null ? encoder.beginComputePass() : null;
    let current: GPUComputePipeline | null = null;
    for (const launch of this.#launches) {
      const target: GPUComputePassEncoder = pass ?? encoder.beginComputePass({ timestampWrites: (timer as LaunchTimer).next(launch.label) });
      if (timer !== null || current !== launch.pipeline) target.setPipeline(launch.pipeline);
      current = launch.pipeline;
      target.setBindGroup(0, this.#bindGroup(launch, bound, fresh));
      target.dispatchWorkgroups(...launch.workgroups);
      if (timer !== null) target.end();
    }
    pass?.end();
    pass = null;
  }

  #bindGroup(launch: PreparedLaunch, bound: readonly GpuMemory[], fresh: readonly GpuMemory[]): GPUBindGroup {
    const { slots, varying, lastIds } = launch;
    let same = launch.lastGroup !== null;
    for (let position = 0; position < varying.length; position++) {
      const { id } = resolve(slots[varying[position] as number] as Slot, bound, fresh);
      if (lastIds[position] !== id) {
        lastIds[position] = id;
        same = false;
      }
    }
    if (same) return launch.lastGroup as GPUBindGroup;
    const key = lastIds.join(',');
    let group = launch.groups.get(key);
    if (group === undefined) {
      group = this.#createBindGroup(launch, bound, fresh);
      if (launch.groups.size >= groupsPerLaunch) launch.groups.delete(launch.groups.keys().next().value as string);
      launch.groups.set(key, group);
    }
    launch.lastGroup = group;
    return group;
  }

  #createBindGroup({ layout, slots, bytes, uniform, label }: PreparedLaunch, bound: readonly GpuMemory[], fresh: readonly GpuMemory[]): GPUBindGroup {
    const { debug, gpu } = this.#runtime;
    const entries: GPUBindGroupEntry[] = slots.map((slot, binding) => {
      const memory = resolve(slot, bound, fresh);
      // Whole vec4s; in debug mode the guard band is within reach of a kernel that overruns.
      const size = debug ? Math.ceil(memory.asked / 4) * 4 + guardBytes : Math.min(memory.bytes, Math.ceil((bytes[binding] as number) / 16) * 16);
      return { binding, resource: { buffer: memory.gpu, size } };
    });
    if (uniform !== null) entries.push({ binding: slots.length, resource: uniform });
    this.#runtime.createdBindGroups++;
    return gpu.createBindGroup({ label, layout, entries });
  }

  #slot(step: Step, { source }: Binding): Slot {
    if (source.kind === 'scratch') return { kind: 'own', memory: this.#kernelScratch[source.index] as GpuMemory };
    const { place } = operandOf(step, source);
    if (place.kind === 'scratch') return { kind: 'own', memory: this.#scratch[place.index] as GpuMemory };
    return { kind: place.kind === 'input' ? 'input' : 'fresh', index: place.index };
  }

  #upload(data: ArrayBuffer): GPUBuffer {
    const { gpu, faults } = this.#runtime;
    const size = data.byteLength;
    const buffer = faults.watch(
      () => gpu.createBuffer({ size, usage: bufferUsage.uniform | bufferUsage.copyDestination }),
      (problem) => new DlaError('out-of-memory', `no memory for ${size} bytes of uniforms: ${problem}`, { where: this.#program.name }),
      () => undefined,
    );
    this.#runtime.createdBuffers++;
    gpu.queue.writeBuffer(buffer, 0, data);
    return buffer;
  }
}

function resolve(slot: Slot, bound: readonly GpuMemory[], fresh: readonly GpuMemory[]): GpuMemory {
  return slot.kind === 'own' ? slot.memory : ((slot.kind === 'input' ? bound : fresh)[slot.index] as GpuMemory);
}

function memoryOf(
  { kind, index }: Operand['place'],
  bound: readonly GpuMemory[],
  scratch: readonly GpuMemory[],
  fresh: readonly GpuMemory[],
): GpuMemory {
  return (kind === 'input' ? bound : kind === 'scratch' ? scratch : fresh)[index] as GpuMemory;
}

/** All or nothing. */
function allocateAll(pool: BufferPool, sizes: readonly number[]): GpuMemory[] {
  const memories: GpuMemory[] = [];
  try {
    for (const bytes of sizes) memories.push(pool.allocate(bytes));
  } catch (error) {
    for (const memory of memories) pool.release(memory);
    throw error;
  }
  return memories;
}

function operandOf(step: Step, { kind, index }: { readonly kind: 'input' | 'output'; readonly index: number }): Operand {
  const operand = (kind === 'input' ? step.inputs : step.outputs)[index];
  if (operand === undefined) throw new DlaError('argument', `its kernel binds ${kind} ${index}, which the op does not have`, { where: step.op.name });
  return operand;
}

function bindingBytes(step: Step, plan: KernelPlan, { source }: Binding): number {
  if (source.kind !== 'scratch') return storageBytes(operandOf(step, source));
  const bytes = plan.scratch?.[source.index];
  if (bytes === undefined)
    throw new DlaError('argument', `its kernel binds scratch ${source.index}, which its plan does not have`, { where: step.op.name });
  return bytes;
}

function checkLimits(step: Step, plan: KernelPlan, launch: Launch, { gpu, capabilities }: Runtime): void {
  const where = step.op.name;
  const shapes = step.inputs.map(({ shape }) => formatShape(shape)).join(' ');
  const check = (limit: string, most: number, found: number): void => {
    if (found > most)
      throw new DlaError('device-limit', `the launch '${launch.label}' for ${shapes} exceeds the device's ${limit}`, {
        where,
        expected: `at most ${most}`,
        found: String(found),
      });
  };
  const { limits } = capabilities;
  for (const count of launch.workgroups) check('maxComputeWorkgroupsPerDimension', limits.maxComputeWorkgroupsPerDimension, count);
  check('maxStorageBuffersPerShaderStage', limits.maxStorageBuffersPerShaderStage, launch.bindings.length);
  for (const binding of launch.bindings) check('maxStorageBufferBindingSize', limits.maxStorageBufferBindingSize, bindingBytes(step, plan, binding));
  check('maxUniformBufferBindingSize', gpu.limits.maxUniformBufferBindingSize, (launch.uniforms?.length ?? 0) * 4);
}

/** All launches' uniforms in one array, each at a multiple of 256 bytes. */
function packUniforms(launches: readonly Launch[]): {
  readonly data: ArrayBuffer | null;
  readonly ranges: readonly ({ readonly offset: number; readonly bytes: number } | null)[];
} {
  let total = 0;
  const ranges = launches.map(({ uniforms }) => {
    if (uniforms === undefined) return null;
    const range = { offset: total, bytes: Math.max(16, Math.ceil(uniforms.length / 4) * 16) };
    total += Math.ceil(range.bytes / uniformSlice) * uniformSlice;
    return range;
  });
  if (total === 0) return { data: null, ranges };
  const data = new ArrayBuffer(total);
  const view = new DataView(data);
  launches.forEach(({ uniforms }, index) => {
    uniforms?.forEach(({ type, value }, word) => {
      const position = (ranges[index] as { offset: number }).offset + word * 4;
      if (type === 'f32') view.setFloat32(position, value, true);
      else if (type === 'i32') view.setInt32(position, value, true);
      else view.setUint32(position, value, true);
    });
  });
  return { data, ranges };
}
