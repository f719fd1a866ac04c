import type { Device } from '../backend/backend.js';
import { defaultDevice } from '../backend/default-device.js';
import { setEvaluator, Tensor } from '../tensor.js';
import { compile } from './compile.js';

/**
 * Compute lazy tensors together, on `device` (default: the CPU device). Tensors that have a value are left as they are.
 * For work that repeats, use `compile`: this plans the graph anew each time.
 */
export async function evaluate(tensors: readonly Tensor[], device?: Device): Promise<void> {
  const lazy = tensors.filter((value) => value.source.kind === 'op');
  if (lazy.length === 0) return;
  const run = compile((): Tensor[] => [...lazy], { device: device ?? (await defaultDevice()), name: 'evaluate' });
  try {
    const results = await run();
    lazy.forEach((value, index) => {
      const result = results[index] as Tensor;
      // A tensor named twice, or computed by another call meanwhile, has its value already.
      if (value.source.kind === 'op') value.settle({ kind: 'device', buffer: result.takeBuffer() });
      else result.dispose();
    });
  } finally {
    run.dispose();
  }
}

setEvaluator((tensors) => evaluate(tensors));

/** Put a host tensor on a device; the result owns its buffer. */
export function upload(value: Tensor, device: Device): Tensor {
  const { source } = value;
  if (source.kind !== 'host') return value;
  const buffer = device.allocate(Math.max(4, Math.ceil(source.data.byteLength / 4) * 4));
  device.write(buffer, source.data);
  return new Tensor(value.shape, value.dtype, { kind: 'device', buffer });
}
