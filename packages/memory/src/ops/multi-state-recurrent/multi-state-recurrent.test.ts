import { compile, createCpuDevice, grad, sum, type Tensor, tensor } from '@dla/core';
import { checkOpCaseGradient, hostTensor, runOn, runOpCase } from '@dla/core/testing';
import { describe, expect, it } from 'vitest';
import { DLA, runSegment, zeroSlots } from '../../../test/policies.js';
import { randomStream } from '../../../test/random.js';
import { type HostValue, runOp, worstError } from '../../../test/run.js';
import { TOLERANCE } from '../multi-state/cases.js';
import { multiStateOp } from '../multi-state/op.js';
import { multiStateGradOp } from '../multi-state-grad/op.js';
import { multiStateRecurrentGradOp } from '../multi-state-recurrent-grad/op.js';
import { multiStateRecurrentCases } from './cases.js';
import { multiStateRecurrentOp } from './op.js';

const device = createCpuDevice({ threads: 2 });

describe('multi-state-recurrent', () => {
  it.each(multiStateRecurrentCases)('$name: the CPU device equals the reference, forward and backward', async (opCase) => {
    await runOpCase(await device, opCase);
  });

  it.each(multiStateRecurrentCases.filter(({ differences }) => differences !== false))('$name: gradient equals differences', async (opCase) => {
    await checkOpCaseGradient(opCase);
  });

  it.each(['single', 'age', 'fenwick'] as const)('%s: output and gradients equal the parallel form', (slots) => {
    const sizes = { batch: 2, time: 130, groups: 1, heads: 2, keyWidth: 6, valueWidth: 5, slots: slots === 'single' ? 1 : 9 };
    const { q, k, v, g, lambda, upstream } = randomStream(3, sizes);
    const { opened, death, mergedAt } = runSegment(k, v, g, { ...DLA, capacity: sizes.slots });
    const base = [q, k, v, g, lambda];
    const parallel = [...base, ...(slots === 'age' ? [opened, death] : [])];
    const recurrent = [...zeroSlots(k, v, sizes.slots), ...base, ...(slots === 'age' ? [opened, mergedAt] : [])];
    const attributes = { slots, backbone: 'mamba2' };
    expect(
      worstError(runOp(multiStateRecurrentOp, recurrent, attributes)[0]?.data ?? [], runOp(multiStateOp, parallel, attributes)[0]?.data ?? []),
    ).toBeLessThan(1e-5);
    const expected = runOp(multiStateGradOp, [upstream, ...parallel], attributes);
    runOp(multiStateRecurrentGradOp, [upstream, ...recurrent], attributes).forEach((found, index) => {
      expect(worstError(found.data, expected[index]?.data ?? []), `gradient ${index}`).toBeLessThan(TOLERANCE);
    });
  });

  it('levels past the last share it, in both forms', () => {
    const { q, k, v, g, lambda } = randomStream(4, { batch: 1, time: 70, groups: 1, heads: 1, keyWidth: 4, valueWidth: 4, slots: 3 });
    const attributes = { slots: 'fenwick', backbone: 'mamba2' };
    const recurrent = runOp(multiStateRecurrentOp, [...zeroSlots(k, v, 3), q, k, v, g, lambda], attributes)[0] as HostValue;
    expect(worstError(recurrent.data, runOp(multiStateOp, [q, k, v, g, lambda], attributes)[0]?.data ?? [])).toBeLessThan(1e-5);
  });

  it('back-propagates from a state that is not zero, the state a constant', async () => {
    const { q, k, v, g, lambda, upstream } = randomStream(8, { batch: 1, time: 40, groups: 1, heads: 2, keyWidth: 3, valueWidth: 4, slots: 5 });
    const attributes = { slots: 'fenwick', backbone: 'mamba2' } as const;
    const half = ({ shape, dtype, data }: HostValue, start: number): HostValue => {
      const row = data.length / 40;
      return { shape: [1, 20, ...shape.slice(2)], dtype, data: data.slice(start * row, (start + 20) * row) };
    };
    const [, ...state] = runOp(multiStateRecurrentOp, [...zeroSlots(k, v, 5), ...[q, k, v, g, lambda].map((x) => half(x, 0))], attributes);
    const late = [q, k, v, g, lambda].map((x) => half(x, 20));
    // The same loss on the whole sequence: only the last half's outputs count, so gradients of its q, k, v, g, lambda agree.
    const silenced = { ...upstream, data: upstream.data.map((x, i) => (i < upstream.data.length / 2 ? 0 : x)) };
    const whole = runOp(multiStateGradOp, [silenced, q, k, v, g, lambda], attributes);
    const found = runOp(multiStateRecurrentGradOp, [half(upstream, 20), ...state, ...late], attributes);
    found.forEach((gradient, index) => {
      expect(worstError(gradient.data, half(whole[index] as HostValue, 20).data), `gradient ${index}`).toBeLessThan(TOLERANCE);
    });
  });

  it('refuses a gradient into or out of the state', async () => {
    const { q, k, v, g } = randomStream(9, { batch: 1, time: 3, groups: 1, heads: 1, keyWidth: 2, valueWidth: 2, slots: 1 });
    const [slots, scales, order] = zeroSlots(k, v, 1).map(hostTensor) as [Tensor, Tensor, Tensor];
    const inputs = [q, k, v, g].map(hostTensor);
    const attributes = { slots: 'single', backbone: 'mamba2' } as const;
    const into = grad((state: Tensor) => sum(multiStateRecurrentOp([state, scales, order, ...inputs], attributes)[0] as Tensor));
    expect(() => into(slots)).toThrow('multi-state-recurrent: no gradient reaches or leaves the state');
    const out = grad((v_: Tensor) =>
      sum(multiStateRecurrentOp([slots, scales, order, inputs[0] as Tensor, inputs[1] as Tensor, v_, inputs[3] as Tensor], attributes)[1] as Tensor),
    );
    expect(() => out(inputs[2] as Tensor)).toThrow('found a loss that depends on the final state');
  });

  it('updates a donated state in place and continues exactly', async () => {
    const cpu = await device;
    const sizes = { batch: 1, time: 50, groups: 1, heads: 2, keyWidth: 4, valueWidth: 8, slots: 5 };
    const { q, k, v, g, lambda } = randomStream(10, sizes);
    const attributes = { slots: 'fenwick', backbone: 'mamba2' } as const;
    const step = compile((state: readonly Tensor[], inputs: readonly Tensor[]) => multiStateRecurrentOp([...state, ...inputs], attributes), {
      device: cpu,
      donate: [0],
    });
    const whole = await runOn(cpu, (all) => multiStateRecurrentOp(all, attributes), [...zeroSlots(k, v, 5), q, k, v, g, lambda].map(hostTensor));
    let state: Tensor[] = zeroSlots(k, v, 5).map(hostTensor);
    const output: number[] = [];
    for (let t = 0; t < 50; t++) {
      const token = [q, k, v, g, lambda].map(({ shape, data }) => {
        const row = data.length / 50;
        return tensor(data.slice(t * row, (t + 1) * row) as Float32Array, { shape: [1, 1, ...shape.slice(2)] });
      });
      const [o, ...rest] = (await step(state, token)) as [Tensor, ...Tensor[]];
      output.push(...(await o.data()));
      state = rest;
    }
    expect(worstError(output, whole[0]?.data ?? [])).toBeLessThan(1e-6);
    expect(Array.from(await (state[2] as Tensor).data())).toEqual(Array.from(whole[3]?.data ?? []));
  });
});
