import { DlaError } from '../errors.js';
import { cos } from '../math.js';

export const scheduleKinds = ['constant', 'cosine', 'linear', 'wsd'] as const;
export type ScheduleKind = (typeof scheduleKinds)[number];

export interface ScheduleOptions {
  readonly kind: ScheduleKind;
  /** Learning rate after warm-up. */
  readonly peak: number;
  /** Steps of linear warm-up from peak / warmup; default 0. */
  readonly warmup?: number;
  /** Total steps. */
  readonly total: number;
  /** Last learning rate as a share of the peak; default 0. */
  readonly floor?: number;
  /** `wsd` (warm-up, stable, decay): share of all steps that decay, linearly; default 0.2. */
  readonly decayFraction?: number;
}

/**
 * Learning rate of a step, 1-based: warm-up, then `constant`, `cosine` or `linear` decay to the floor at the last step, or
 * `wsd` (MiniCPM, arXiv 2404.06395).
 *
 * @throws DlaError `argument` for values out of range.
 */
export function createSchedule(options: ScheduleOptions): (step: number) => number {
  const { kind, peak, warmup = 0, total, floor = 0, decayFraction = 0.2 } = options;
  const check = (name: string, value: number, fine: boolean, expected: string): void => {
    if (!fine) throw new DlaError('argument', `${name} is out of range`, { where: 'schedule', expected, found: String(value) });
  };
  check('peak', peak, peak >= 0 && Number.isFinite(peak), 'a finite number of at least 0');
  check('total', total, Number.isInteger(total) && total >= 1, 'an integer of at least 1');
  check('warmup', warmup, Number.isInteger(warmup) && warmup >= 0 && warmup <= total, `an integer in [0, ${total}]`);
  check('floor', floor, floor >= 0 && floor <= 1, 'a number in [0, 1]');
  check('decayFraction', decayFraction, decayFraction > 0 && decayFraction <= 1, 'a number in (0, 1]');
  if (!scheduleKinds.includes(kind))
    throw new DlaError('argument', 'unknown kind', { where: 'schedule', expected: scheduleKinds.join(', '), found: String(kind) });
  const decayStart = kind === 'wsd' ? Math.max(warmup, Math.round(total * (1 - decayFraction))) : warmup;
  return (step) => {
    if (step <= warmup && warmup > 0) return (peak * step) / warmup;
    if (kind === 'constant' || step <= decayStart) return peak;
    const progress = Math.min(1, (step - decayStart) / Math.max(1, total - decayStart));
    const left = kind === 'cosine' ? 0.5 * (1 + cos(Math.PI * progress)) : 1 - progress;
    return peak * (floor + (1 - floor) * left);
  };
}
