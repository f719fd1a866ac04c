import { DlaError } from '@dla/core';
import { bufferUsage, mapRead } from '../device/constants.js';
import { type GpuMemory, guardBytes, poisonOf, sizeClass } from './buffer-pool.js';
import type { Faults } from './faults.js';

/** Copies device memory to the host through pooled mappable buffers. */
export class Readback {
  readonly #gpu: GPUDevice;
  readonly #faults: Faults;
  readonly #free = new Map<number, GPUBuffer[]>();
  created = 0;
  held = 0;

  constructor(gpu: GPUDevice, faults: Faults) {
    this.#gpu = gpu;
    this.#faults = faults;
  }

  /** The bytes of several ranges, one after the other; also the only proof that the work before has been done. */
  async read(ranges: readonly { readonly buffer: GPUBuffer; readonly offset: number; readonly bytes: number }[]): Promise<ArrayBuffer> {
    this.#faults.check();
    const total = ranges.reduce((sum, { bytes }) => sum + bytes, 0);
    const size = sizeClass(total);
    const buffer = this.#take(size);
    const encoder = this.#gpu.createCommandEncoder();
    let position = 0;
    for (const range of ranges) {
      encoder.copyBufferToBuffer(range.buffer, range.offset, buffer, position, range.bytes);
      position += range.bytes;
    }
    this.#gpu.queue.submit([encoder.finish()]);
    let result: ArrayBuffer;
    try {
      await buffer.mapAsync(mapRead, 0, total);
      result = buffer.getMappedRange(0, total).slice(0);
      buffer.unmap();
    } catch (cause) {
      this.held -= size;
      buffer.destroy();
      throw await this.#faults.explain(cause, 'reading back');
    }
    const pooled = this.#free.get(size);
    if (pooled === undefined) this.#free.set(size, [buffer]);
    else pooled.push(buffer);
    await this.#faults.settle();
    return result;
  }

  /** Debug mode: nobody has written behind a buffer. */
  async checkGuards(memories: readonly GpuMemory[]): Promise<void> {
    const bands = memories.map((memory) => ({ memory, offset: Math.ceil(memory.asked / 4) * 4 }));
    const words = new Uint32Array(await this.read(bands.map(({ memory, offset }) => ({ buffer: memory.gpu, offset, bytes: guardBytes }))));
    bands.forEach(({ memory }, index) => {
      const poison = poisonOf(memory);
      for (let word = 0; word < guardBytes / 4; word++) {
        const found = words[(index * guardBytes) / 4 + word] as number;
        if (found !== poison)
          throw new DlaError('argument', `a kernel wrote behind buffer ${memory.id} (${memory.asked} bytes), ${word * 4} bytes past its end`, {
            where: this.#faults.where,
            expected: `0x${poison.toString(16)}`,
            found: `0x${found.toString(16)}`,
          });
      }
    });
  }

  #take(size: number): GPUBuffer {
    const pooled = this.#free.get(size)?.pop();
    if (pooled !== undefined) return pooled;
    const failed = (problem: string): DlaError =>
      new DlaError('out-of-memory', `no memory to read back ${size} bytes: ${problem}`, { where: this.#faults.where });
    const usage = bufferUsage.mapRead | bufferUsage.copyDestination;
    const buffer = this.#faults.watch(
      () => this.#gpu.createBuffer({ size, usage }),
      failed,
      () => undefined,
    );
    this.created++;
    this.held += size;
    return buffer;
  }
}
