import { describe, expect, it } from 'vitest';
import { TOLERANCE } from '../src/ops/multi-state/cases.js';
import type { SlotKind } from '../src/ops/multi-state/contract.js';
import { multiStateOp } from '../src/ops/multi-state/op.js';
import { multiStateGradOp } from '../src/ops/multi-state-grad/op.js';
import { multiStateRecurrentOp } from '../src/ops/multi-state-recurrent/op.js';
import { multiStateRecurrentGradOp } from '../src/ops/multi-state-recurrent-grad/op.js';
import type { MergeRule } from '../src/ops/segment/state.js';
import { type Golden, golden } from './golden.js';
import { DLA, runSegment, zeroSlots } from './policies.js';
import { f32Value, type HostValue, runOp, worstError } from './run.js';

/** The scale the golden queries are multiplied by. */
function scaleOf(file: Golden): number {
  return file.metadata.scale === '1' ? 1 : (file.get('q').shape[3] as number) ** -0.5;
}

function scaled(value: HostValue, factor: number): HostValue {
  return f32Value(
    value.shape,
    Array.from(value.data, (x) => x * factor),
  );
}

/** Outputs and all gradients of both forms against the file. */
function checkForms(file: Golden, slots: SlotKind, lambda: string | undefined, decisions: { parallel: HostValue[]; recurrent: HostValue[] }): void {
  const scale = scaleOf(file);
  const [k, v] = [file.get('k'), file.get('v')];
  const inputs = [scaled(file.get('q'), scale), k, v, file.get('g'), ...(lambda === undefined ? [] : [file.get(lambda)])];
  const attributes = { slots, backbone: 'mamba2' } as const;
  const count = lambda === undefined ? 1 : (file.get(lambda).shape[3] as number);
  const parallel = [...inputs, ...decisions.parallel];
  const recurrent = [...zeroSlots(k, v, count), ...inputs, ...decisions.recurrent];
  const names = ['d_q', 'd_k', 'd_v', 'd_g', ...(lambda === undefined ? [] : [`d_${lambda}`])];
  const upstream = file.get('do');
  for (const [form, output, gradients] of [
    ['parallel', runOp(multiStateOp, parallel, attributes)[0], runOp(multiStateGradOp, [upstream, ...parallel], attributes)],
    ['recurrent', runOp(multiStateRecurrentOp, recurrent, attributes)[0], runOp(multiStateRecurrentGradOp, [upstream, ...recurrent], attributes)],
  ] as const) {
    expect(worstError((output as HostValue).data, file.get('o').data), `${form} o`).toBeLessThan(TOLERANCE);
    names.forEach((name, index) => {
      const found = gradients[index] as HostValue;
      expect(worstError((name === 'd_q' ? scaled(found, scale) : found).data, file.get(name).data), `${form} ${name}`).toBeLessThan(TOLERANCE);
    });
  }
}

describe('golden vectors', () => {
  it.each(['simple_gla-T33', 'simple_gla-T64'])('single equals %s', (name) => {
    checkForms(golden(name), 'single', undefined, { parallel: [], recurrent: [] });
  });

  it.each(['log_linear-T33', 'log_linear-T64'])('fenwick equals %s', (name) => {
    checkForms(golden(name), 'fenwick', 'level_scales', { parallel: [], recurrent: [] });
  });

  it.each(['density-T33-M4', 'density-T64-M8', 'weakest-T33-M4', 'weakest-T64-M8'])('dla equals dla-mamba2-%s', (name) => {
    const file = golden(`dla-mamba2-${name}`);
    const { merge, capacity, tau } = file.metadata as { merge: MergeRule; capacity: string; tau: string };
    const run = runSegment(file.get('k'), file.get('v'), file.get('g'), { ...DLA, merge, capacity: Number(capacity), tau: Number(tau) });
    expect(worstError(run.score.data, file.get('score').data)).toBeLessThan(TOLERANCE);
    expect(Array.from(run.opened.data)).toEqual(Array.from(file.get('opened').data));
    expect(Array.from(run.death.data)).toEqual(Array.from(file.get('death').data));
    const smallest = Math.min(...run.gap.data);
    expect(Math.abs(smallest - Number(file.metadata.smallestDecisionGap))).toBeLessThan(2e-6 + 0.01 * smallest);
    checkForms(file, 'age', 'lam', { parallel: [run.opened, run.death], recurrent: [run.opened, run.mergedAt] });
  });
});
