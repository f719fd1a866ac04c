// Packed f32 matrix product. Every output is one left-to-right sum over k of separately rounded products, whatever the
// tile, panel or task it falls in, so results depend on nothing but the inputs.

// 4 x 8: eight sums, three operands and a product fit the registers that engines leave free; 6 x 8 spills on V8.
const TILE_ROWS: i32 = 4;
const PANEL_COLUMNS: i32 = 8;
/** Bytes of one k step of a packed tile of A and of a packed panel of B. */
const TILE_STEP: usize = 16;
const PANEL_STEP: usize = 32;
/** Steps of k per pass: a panel slab (8 KiB) and a tile slab (4 KiB) stay in the first-level cache together. */
const SLAB: i32 = 256;
/** Rows of A packed at once: 96 x 256 floats stay in the second-level cache. */
const BLOCK_ROWS: i32 = 96;
const BLOCK_BYTES: usize = 98304;
const EDGE_BYTES: usize = 128;

/** c[4, 8] (+)= a[k, 4]^T b[k, 8], both packed; `step` is the bytes between rows of c. */
function multiplyTile(a: usize, b: usize, k: i32, c: usize, step: usize, accumulate: bool): void {
  const c1 = c + step;
  const c2 = c1 + step;
  const c3 = c2 + step;
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  if (accumulate) {
    s00 = v128.load(c);
    s01 = v128.load(c, 16);
    s10 = v128.load(c1);
    s11 = v128.load(c1, 16);
    s20 = v128.load(c2);
    s21 = v128.load(c2, 16);
    s30 = v128.load(c3);
    s31 = v128.load(c3, 16);
  }
  const end = a + (k as usize) * TILE_STEP;
  while (a < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    s00 = f32x4.add(s00, f32x4.mul(x, b0));
    s01 = f32x4.add(s01, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 4);
    s10 = f32x4.add(s10, f32x4.mul(x, b0));
    s11 = f32x4.add(s11, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 8);
    s20 = f32x4.add(s20, f32x4.mul(x, b0));
    s21 = f32x4.add(s21, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 12);
    s30 = f32x4.add(s30, f32x4.mul(x, b0));
    s31 = f32x4.add(s31, f32x4.mul(x, b1));
    a += TILE_STEP;
    b += PANEL_STEP;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}

/** One row of a tile: c[8] (+)= a[k] b[k, 8], a read from its packed tile. */
function multiplyRow(a: usize, b: usize, k: i32, c: usize, accumulate: bool): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  if (accumulate) {
    s0 = v128.load(c);
    s1 = v128.load(c, 16);
  }
  const end = a + (k as usize) * TILE_STEP;
  while (a < end) {
    const x = v128.load32_splat(a);
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(b)));
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(b, 16)));
    a += TILE_STEP;
    b += PANEL_STEP;
  }
  v128.store(c, s0);
  v128.store(c, s1, 16);
}

/** A tile that reaches over the last row or column of c: computed in `edge`, then the part inside is copied. */
function multiplyEdge(a: usize, b: usize, k: i32, c: usize, step: usize, accumulate: bool, rows: i32, columns: i32, edge: usize): void {
  const width = (columns as usize) << 2;
  if (accumulate) for (let row = 0; row < rows; row++) memory.copy(edge + (row as usize) * PANEL_STEP, c + (row as usize) * step, width);
  if (rows == 1) multiplyRow(a, b, k, edge, accumulate);
  else multiplyTile(a, b, k, edge, PANEL_STEP, accumulate);
  for (let row = 0; row < rows; row++) {
    const from = edge + (row as usize) * PANEL_STEP;
    const to = c + (row as usize) * step;
    for (let byte: usize = 0; byte < width; byte += 4) store<f32>(to + byte, load<f32>(from + byte));
  }
}

/** Packs rows [0, rows) and steps [0, k) of row-major A (`step` bytes a row) into tiles [k, 4], zero-padded. */
function packRows(a: usize, step: usize, rows: i32, k: i32, to: usize): void {
  for (let row = 0; row < rows; row += TILE_ROWS) {
    const a0 = a + (row as usize) * step;
    if (rows - row >= TILE_ROWS) packFour(a0, step, k, to, TILE_STEP);
    else {
      for (let r = 0; r < TILE_ROWS; r++) {
        const from = a0 + (r as usize) * step;
        const inside = r < rows - row;
        let target = to + ((r as usize) << 2);
        for (let i = 0; i < k; i++) {
          store<f32>(target, inside ? load<f32>(from + ((i as usize) << 2)) : 0);
          target += TILE_STEP;
        }
      }
    }
    to += (k as usize) * TILE_STEP;
  }
}

