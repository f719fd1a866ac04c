/**
 * Element types. `f32`, `i32`, `u32` compute; `bool` is stored as u32 0/1 on every backend (WGSL has no
 * storable bool); `f16` is a storage type only: convert with `cast` before computing.
 */
export const dtypes = ['f32', 'i32', 'u32', 'bool', 'f16'] as const;
export type DType = (typeof dtypes)[number];

export type TypedArray = Float32Array | Int32Array | Uint32Array | Uint16Array;

export type TypedArrayOf<D extends DType> = D extends 'f32'
  ? Float32Array
  : D extends 'i32'
    ? Int32Array
    : D extends 'f16'
      ? Uint16Array
      : Uint32Array;

/** Bytes one element takes in memory. */
export function bytesPerElement(dtype: DType): number {
  return dtype === 'f16' ? 2 : 4;
}

/** A typed array over part of a buffer (no copy); `length` counts elements. */
export function viewOf(dtype: DType, buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray {
  switch (dtype) {
    case 'f32':
      return new Float32Array(buffer, byteOffset, length);
    case 'i32':
      return new Int32Array(buffer, byteOffset, length);
    case 'u32':
    case 'bool':
      return new Uint32Array(buffer, byteOffset, length);
    case 'f16':
      return new Uint16Array(buffer, byteOffset, length);
  }
}

/** A zero-filled typed array of its own. */
export function allocate(dtype: DType, length: number): TypedArray {
  return viewOf(dtype, new ArrayBuffer(length * bytesPerElement(dtype)), 0, length);
}
