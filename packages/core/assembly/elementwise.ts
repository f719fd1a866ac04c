import { loadSome, storeSome } from './lanes';
import { exp4, log4, sigmoid4, softplus4, tanh4 } from './math';

/** One function of four lanes; the numbers are those of `unaryNumbers` in the runtime. */
function evaluate(kind: i32, x: v128): v128 {
  switch (kind) {
    case 0:
      return f32x4.neg(x);
    case 1:
      return exp4(x);
    case 2:
      return log4(x);
    case 3:
      return f32x4.sqrt(x);
    case 4:
      return f32x4.div(f32x4.splat(1), f32x4.sqrt(x));
    case 5:
      return f32x4.mul(x, x);
    case 6:
      return f32x4.div(f32x4.splat(1), x);
    case 7:
      return f32x4.abs(x);
    case 8:
      return sigmoid4(x);
    case 9:
      return tanh4(x);
    case 10:
      return f32x4.mul(x, sigmoid4(x));
    case 11:
      return v128.and(x, f32x4.gt(x, f32x4.splat(0)));
    default:
      return softplus4(x);
  }
}

/** Arguments kind, x, y, length, perTask: y = f(x) for elements [t perTask, (t + 1) perTask). */
export function unaryTask(args: usize, task: i32): void {
  const kind = load<i32>(args);
  const perTask = load<i32>(args, 16);
  const start = task * perTask;
  const count = min(load<i32>(args, 12) - start, perTask);
  const x = load<usize>(args, 4) + ((start as usize) << 2);
  const y = load<usize>(args, 8) + ((start as usize) << 2);
  const whole = (count & ~3) as usize;
  for (let at: usize = 0; at < whole << 2; at += 16) v128.store(y + at, evaluate(kind, v128.load(x + at)));
  const rest = count & 3;
  if (rest > 0) storeSome(y + (whole << 2), evaluate(kind, loadSome(x + (whole << 2), rest)), rest);
}

/** Inlined with a constant `kind`, so that no loop looks at it; only methods may be marked so in syntax that TypeScript tools read. */
class Loops {
  /** The numbers are those of `binaryNumbers` in the runtime. max and min are a > b ? a : b and a < b ? a : b. */
  @inline
  static combine(kind: i32, a: v128, b: v128): v128 {
    switch (kind) {
      case 0:
        return f32x4.add(a, b);
      case 1:
        return f32x4.sub(a, b);
      case 2:
        return f32x4.mul(a, b);
      case 3:
        return f32x4.div(a, b);
      case 4:
        return f32x4.pmax(b, a);
      default:
        return f32x4.pmin(b, a);
    }
  }

  /** One row: each operand steps through its elements, or repeats one. */
  @inline
  static row(kind: i32, a: usize, b: usize, c: usize, count: i32, stepA: bool, stepB: bool): void {
    const whole = (count & ~3) as usize;
    const rest = count & 3;
    const end = whole << 2;
    if (stepA && stepB) for (let at: usize = 0; at < end; at += 16) v128.store(c + at, Loops.combine(kind, v128.load(a + at), v128.load(b + at)));
    else if (stepA) {
      const y = v128.load32_splat(b);
      for (let at: usize = 0; at < end; at += 16) v128.store(c + at, Loops.combine(kind, v128.load(a + at), y));
    } else {
      const x = v128.load32_splat(a);
      for (let at: usize = 0; at < end; at += 16) v128.store(c + at, Loops.combine(kind, x, stepB ? v128.load(b + at) : v128.load32_splat(b)));
    }
    if (rest > 0) {
      const x = stepA ? loadSome(a + end, rest) : v128.load32_splat(a);
      const y = stepB ? loadSome(b + end, rest) : v128.load32_splat(b);
      storeSome(c + end, Loops.combine(kind, x, y), rest);
    }
  }
}

function combineRow(kind: i32, a: usize, b: usize, c: usize, count: i32, stepA: bool, stepB: bool): void {
  switch (kind) {
    case 0:
      return Loops.row(0, a, b, c, count, stepA, stepB);
    case 1:
      return Loops.row(1, a, b, c, count, stepA, stepB);
    case 2:
      return Loops.row(2, a, b, c, count, stepA, stepB);
    case 3:
      return Loops.row(3, a, b, c, count, stepA, stepB);
    case 4:
      return Loops.row(4, a, b, c, count, stepA, stepB);
    default:
      return Loops.row(5, a, b, c, count, stepA, stepB);
  }
}

/**
 * Arguments kind, a, b, c, rows, columns, strideA, strideB, stepA, stepB, rowsPerTask, columnsPerTask, group, groupA, groupB: the rows lie
 * in groups of `group`, `groupA` elements of a apart. Row blocks vary slowest.
 */
export function binaryTask(args: usize, task: i32): void {
  const kind = load<i32>(args);
  const rows = load<i32>(args, 16);
  const columns = load<i32>(args, 20);
  const strideA = load<usize>(args, 24) << 2;
  const strideB = load<usize>(args, 28) << 2;
  const stepA = load<i32>(args, 32) != 0;
  const stepB = load<i32>(args, 36) != 0;
  const rowsPerTask = load<i32>(args, 40);
  const columnsPerTask = load<i32>(args, 44);
  const group = load<i32>(args, 48);
  const groupA = load<usize>(args, 52) << 2;
  const groupB = load<usize>(args, 56) << 2;
  const across = (columns + columnsPerTask - 1) / columnsPerTask;
  const row = (task / across) * rowsPerTask;
  const column = (task % across) * columnsPerTask;
  const count = min(columnsPerTask, columns - column);
  const offset = (column as usize) << 2;
  const outer = row / group;
  let inner = row % group;
  let baseA = load<usize>(args, 4) + (stepA ? offset : 0) + (outer as usize) * groupA;
  let baseB = load<usize>(args, 8) + (stepB ? offset : 0) + (outer as usize) * groupB;
  let a = baseA + (inner as usize) * strideA;
  let b = baseB + (inner as usize) * strideB;
  let c = load<usize>(args, 12) + (((row as usize) * (columns as usize)) << 2) + offset;
  const end = min(rows, row + rowsPerTask);
  for (let at = row; at < end; at++) {
    combineRow(kind, a, b, c, count, stepA, stepB);
    c += (columns as usize) << 2;
    if (++inner == group) {
      inner = 0;
      baseA += groupA;
      baseB += groupB;
      a = baseA;
      b = baseB;
    } else {
      a += strideA;
      b += strideB;
    }
  }
}
