import { describe, expect, it } from 'vitest';
import { Allocator } from './allocator.js';

function filled(bytes: number): Allocator {
  const allocator = new Allocator('test', 128);
  allocator.extend(128 + bytes);
  return allocator;
}

describe('Allocator', () => {
  it('gives 64-byte aligned, disjoint blocks over 5,000 random calls and joins everything when all are freed', () => {
    const total = 4 << 20;
    const allocator = filled(total);
    const live: { start: number; size: number }[] = [];
    let seed = 1;
    const random = (): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32;
    };
    for (let step = 0; step < 5000; step++) {
      const size = Math.floor(random() ** 4 * 200_000);
      const start = random() < 0.55 ? allocator.allocate(size) : undefined;
      if (start !== undefined) {
        expect(start % 64).toBe(0);
        expect(start + size).toBeLessThanOrEqual(128 + total);
        expect(live.some((other) => start < other.start + Math.max(other.size, 1) && other.start < start + Math.max(size, 1))).toBe(false);
        live.push({ start, size });
      } else if (live.length > 0) allocator.free((live.splice(Math.floor(random() * live.length), 1)[0] as { start: number }).start);
    }
    for (const { start } of live) allocator.free(start);
    expect(allocator.liveBytes).toBe(0);
    expect(allocator.allocate(total)).toBe(128);
  });

  it('gives the same addresses for the same calls', () => {
    const sizes = [10, 4000, 64, 70_000, 1];
    const addresses = [filled(1 << 20), filled(1 << 20)].map((allocator) => sizes.map((size) => allocator.allocate(size)));
    expect(addresses[0]).toEqual(addresses[1]);
  });

  it('uses a freed block again and counts live, peak and calls', () => {
    const allocator = filled(1 << 16);
    const first = allocator.allocate(100) as number;
    allocator.allocate(64);
    allocator.free(first);
    expect(allocator.allocate(128)).toBe(first);
    expect([allocator.liveBytes, allocator.peakBytes, allocator.allocations]).toEqual([192, 192, 3]);
  });

  it('says how many bytes are missing, counting a free tail', () => {
    const allocator = filled(1024);
    allocator.allocate(512);
    expect(allocator.allocate(1024)).toBeUndefined();
    expect(allocator.missing(1024)).toBe(512);
    allocator.extend(allocator.end + 512);
    expect(allocator.allocate(1024)).toBe(128 + 512);
  });

  it('refuses a pointer that is not live', () => {
    const allocator = filled(1024);
    const pointer = allocator.allocate(1) as number;
    allocator.free(pointer);
    expect(() => allocator.free(pointer)).toThrow(`test: not a live allocation; expected a pointer from allocate; found ${pointer}`);
  });
});
