import { compile, createCpuDevice, gradients, mul, sum, type Tensor } from '@dla/core';
import { hostTensor } from '@dla/core/testing';
import { bench, describe } from 'vitest';
import { randomStream } from '../../../test/random.js';
import { dlaMemory } from '../../memory.js';
import { capacityOf, type SlotPolicy } from '../../policy/policy.js';

/** The memory of one layer of the small training preset, forward and backward: `npx vitest bench packages/memory`. */
const sizes = { batch: 8, time: 128, groups: 1, heads: 4, keyWidth: 32, valueWidth: 64 };
const policies: readonly SlotPolicy[] = [{ policy: 'single' }, { policy: 'fenwick', maxLength: 128 }, { policy: 'fixed' }, { policy: 'dla' }];
const device = await createCpuDevice();

describe(`dlaMemory ${JSON.stringify(sizes)} on ${device.description}`, () => {
  for (const policy of policies) {
    const { q, k, v, g, lambda, upstream } = randomStream(3, { ...sizes, slots: capacityOf(policy) }, { repeat: 0.1, decay: 0.1 });
    const inputs = [q, k, v, g, lambda, upstream].map(hostTensor);
    const call = ([q_, k_, v_, g_, lambda_]: readonly Tensor[]): Tensor =>
      dlaMemory({ q: q_ as Tensor, k: k_ as Tensor, v: v_ as Tensor, g: g_ as Tensor, lambda: lambda_ as Tensor, policy }).output;
    const forward = compile((all: readonly Tensor[]) => call(all), { device });
    const both = compile((all: readonly Tensor[]) => gradients(sum(mul(call(all), all[5] as Tensor)), all.slice(0, 5)), { device });
    bench(`${policy.policy} forward`, async () => (await forward(inputs)).dispose(), { time: 400 });
    bench(
      `${policy.policy} forward + backward`,
      async () => {
        for (const gradient of await both(inputs)) gradient.dispose();
      },
      { time: 400 },
    );
  }
});
