import type { PolicyRules } from './policy.js';

/** One slot: the plain backbone. */
export const single: PolicyRules = { capacity: () => 1, slots: 'single', segment: null };
