import type { PolicyRules } from './policy.js';

/** Log-Linear Attention (arXiv 2506.04761): slot = Fenwick level; level 0 the token itself, level l up to 2^(l-1) tokens. */
export const fenwick: PolicyRules = {
  capacity: ({ maxLength }) => (maxLength === 1 ? 1 : 33 - Math.clz32(maxLength - 1)),
  slots: 'fenwick',
  segment: null,
};
