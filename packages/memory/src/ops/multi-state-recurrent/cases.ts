import { fill } from '@dla/core';
import type { OpCase } from '@dla/core/testing';
import { madeDecisions } from '../../../test/decisions.js';
import { baseInputs, type CaseSizes, decisionInputs, describeSizes, kinds, SIZES } from '../multi-state/cases.js';
import { multiStateRecurrentOp } from './op.js';
import { recurrentStateSpecs } from './state.js';

/** From a zero state made in the graph. */
export const multiStateRecurrentCases: readonly OpCase[] = SIZES.flatMap((sizes: CaseSizes, index) =>
  kinds.flatMap((slots) =>
    [0.3, 20].map((decay): OpCase => {
      const own = slots === 'single' ? { ...sizes, slots: 1 } : sizes;
      return {
        name: `multi-state-recurrent ${slots} ${describeSizes(own)} decay ${decay}`,
        seed: 10 + index,
        inputs: [...baseInputs(own, decay), ...(slots === 'age' ? decisionInputs(own, madeDecisions(index, own), 'mergedAt') : [])],
        run: (inputs) => {
          const state = recurrentStateSpecs(own, own.slots).map(({ shape, dtype }) => fill(shape, 0, dtype));
          return multiStateRecurrentOp([...state, ...inputs], { slots, backbone: 'mamba2' }).slice(0, 1);
        },
        forward: { relative: 1e-4, absolute: 2e-5 },
        gradient: { relative: 1e-4, absolute: 1e-4 },
        differences: index < 3 && decay < 1 ? { elements: 4 } : false,
      };
    }),
  ),
);
