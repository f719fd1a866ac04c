import { compile, createCpuDevice, createStream, type Tensor, tensor } from '@dla/core';
import { createReadoutParameters } from '@dla/memory';
import { expect, it } from 'vitest';
import { sizesOf } from '../config.js';
import { tinyConfig } from '../testing/tiny-models.js';
import { mamba2Mixer } from './mixer.js';
import { initialise, type LayerParameters } from './parameters.js';

it('reads lambda from a low-rank W as from their product', async () => {
  const device = await createCpuDevice({ threads: 1 });
  const config = tinyConfig({ policy: 'dla', capacity: 8 });
  const { dModel } = config;
  const { heads } = sizesOf(config);
  const { mixer } = initialise(config, 3).layers[0] as LayerParameters;
  const stream = createStream(1, 'mixer test');
  const normal = (_: string, count: number, std: number): Float32Array => stream.normal(count, 0, std);
  const { down, up, ...rest } = createReadoutParameters({ modelWidth: dModel, heads, slots: 8, rank: 1, std: 0.5, normal });
  const [left, right] = await Promise.all([(down as Tensor).data(), (up as Tensor).data()]);
  const weight = tensor(
    Float32Array.from({ length: dModel * heads * 8 }, (_, i) => (left[Math.floor(i / (heads * 8))] as number) * (right[i % (heads * 8)] as number)),
    { shape: [dModel, heads * 8] },
  );
  const x = tensor(stream.normal(40 * dModel), { shape: [1, 40, dModel] });
  const run = compile((input: Tensor, readout: { readonly [name: string]: Tensor }) => mamba2Mixer(config, { ...mixer, readout }, input).output, {
    device,
  });
  const read = async (readout: { readonly [name: string]: Tensor }): Promise<Float32Array> => (await (await run(x, readout)).data()) as Float32Array;
  const [low, full, plain] = [await read({ down: down as Tensor, up: up as Tensor, ...rest }), await read({ weight, ...rest }), await read({})];
  const worst = (a: Float32Array, b: Float32Array): number => a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);
  expect(worst(low, full)).toBeLessThan(1e-5);
  expect(worst(low, plain)).toBeGreaterThan(1e-2);
  device.dispose();
});
