// c = op(a) op(b) for each item of the batch, each part of k on its own where there are several.
struct Matmul {
  batch: u32,
  rank: u32,
  own: vec2u,
  // Batch dimensions, with the steps of a and b.
  dimensions: array<vec4u, 8>,
  m: u32,
  n: u32,
  k: u32,
  parts: u32,
  // Steps of a along m and k, of b along k and n.
  row_a: u32,
  step_a: u32,
  step_b: u32,
  column_b: u32,
  k_each: u32,
  tiles_m: u32,
  tiles_n: u32,
  // Bit 0: a is stored transposed, bit 1: b.
  transposes: u32,
}
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
@group(0) @binding(3) var<uniform> sizes: Matmul;

// Where a tile lies: its first row and column, and what it reads and writes.
struct Tile {
  row: u32,
  column: u32,
  a: u32,
  b: u32,
  c: u32,
  k_first: u32,
  k_end: u32,
}

fn tile_at(index: u32, rows: u32, columns: u32) -> Tile {
  let across = index % sizes.tiles_n;
  let down = index / sizes.tiles_n % sizes.tiles_m;
  let item = index / sizes.tiles_n / sizes.tiles_m % sizes.batch;
  let part = index / sizes.tiles_n / sizes.tiles_m / sizes.batch;
  let offsets = offsets_at(item);
  let k_first = part * sizes.k_each;
  return Tile(down * rows, across * columns, offsets.x, offsets.y, (part * sizes.batch + item) * sizes.m * sizes.n, k_first, min(k_first + sizes.k_each, sizes.k));
}
