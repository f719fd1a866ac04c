/** Byte offset of the float64 arguments behind the words. */
const NUMBERS: usize = 128;

/**
 * Arguments p, m, v, gradient, nextP, nextM, nextV, length, perTask; float64 learningRate, correct1, correct2, gradientScale, beta1,
 * beta2, epsilon, weightDecay. The operations and their order are those of the op's reference, in float64: the same bits.
 */
export function adamwTask(args: usize, task: i32): void {
  const perTask = load<i32>(args, 32);
  const start = task * perTask;
  const end = min(load<i32>(args, 28), start + perTask);
  let i = start;
  for (; i + 2 <= end; i += 2) adamwPair(args, (i as usize) << 2);
  if (i < end) adamwOne(args, (i as usize) << 2);
}

function number(args: usize, index: usize): v128 {
  return v128.load64_splat(args + NUMBERS + (index << 3));
}

function pair(args: usize, argument: usize, at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(load<usize>(args + argument) + at));
}

function adamwPair(args: usize, at: usize): void {
  const beta1 = number(args, 4);
  const beta2 = number(args, 5);
  const one = f64x2.splat(1);
  const p = pair(args, 0, at);
  const g = f64x2.mul(pair(args, 12, at), number(args, 3));
  const first = f64x2.add(f64x2.mul(beta1, pair(args, 4, at)), f64x2.mul(f64x2.sub(one, beta1), g));
  const second = f64x2.add(f64x2.mul(beta2, pair(args, 8, at)), f64x2.mul(f64x2.mul(f64x2.sub(one, beta2), g), g));
  const size = f64x2.add(f64x2.sqrt(f64x2.mul(second, number(args, 2))), number(args, 6));
  const direction = f64x2.add(f64x2.mul(number(args, 7), p), f64x2.div(f64x2.mul(first, number(args, 1)), size));
  const next = f64x2.sub(p, f64x2.mul(number(args, 0), direction));
  v128.store64_lane(load<usize>(args, 16) + at, f32x4.demote_f64x2_zero(next), 0);
  v128.store64_lane(load<usize>(args, 20) + at, f32x4.demote_f64x2_zero(first), 0);
  v128.store64_lane(load<usize>(args, 24) + at, f32x4.demote_f64x2_zero(second), 0);
}

function adamwOne(args: usize, at: usize): void {
  const numbers = args + NUMBERS;
  const beta1 = load<f64>(numbers, 32);
  const beta2 = load<f64>(numbers, 40);
  const p = load<f32>(load<usize>(args) + at) as f64;
  const g = (load<f32>(load<usize>(args, 12) + at) as f64) * load<f64>(numbers, 24);
  const first = beta1 * (load<f32>(load<usize>(args, 4) + at) as f64) + (1 - beta1) * g;
  const second = beta2 * (load<f32>(load<usize>(args, 8) + at) as f64) + (1 - beta2) * g * g;
  const direction = load<f64>(numbers, 56) * p + (first * load<f64>(numbers, 8)) / (sqrt(second * load<f64>(numbers, 16)) + load<f64>(numbers, 48));
  store<f32>(load<usize>(args, 16) + at, (p - load<f64>(numbers) * direction) as f32);
  store<f32>(load<usize>(args, 20) + at, first as f32);
  store<f32>(load<usize>(args, 24) + at, second as f32);
}
