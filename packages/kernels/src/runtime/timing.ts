import { bufferUsage } from '../device/constants.js';
import type { Readback } from './readback.js';

/** GPU time of one launch. */
export interface LaunchTiming {
  readonly label: string;
  readonly ns: number;
}

const launchesPerSet = 2048;

/** Timestamps round each launch, collected until {@link LaunchTimer.finish}. */
export class LaunchTimer {
  readonly #gpu: GPUDevice;
  readonly #labels: string[] = [];
  readonly #sets: GPUQuerySet[] = [];

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
  }

  /** The timestamp writes of the next pass. */
  next(label: string): GPUComputePassTimestampWrites {
    const position = this.#labels.length % launchesPerSet;
    if (position === 0) this.#sets.push(this.#gpu.createQuerySet({ type: 'timestamp', count: launchesPerSet * 2 }));
    this.#labels.push(label);
    const querySet = this.#sets[this.#sets.length - 1] as GPUQuerySet;
    return { querySet, beginningOfPassWriteIndex: position * 2, endOfPassWriteIndex: position * 2 + 1 };
  }

  async finish(readback: Readback): Promise<LaunchTiming[]> {
    const timings: LaunchTiming[] = [];
    for (const querySet of this.#sets) {
      const count = Math.min(launchesPerSet, this.#labels.length - timings.length);
      const bytes = count * 16;
      const resolved = this.#gpu.createBuffer({ size: bytes, usage: bufferUsage.queryResolve | bufferUsage.copySource });
      const encoder = this.#gpu.createCommandEncoder();
      encoder.resolveQuerySet(querySet, 0, count * 2, resolved, 0);
      this.#gpu.queue.submit([encoder.finish()]);
      const times = new BigUint64Array(await readback.read([{ buffer: resolved, offset: 0, bytes }]));
      resolved.destroy();
      querySet.destroy();
      for (let index = 0; index < count; index++)
        timings.push({ label: this.#labels[timings.length] as string, ns: Number((times[index * 2 + 1] as bigint) - (times[index * 2] as bigint)) });
    }
    return timings;
  }
}
