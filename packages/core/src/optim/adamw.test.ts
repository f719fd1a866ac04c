import { describe, expect, it } from 'vitest';
import { evaluate } from '../graph/evaluate.js';
import { type Tensor, tensor } from '../tensor.js';
import { expectClose } from '../testing/close.js';
import { createAdamW } from './adamw.js';

/** The formula, in float64. */
function plainStep(p: number, m: number, v: number, g: number, step: number, rate: number, decay: number): [number, number, number] {
  const [nextM, nextV] = [0.9 * m + 0.1 * g, 0.95 * v + 0.05 * g * g];
  return [p - rate * (decay * p + nextM / (1 - 0.9 ** step) / (Math.sqrt(nextV / (1 - 0.95 ** step)) + 1e-8)), nextM, nextV];
}

async function values(x: Tensor): Promise<number[]> {
  return [...(await x.data())];
}

describe('createAdamW', () => {
  it('follows the formula over steps, with decay on matrices alone', async () => {
    const optimiser = createAdamW({ weightDecay: 0.1 });
    let params = { w: tensor([[1]]), b: tensor([1]) };
    let state = optimiser.init(params);
    let [w, b]: [[number, number, number], [number, number, number]] = [
      [1, 0, 0],
      [1, 0, 0],
    ];
    for (let step = 1; step <= 5; step++) {
      const g = Math.fround(Math.cos(step));
      const updated = optimiser.update(params, { w: tensor([[g]]), b: tensor([g]) }, state, optimiser.controlsFor(step, 0.01));
      await evaluate([updated.params.w, updated.params.b, updated.state.m.w, updated.state.m.b, updated.state.v.w, updated.state.v.b]);
      ({ params, state } = updated);
      w = plainStep(...w, g, step, 0.01, 0.1);
      b = plainStep(...b, g, step, 0.01, 0);
    }
    expectClose([...(await values(params.w)), ...(await values(params.b))], [w[0], b[0]], { relative: 1e-6, absolute: 0 });
    expectClose([...(await values(state.m.w)), ...(await values(state.v.w))], [w[1], w[2]], { relative: 1e-5, absolute: 1e-8 });
  });

  it('reports the norm of all gradients together, and clips to it', async () => {
    const optimiser = createAdamW({ clipNorm: 1, betas: [0, 0.5], weightDecay: 0 });
    const params = { a: tensor([0, 0]), b: tensor([0]) };
    const updated = optimiser.update(params, { a: tensor([2, 4]), b: tensor([4]) }, optimiser.init(params), optimiser.controlsFor(1, 1));
    expect(await updated.gradientNorm.item()).toBeCloseTo(6, 5);
    // With beta1 = 0, m is the clipped gradient.
    expectClose([...(await values(updated.state.m.a)), ...(await values(updated.state.m.b))], [1 / 3, 2 / 3, 2 / 3], { relative: 1e-5, absolute: 0 });
    const small = optimiser.update(params, { a: tensor([0.2, 0.4]), b: tensor([0.4]) }, optimiser.init(params), optimiser.controlsFor(1, 1, 0.5));
    expect(await small.gradientNorm.item()).toBeCloseTo(0.3, 6);
    expectClose(await values(small.state.m.a), [0.1, 0.2], { relative: 1e-5, absolute: 0 });
  });

  it.each([Number.NaN, Infinity, -Infinity])('skips a step whose gradient has %d', async (bad) => {
    for (const clipNorm of [{}, { clipNorm: 1 }]) {
      const optimiser = createAdamW(clipNorm);
      const params = { a: tensor([1, 2]), b: tensor([[3]]) };
      const updated = optimiser.update(params, { a: tensor([0.5, bad]), b: tensor([[1]]) }, optimiser.init(params), optimiser.controlsFor(1, 0.1));
      expect(await values(updated.params.a)).toEqual([1, 2]);
      expect(await values(updated.params.b)).toEqual([3]);
      expect(await values(updated.state.v.b)).toEqual([0]);
      expect(Number.isFinite(await updated.gradientNorm.item())).toBe(false);
    }
  });

  it('decays by path and shape', async () => {
    const seen: string[] = [];
    const optimiser = createAdamW({
      weightDecay: (path, shape) => {
        seen.push(`${path} [${shape}]`);
        return path === 'layers.0.w' ? 1 : 0;
      },
    });
    const params = { layers: [{ w: tensor([2]), b: tensor([2]) }] };
    const zero = { layers: [{ w: tensor([0]), b: tensor([0]) }] };
    const updated = optimiser.update(params, zero, optimiser.init(params), optimiser.controlsFor(1, 0.5));
    expect([await values(updated.params.layers[0]?.w as Tensor), await values(updated.params.layers[0]?.b as Tensor)]).toEqual([[1], [2]]);
    expect(seen.sort()).toEqual(['layers.0.b [1]', 'layers.0.w [1]']);
  });

  it('refuses what makes no sense', () => {
    expect(() => createAdamW({ betas: [1, 0.9] })).toThrow('createAdamW: betas out of range');
    expect(() => createAdamW({ clipNorm: 0 })).toThrow('createAdamW: clipNorm must be positive');
    expect(() => createAdamW().controlsFor(0, 1)).toThrow('controlsFor: steps count from 1');
    const optimiser = createAdamW();
    const params = { a: tensor([1]) };
    expect(() => optimiser.update<unknown>(params, {}, optimiser.init<unknown>(params), optimiser.controlsFor(1, 1))).toThrow(
      'AdamW.update: trees differ from the parameters',
    );
  });
});
