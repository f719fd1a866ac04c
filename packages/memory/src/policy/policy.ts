import { DlaError } from '@dla/core';
import type { SlotKind } from '../ops/multi-state/contract.js';
import type { MergeRule, SegmentAttributes } from '../ops/segment/state.js';
import { dla } from './dla.js';
import { fenwick } from './fenwick.js';
import { fixed } from './fixed.js';
import { single } from './single.js';

export const policyNames = ['single', 'fixed', 'fenwick', 'dla'] as const;
/** `single` one slot; `fixed` blocks of equal length; `fenwick` Log-Linear Attention; `dla` drift-opened, capacity-bounded slots. */
export type PolicyName = (typeof policyNames)[number];

/** Which tokens share a slot. Fields that a policy does not use are checked and otherwise ignored. */
export interface SlotPolicy {
  readonly policy: PolicyName;
  /** Most slots a head may hold, M (`fixed`, `dla`); default 30. */
  readonly capacity?: number;
  /** Score from which a token opens a slot (`dla`); default 0.6. */
  readonly tau?: number;
  /** Which adjacent pair merges at capacity (`dla`); default `density`. */
  readonly merge?: MergeRule;
  /** Tokens in a slot (`fixed`); default 16. */
  readonly blockLength?: number;
  /** Longest sequence that `fenwick` has a level of its own for; default 4096. Older tokens share the last level. */
  readonly maxLength?: number;
}

/** Every field given. */
export type FullPolicy = Required<SlotPolicy>;

/** What one policy means for the ops. */
export interface PolicyRules {
  /** Length of lambda's last axis. */
  readonly capacity: (policy: FullPolicy) => number;
  readonly slots: SlotKind;
  /** Attributes of `segment`; null where nothing is decided. */
  readonly segment: ((policy: FullPolicy) => SegmentAttributes) | null;
}

const rules: { readonly [name in PolicyName]: PolicyRules } = { single, fixed, fenwick, dla };

export const defaultPolicy: FullPolicy = { policy: 'dla', capacity: 30, tau: 0.6, merge: 'density', blockLength: 16, maxLength: 4096 };

/**
 * Fill in defaults and check every field.
 *
 * @throws DlaError `argument` that names the field, what was expected and what was found.
 */
export function resolvePolicy(policy: SlotPolicy): FullPolicy {
  const full = { ...defaultPolicy, ...policy };
  const bad = (field: string, expected: string, found: unknown): never => {
    throw new DlaError('argument', `${field} is wrong`, { where: 'slot policy', expected, found: JSON.stringify(found) ?? 'nothing' });
  };
  if (!policyNames.includes(full.policy)) bad('policy', policyNames.join(', '), full.policy);
  for (const field of ['capacity', 'blockLength', 'maxLength'] as const)
    if (!Number.isInteger(full[field]) || full[field] < 1 || full[field] >= 2 ** 31) bad(field, 'an integer of at least 1', full[field]);
  if (!(full.tau >= 0 && full.tau < Infinity)) bad('tau', 'a finite number of at least 0', full.tau);
  if (full.merge !== 'density' && full.merge !== 'weakest' && full.merge !== 'oldest') bad('merge', '"density", "weakest" or "oldest"', full.merge);
  return full;
}

export function rulesOf(policy: SlotPolicy): PolicyRules {
  return rules[resolvePolicy(policy).policy];
}

/**
 * Slots a head may hold, which is the length of lambda's last axis: 1 for `single`, `capacity` for `fixed` and `dla`,
 * the number of levels of a context of `contextLength` tokens (default `maxLength`) for `fenwick`.
 */
export function capacityOf(policy: SlotPolicy, contextLength?: number): number {
  const full = resolvePolicy(contextLength === undefined ? policy : { ...policy, maxLength: contextLength });
  return rules[full.policy].capacity(full);
}