/** As `packRows` for A stored [k, m]: `a` points at its first row and step, `step` is the bytes between steps of k. */
function packColumns(a: usize, step: usize, rows: i32, k: i32, to: usize): void {
  for (let row = 0; row < rows; row += TILE_ROWS) {
    let from = a + ((row as usize) << 2);
    const inside = min(rows - row, TILE_ROWS);
    if (inside == TILE_ROWS) {
      for (let i = 0; i < k; i++) {
        v128.store(to, v128.load(from));
        from += step;
        to += TILE_STEP;
      }
    } else {
      for (let i = 0; i < k; i++) {
        for (let r = 0; r < TILE_ROWS; r++) store<f32>(to + ((r as usize) << 2), r < inside ? load<f32>(from + ((r as usize) << 2)) : 0);
        from += step;
        to += TILE_STEP;
      }
    }
  }
}

/** Packs columns [column, column + 8) of row-major B [k, n] (`step` bytes a row) into [k, 8], zero-padded. */
function packPanel(b: usize, step: usize, n: i32, k: i32, column: i32, to: usize): void {
  let from = b + ((column as usize) << 2);
  const inside = min(n - column, PANEL_COLUMNS);
  if (inside == PANEL_COLUMNS) {
    for (let i = 0; i < k; i++) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      from += step;
      to += PANEL_STEP;
    }
  } else {
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < PANEL_COLUMNS; j++) store<f32>(to + ((j as usize) << 2), j < inside ? load<f32>(from + ((j as usize) << 2)) : 0);
      from += step;
      to += PANEL_STEP;
    }
  }
}

/** As `packPanel` for B stored [n, k] with `step` bytes a row: four columns of the panel at a time. */
function packPanelTransposed(b: usize, step: usize, n: i32, k: i32, column: i32, to: usize): void {
  const inside = min(n - column, PANEL_COLUMNS);
  const from = b + (column as usize) * step;
  for (let half = 0; half < 2; half++) {
    const target = to + ((half as usize) << 4);
    const first = half << 2;
    if (inside >= first + 4) packFour(from + (first as usize) * step, step, k, target, PANEL_STEP);
    else
      for (let j = 0; j < 4; j++) {
        const column0 = from + ((first + j) as usize) * step;
        let cell = target + ((j as usize) << 2);
        const present = first + j < inside;
        for (let i = 0; i < k; i++) {
          store<f32>(cell, present ? load<f32>(column0 + ((i as usize) << 2)) : 0);
          cell += PANEL_STEP;
        }
      }
  }
}

/** Four rows of `step` bytes become columns: step i lands at to + i stepTo. */
function packFour(b0: usize, step: usize, k: i32, to: usize, stepTo: usize): void {
  let b1 = b0 + step;
  let b2 = b1 + step;
  let b3 = b2 + step;
  let i = 0;
  for (; i + 4 <= k; i += 4) {
    const r0 = v128.load(b0);
    const r1 = v128.load(b1);
    const r2 = v128.load(b2);
    const r3 = v128.load(b3);
    const p = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const q = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const u = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const v = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f64>(p, q, 0, 2));
    v128.store(to + stepTo, v128.shuffle<f64>(p, q, 1, 3));
    v128.store(to + 2 * stepTo, v128.shuffle<f64>(u, v, 0, 2));
    v128.store(to + 3 * stepTo, v128.shuffle<f64>(u, v, 1, 3));
    b0 += 16;
    b1 += 16;
    b2 += 16;
    b3 += 16;
    to += 4 * stepTo;
  }
  for (; i < k; i++) {
    store<f32>(to, load<f32>(b0));
    store<f32>(to, load<f32>(b1), 4);
    store<f32>(to, load<f32>(b2), 8);
    store<f32>(to, load<f32>(b3), 12);
    b0 += 4;
    b1 += 4;
    b2 += 4;
    b3 += 4;
    to += stepTo;
  }
}

/** Rows [rowStart, rowEnd) x panels [panelStart, panelEnd) of c; `rowLength` is the length of a stored row of A. */
function multiplyBlock(
  a: usize,
  transposed: bool,
  rowLength: i32,
  packed: usize,
  c: usize,
  n: i32,
  columns: i32,
  k: i32,
  rowStart: i32,
  rowEnd: i32,
  panelStart: i32,
  panelEnd: i32,
  accumulate: bool,
  scratch: usize,
): void {
  const stepA = (rowLength as usize) << 2;
  const stepC = (n as usize) << 2;
  const edge = scratch + BLOCK_BYTES;
  const panelBytes = (k as usize) * PANEL_STEP;
  for (let k0 = 0; k0 < k; k0 += SLAB) {
    const depth = min(SLAB, k - k0);
    const add = accumulate || k0 > 0;
    for (let row0 = rowStart; row0 < rowEnd; row0 += BLOCK_ROWS) {
      const rows = min(BLOCK_ROWS, rowEnd - row0);
      if (transposed) packColumns(a + (k0 as usize) * stepA + ((row0 as usize) << 2), stepA, rows, depth, scratch);
      else packRows(a + (row0 as usize) * stepA + ((k0 as usize) << 2), stepA, rows, depth, scratch);
      for (let panel = panelStart; panel < panelEnd; panel++) {
        const b = packed + (panel as usize) * panelBytes + (k0 as usize) * PANEL_STEP;
        const width = min(PANEL_COLUMNS, columns - panel * PANEL_COLUMNS);
        let tile = scratch;
        let target = c + (row0 as usize) * stepC + ((panel * PANEL_COLUMNS) as usize) * 4;
        for (let row = 0; row < rows; row += TILE_ROWS) {
          const height = min(TILE_ROWS, rows - row);
          if (height == TILE_ROWS && width == PANEL_COLUMNS) multiplyTile(tile, b, depth, target, stepC, add);
          else multiplyEdge(tile, b, depth, target, stepC, add, height, width, edge);
          tile += (depth as usize) * TILE_STEP;
          target += stepC * (TILE_ROWS as usize);
        }
      }
    }
  }
}

