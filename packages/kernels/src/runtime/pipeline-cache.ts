import { DlaError } from '@dla/core';
import { computeStage } from '../device/constants.js';
import type { Faults } from './faults.js';
import { oneLine } from './faults.js';
import type { Launch } from './kernel.js';

export interface ReadyPipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** Compute pipelines by code, entry point, constants and binding layout, compiled asynchronously. */
export class PipelineCache {
  readonly #gpu: GPUDevice;
  readonly #faults: Faults;
  readonly #modules = new Map<string, GPUShaderModule>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  readonly #pipelines = new Map<string, Promise<ReadyPipeline>>();
  created = 0;

  constructor(gpu: GPUDevice, faults: Faults) {
    this.#gpu = gpu;
    this.#faults = faults;
  }

  /** @throws DlaError `argument` with the WGSL line where the code does not compile. */
  get(op: string, launch: Launch): Promise<ReadyPipeline> {
    const shape = `${launch.bindings.map(({ access }) => (access === 'read' ? 'r' : 'w')).join('')}${launch.uniforms === undefined ? '' : 'u'}`;
    const key = `${shape}|${launch.entryPoint}|${JSON.stringify(launch.constants ?? {})}|${launch.code}`;
    let pending = this.#pipelines.get(key);
    if (pending === undefined) {
      pending = this.#create(op, launch, this.#layout(shape));
      this.#pipelines.set(key, pending);
      pending.catch(() => this.#pipelines.delete(key));
    }
    return pending;
  }

  #layout(shape: string): GPUBindGroupLayout {
    let layout = this.#layouts.get(shape);
    if (layout === undefined) {
      const types = { r: 'read-only-storage', w: 'storage', u: 'uniform' } as const;
      const entries = [...shape].map((letter, binding) => ({
        binding,
        visibility: computeStage,
        buffer: { type: types[letter as 'r' | 'w' | 'u'] },
      }));
      layout = this.#gpu.createBindGroupLayout({ entries });
      this.#layouts.set(shape, layout);
    }
    return layout;
  }

  async #create(op: string, launch: Launch, layout: GPUBindGroupLayout): Promise<ReadyPipeline> {
    const gpu = this.#gpu;
    this.created++;
    let module = this.#modules.get(launch.code);
    if (module === undefined) {
      gpu.pushErrorScope('validation');
      module = gpu.createShaderModule({ code: launch.code, label: launch.label });
      const invalid = await gpu.popErrorScope();
      if (invalid !== null) throw await compileError(op, launch, module, invalid.message);
      this.#modules.set(launch.code, module);
    }
    try {
      const pipeline = await gpu.createComputePipelineAsync({
        label: launch.label,
        layout: gpu.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: launch.entryPoint, constants: { ...launch.constants } },
      });
      this.#faults.check();
      return { pipeline, layout };
    } catch (cause) {
      if (cause instanceof DlaError) throw cause;
      if (this.#faults.lost) throw await this.#faults.explain(cause, 'compiling a kernel');
      throw await compileError(op, launch, module, cause instanceof Error ? cause.message : String(cause));
    }
  }
}

async function compileError(op: string, launch: Launch, module: GPUShaderModule, problem: string): Promise<DlaError> {
  const { messages } = await module.getCompilationInfo();
  const first = messages.find(({ type }) => type === 'error');
  const line = first === undefined ? '' : ` (line ${first.lineNum}: ${(launch.code.split('\n')[first.lineNum - 1] ?? '').trim()})`;
  return new DlaError('argument', `the kernel '${launch.label}' does not compile${line}: ${oneLine(first?.message ?? problem)}`, { where: op });
}
