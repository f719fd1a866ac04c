import type { PolicyRules } from './policy.js';

/** Dynamic Linear Attention: a token whose score reaches `tau` opens a slot; at capacity the pair that `merge` names makes room. */
export const dla: PolicyRules = {
  capacity: ({ capacity }) => capacity,
  slots: 'age',
  segment: ({ capacity, tau, merge, blockLength }) => ({ policy: 'dla', capacity, tau, merge, blockLength }),
};
