import { describe, expect, it } from 'vitest';
import { capacityOf, defaultPolicy, resolvePolicy, type SlotPolicy } from './policy.js';

describe('slot policies', () => {
  it('fill in defaults', () => {
    expect(resolvePolicy({ policy: 'dla' })).toEqual(defaultPolicy);
    expect(resolvePolicy({ policy: 'fixed', blockLength: 3 })).toEqual({ ...defaultPolicy, policy: 'fixed', blockLength: 3 });
  });

  it('know how many slots lambda weighs', () => {
    expect(capacityOf({ policy: 'single', capacity: 9 })).toBe(1);
    expect(capacityOf({ policy: 'dla' })).toBe(30);
    expect(capacityOf({ policy: 'fixed', capacity: 7 })).toBe(7);
    expect([1, 2, 3, 4, 5, 33, 64, 65, 4096, 4097].map((length) => capacityOf({ policy: 'fenwick' }, length))).toEqual([
      1, 2, 3, 3, 4, 7, 7, 8, 13, 14,
    ]);
  });

  it.each([
    [{ policy: 'lru' }, 'slot policy: policy is wrong; expected single, fixed, fenwick, dla; found "lru"'],
    [{ policy: 'dla', capacity: 0 }, 'slot policy: capacity is wrong; expected an integer of at least 1; found 0'],
    [{ policy: 'dla', capacity: 2.5 }, 'slot policy: capacity is wrong'],
    [{ policy: 'dla', tau: Number.NaN }, 'slot policy: tau is wrong; expected a finite number of at least 0; found null'],
    [{ policy: 'dla', tau: -0.1 }, 'slot policy: tau is wrong'],
    [{ policy: 'dla', merge: 'similar' }, 'slot policy: merge is wrong; expected "density", "weakest" or "oldest"; found "similar"'],
    [{ policy: 'fixed', blockLength: 0 }, 'slot policy: blockLength is wrong'],
    [{ policy: 'fenwick', maxLength: 0 }, 'slot policy: maxLength is wrong'],
  ])('%o is refused', (policy, message) => {
    expect(() => resolvePolicy(policy as SlotPolicy)).toThrow(message);
  });
});
