import { DlaError } from '../../../errors.js';

interface Block {
  readonly start: number;
  size: number;
  used: boolean;
  /** Neighbours in address order. */
  previous: Block | undefined;
  next: Block | undefined;
  /** Neighbours in the free list of its bin. */
  before: Block | undefined;
  after: Block | undefined;
}

const alignment = 64;
const binsPerDoubling = 8;
const binCount = 8 + 32 * binsPerDoubling;

/** The bin whose blocks are all at least as large as its lower bound; `size` is a multiple of 64. */
function binOf(size: number): number {
  const units = size / alignment;
  if (units < binsPerDoubling) return units;
  const doubling = 31 - Math.clz32(units);
  return binsPerDoubling * (doubling - 2) + (Math.floor(units / 2 ** (doubling - 3)) - binsPerDoubling);
}

/**
 * Good-fit allocator over one growing range of bytes: free blocks lie in bins of eight to a doubling, neighbours that
 * fall free are joined at once. Addresses and sizes are multiples of 64; the same calls give the same addresses.
 */
export class Allocator {
  readonly #bins = new Array<Block | undefined>(binCount).fill(undefined);
  readonly #used = new Map<number, Block>();
  readonly #where: string;
  #last: Block | undefined;
  #end: number;
  liveBytes = 0;
  peakBytes = 0;
  allocations = 0;

  /** Manages nothing yet; bytes from `start` on arrive by {@link extend}. */
  constructor(where: string, start: number) {
    this.#where = where;
    this.#end = Math.ceil(start / alignment) * alignment;
  }

  /** First byte behind the managed range. */
  get end(): number {
    return this.#end;
  }

  /** Bytes that must be added at the end before {@link allocate} of `bytes` can succeed (0: it succeeds now, or may). */
  missing(bytes: number): number {
    const tail = this.#last !== undefined && !this.#last.used ? this.#last.size : 0;
    return Math.max(0, sizeFor(bytes) - tail);
  }

  /** Adds the bytes up to `end` to the managed range. */
  extend(end: number): void {
    const start = this.#end;
    const size = Math.floor((end - start) / alignment) * alignment;
    if (size <= 0) return;
    this.#end = start + size;
    const block: Block = { start, size, used: false, previous: this.#last, next: undefined, before: undefined, after: undefined };
    if (this.#last !== undefined) this.#last.next = block;
    this.#last = block;
    this.#release(block);
  }

  /** The address of `bytes` fresh bytes (contents undefined), or undefined when no free block is large enough. */
  allocate(bytes: number): number | undefined {
    const size = sizeFor(bytes);
    const block = this.#find(size);
    if (block === undefined) return undefined;
    this.#unlink(block);
    block.used = true;
    if (block.size > size) this.#split(block, size);
    this.#used.set(block.start, block);
    this.liveBytes += size;
    this.peakBytes = Math.max(this.peakBytes, this.liveBytes);
    this.allocations++;
    return block.start;
  }

  /** Gives back what {@link allocate} returned; anything else is an `argument` error. */
  free(pointer: number): void {
    const block = this.#used.get(pointer);
    if (block === undefined)
      throw new DlaError('argument', 'not a live allocation', { where: this.#where, expected: 'a pointer from allocate', found: String(pointer) });
    this.#used.delete(pointer);
    this.liveBytes -= block.size;
    block.used = false;
    this.#release(block);
  }

  #find(size: number): Block | undefined {
    const first = binOf(size);
    for (let block = this.#bins[first]; block !== undefined; block = block.after) if (block.size >= size) return block;
    for (let bin = first + 1; bin < binCount; bin++) if (this.#bins[bin] !== undefined) return this.#bins[bin];
    return undefined;
  }

  #split(block: Block, size: number): void {
    const rest: Block = {
      start: block.start + size,
      size: block.size - size,
      used: false,
      previous: block,
      next: block.next,
      before: undefined,
      after: undefined,
    };
    if (block.next !== undefined) block.next.previous = rest;
    else this.#last = rest;
    block.next = rest;
    block.size = size;
    this.#link(rest);
  }

  /** Joins a block that fell free with its free neighbours and lists the result. */
  #release(block: Block): void {
    const { next, previous } = block;
    if (next !== undefined && !next.used) {
      this.#unlink(next);
      this.#absorb(block, next);
    }
    if (previous !== undefined && !previous.used) {
      this.#unlink(previous);
      this.#absorb(previous, block);
      this.#link(previous);
    } else this.#link(block);
  }

  #absorb(block: Block, next: Block): void {
    block.size += next.size;
    block.next = next.next;
    if (next.next !== undefined) next.next.previous = block;
    else this.#last = block;
  }

  #link(block: Block): void {
    const bin = binOf(block.size);
    const head = this.#bins[bin];
    block.before = undefined;
    block.after = head;
    if (head !== undefined) head.before = block;
    this.#bins[bin] = block;
  }

  #unlink(block: Block): void {
    if (block.before !== undefined) block.before.after = block.after;
    else this.#bins[binOf(block.size)] = block.after;
    if (block.after !== undefined) block.after.before = block.before;
    block.before = undefined;
    block.after = undefined;
  }
}

function sizeFor(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / alignment)) * alignment;
}
