import type { PolicyRules } from './policy.js';

/** A slot opens every `blockLength` tokens; the oldest two merge when there are more than `capacity`. */
export const fixed: PolicyRules = {
  capacity: ({ capacity }) => capacity,
  slots: 'age',
  segment: ({ capacity, tau, blockLength }) => ({ policy: 'fixed', capacity, tau, merge: 'oldest', blockLength }),
};