// Argument words shared with `matmul.ts` of the runtime, in this order.
const A: usize = 0;
const B: usize = 4;
const C: usize = 8;
const BATCH: usize = 12;
const M: usize = 16;
const N: usize = 20;
const K: usize = 24;
const STRIDE_A: usize = 28;
const STRIDE_B: usize = 32;
const STRIDE_C: usize = 36;
const FLAGS: usize = 40;
const PACKED: usize = 44;
const ROW_LENGTH_A: usize = 48;
const ROW_LENGTH_B: usize = 52;
const COLUMNS: usize = 56;
const ROWS_PER_TASK: usize = 60;
const PANELS_PER_TASK: usize = 64;
const ITEMS_PER_TASK: usize = 68;

const TRANSPOSE_A: i32 = 1;
const TRANSPOSE_B: i32 = 2;
const ACCUMULATE: i32 = 4;

/** Task t packs panels [t p, (t + 1) p) of op(B) into the shared buffer. */
export function packTask(args: usize, task: i32): void {
  const columns = load<i32>(args, COLUMNS);
  const perTask = load<i32>(args, PANELS_PER_TASK);
  const panels = (columns + PANEL_COLUMNS - 1) / PANEL_COLUMNS;
  const first = task * perTask;
  packPanels(args, load<usize>(args, B), load<usize>(args, PACKED), first, min(panels, first + perTask));
}

/** Packs panels [first, last) of op(B); panel p lands at packed + 32 p k bytes. */
function packPanels(args: usize, b: usize, packed: usize, first: i32, last: i32): void {
  const columns = load<i32>(args, COLUMNS);
  const k = load<i32>(args, K);
  const step = load<usize>(args, ROW_LENGTH_B) << 2;
  const transposed = (load<i32>(args, FLAGS) & TRANSPOSE_B) != 0;
  for (let panel = first; panel < last; panel++) {
    const to = packed + (panel as usize) * (k as usize) * PANEL_STEP;
    if (transposed) packPanelTransposed(b, step, columns, k, panel * PANEL_COLUMNS, to);
    else packPanel(b, step, columns, k, panel * PANEL_COLUMNS, to);
  }
}

/** Task t computes one block of rows x panels of c from the shared packed B; row blocks vary slowest. */
export function blockTask(args: usize, task: i32, scratch: usize): void {
  const m = load<i32>(args, M);
  const columns = load<i32>(args, COLUMNS);
  const rowsPerTask = load<i32>(args, ROWS_PER_TASK);
  const panelsPerTask = load<i32>(args, PANELS_PER_TASK);
  const panels = (columns + PANEL_COLUMNS - 1) / PANEL_COLUMNS;
  const across = (panels + panelsPerTask - 1) / panelsPerTask;
  const rowStart = (task / across) * rowsPerTask;
  const panelStart = (task % across) * panelsPerTask;
  const flags = load<i32>(args, FLAGS);
  multiplyBlock(
    load<usize>(args, A),
    (flags & TRANSPOSE_A) != 0,
    load<i32>(args, ROW_LENGTH_A),
    load<usize>(args, PACKED),
    load<usize>(args, C),
    load<i32>(args, N),
    columns,
    load<i32>(args, K),
    rowStart,
    min(m, rowStart + rowsPerTask),
    panelStart,
    min(panels, panelStart + panelsPerTask),
    (flags & ACCUMULATE) != 0,
    scratch,
  );
}

