import { DlaError } from '@dla/core';

/** Device loss and errors that arrive late. Every await of this backend ends with {@link Faults.check}. */
export class Faults {
  readonly where: string;
  readonly #gpu: GPUDevice;
  #lost: DlaError | null = null;
  #late: DlaError | null = null;
  #disposed = false;
  #pending = new Set<Promise<void>>();

  constructor(gpu: GPUDevice, where: string) {
    this.where = where;
    this.#gpu = gpu;
    void gpu.lost.then(({ reason, message }) => {
      this.#lost = new DlaError('device-lost', `the device was lost (${reason}): ${oneLine(message)}; ask for a new device and upload again`, {
        where,
      });
    });
    gpu.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      this.record(toError(where, (event as GPUUncapturedErrorEvent).error));
    });
  }

  get lost(): boolean {
    return this.#lost !== null;
  }

  /** Keep the first error until somebody waits for the device. */
  record(error: DlaError): void {
    this.#late ??= error;
  }

  dispose(): void {
    this.#disposed = true;
  }

  /** Throw what is wrong with the device, if anything; a late error is thrown once. */
  check(): void {
    if (this.#disposed) throw new DlaError('disposed', 'the device was disposed', { where: this.where });
    if (this.#lost !== null) throw this.#lost;
    const late = this.#late;
    if (late !== null) {
      this.#late = null;
      throw late;
    }
  }

  /** Run `create` in error scopes; a failure is recorded as what `failed` makes of it, and told to `onFailure`. */
  watch<T>(create: () => T, failed: (problem: string, memory: boolean) => DlaError, onFailure: () => void): T {
    this.#gpu.pushErrorScope('out-of-memory');
    this.#gpu.pushErrorScope('validation');
    let value: T;
    try {
      value = create();
    } catch (cause) {
      void this.#gpu.popErrorScope().catch(() => null);
      void this.#gpu.popErrorScope().catch(() => null);
      throw failed(oneLine(String(cause)), cause instanceof RangeError);
    }
    const pops = [this.#gpu.popErrorScope(), this.#gpu.popErrorScope()];
    const settled = Promise.all(pops).then(
      ([validation, memory]) => {
        const error = memory ?? validation ?? null;
        if (error === null) return;
        this.record(failed(oneLine(error.message), memory !== null && memory !== undefined));
        onFailure();
      },
      () => undefined,
    );
    this.#pending.add(settled);
    void settled.finally(() => this.#pending.delete(settled));
    return value;
  }

  /** Wait for the error scopes that are open, then check. */
  async settle(): Promise<void> {
    if (this.#pending.size > 0) await Promise.all(this.#pending);
    this.check();
  }

  /** A map or pipeline promise was rejected: loss explains it if it shows up within a moment, else the cause itself. */
  async explain(cause: unknown, doing: string): Promise<DlaError> {
    await Promise.race([this.#gpu.lost, new Promise((resolve) => setTimeout(resolve, 100))]);
    await Promise.resolve();
    if (this.#disposed) return new DlaError('disposed', 'the device was disposed', { where: this.where });
    return this.#lost ?? this.#late ?? new DlaError('device-lost', `${doing} failed: ${oneLine(String(cause))}`, { where: this.where, cause });
  }
}

function toError(where: string, error: GPUError): DlaError {
  const memory = error.constructor.name === 'GPUOutOfMemoryError';
  const code = memory ? 'out-of-memory' : /limit|exceed|larger than/i.test(error.message) ? 'device-limit' : 'argument';
  return new DlaError(code, `the driver reported ${memory ? 'out of memory' : 'an error'}: ${oneLine(error.message)}`, { where });
}

export function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}