/** Task t computes whole products of a batch, B packed into the thread's own scratch (once when all share one B). */
export function batchTask(args: usize, task: i32, scratch: usize): void {
  const perTask = load<i32>(args, ITEMS_PER_TASK);
  const first = task * perTask;
  const last = min(load<i32>(args, BATCH), first + perTask);
  const m = load<i32>(args, M);
  const n = load<i32>(args, N);
  const k = load<i32>(args, K);
  const strideA = load<usize>(args, STRIDE_A) << 2;
  const strideB = load<usize>(args, STRIDE_B) << 2;
  const strideC = load<usize>(args, STRIDE_C) << 2;
  const flags = load<i32>(args, FLAGS);
  const panels = (n + PANEL_COLUMNS - 1) / PANEL_COLUMNS;
  const packed = scratch + BLOCK_BYTES + EDGE_BYTES;
  const transposeA = (flags & TRANSPOSE_A) != 0;
  const rowLengthA = load<i32>(args, ROW_LENGTH_A);
  for (let item = first; item < last; item++) {
    const at = item as usize;
    if (item == first || strideB != 0) packPanels(args, load<usize>(args, B) + at * strideB, packed, 0, panels);
    multiplyBlock(
      load<usize>(args, A) + at * strideA,
      transposeA,
      rowLengthA,
      packed,
      load<usize>(args, C) + at * strideC,
      n,
      n,
      k,
      0,
      m,
      0,
      panels,
      false,
      scratch,
    );
  }
}

/** Products of few rows and row-major B, read in place: a task computes 32 p columns of one item; items vary slowest. */
export function rowTask(args: usize, task: i32): void {
  const m = load<i32>(args, M);
  const n = load<i32>(args, N);
  const k = load<i32>(args, K);
  const perTask = load<i32>(args, PANELS_PER_TASK) << 5;
  const across = (n + perTask - 1) / perTask;
  const item = (task / across) as usize;
  const start = (task % across) * perTask;
  const end = min(n, start + perTask);
  const transposed = (load<i32>(args, FLAGS) & TRANSPOSE_A) != 0;
  const stepC = (n as usize) << 2;
  const stepA: usize = transposed ? load<usize>(args, ROW_LENGTH_A) << 2 : 4;
  const rowA: usize = transposed ? 4 : load<usize>(args, ROW_LENGTH_A) << 2;
  let a = load<usize>(args, A) + item * (load<usize>(args, STRIDE_A) << 2);
  const b = load<usize>(args, B) + item * (load<usize>(args, STRIDE_B) << 2);
  let c = load<usize>(args, C) + item * (load<usize>(args, STRIDE_C) << 2);
  for (let row = 0; row < m; row++) {
    multiplyVector(a, stepA, b, n, k, c, start, end);
    a += rowA;
    c += stepC;
  }
}

/** c[start, end) = a[k] b[k, n]; `stepA` is the bytes between steps of a. */
function multiplyVector(a: usize, stepA: usize, b: usize, n: i32, k: i32, c: usize, start: i32, end: i32): void {
  const step = (n as usize) << 2;
  let column = start;
  for (; column + 32 <= end; column += 32) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    let from = b + ((column as usize) << 2);
    let cell = a;
    for (let i = 0; i < k; i++) {
      const x = v128.load32_splat(cell);
      s0 = f32x4.add(s0, f32x4.mul(x, v128.load(from)));
      s1 = f32x4.add(s1, f32x4.mul(x, v128.load(from, 16)));
      s2 = f32x4.add(s2, f32x4.mul(x, v128.load(from, 32)));
      s3 = f32x4.add(s3, f32x4.mul(x, v128.load(from, 48)));
      s4 = f32x4.add(s4, f32x4.mul(x, v128.load(from, 64)));
      s5 = f32x4.add(s5, f32x4.mul(x, v128.load(from, 80)));
      s6 = f32x4.add(s6, f32x4.mul(x, v128.load(from, 96)));
      s7 = f32x4.add(s7, f32x4.mul(x, v128.load(from, 112)));
      from += step;
      cell += stepA;
    }
    const to = c + ((column as usize) << 2);
    v128.store(to, s0);
    v128.store(to, s1, 16);
    v128.store(to, s2, 32);
    v128.store(to, s3, 48);
    v128.store(to, s4, 64);
    v128.store(to, s5, 80);
    v128.store(to, s6, 96);
    v128.store(to, s7, 112);
  }
  for (; column + 4 <= end; column += 4) {
    let s = f32x4.splat(0);
    let from = b + ((column as usize) << 2);
    let cell = a;
    for (let i = 0; i < k; i++) {
      s = f32x4.add(s, f32x4.mul(v128.load32_splat(cell), v128.load(from)));
      from += step;
      cell += stepA;
    }
    v128.store(c + ((column as usize) << 2), s);
  }
  for (; column < end; column++) {
    let s: f32 = 0;
    let from = b + ((column as usize) << 2);
    let cell = a;
    for (let i = 0; i < k; i++) {
      s += load<f32>(cell) * load<f32>(from);
      from += step;
      cell += stepA;
    }
    store<f32>(c + ((column as usize) << 2), s);
  }
}
