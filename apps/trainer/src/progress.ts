/** Where lines go: `process.stderr`, or a list in tests. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface StepProgress {
  readonly step: number;
  readonly steps: number;
  /** Nats a token. */
  readonly loss: number;
  readonly tokensPerSecond: number;
  /** Last one, once there is one. */
  readonly validationLoss?: number | undefined;
  readonly milliseconds: number;
}

export interface ProgressLine {
  update(progress: StepProgress): void;
  /** A line of its own above the live one. */
  note(line: string): void;
  /** Leave the last state on the screen. */
  end(): void;
}

/** Time between two redraws of the live line, and between two plain lines, in milliseconds. */
const redrawEvery = 100;
const plainEvery = 5000;

/** A live line on a terminal; elsewhere one plain line every five seconds and at the first and last step. */
export function createProgress(output: Output, now: () => number = () => performance.now()): ProgressLine {
  const live = output.isTTY === true;
  let last = Number.NEGATIVE_INFINITY;
  let shown = '';
  let average = Number.NaN;
  const clear = (): void => {
    if (shown !== '') output.write('\r\u001b[2K');
  };
  return {
    update: (progress) => {
      average = Number.isNaN(average) ? progress.milliseconds : 0.95 * average + 0.05 * progress.milliseconds;
      const final = progress.step >= progress.steps;
      if (!final && now() - last < (live ? redrawEvery : plainEvery)) return;
      last = now();
      const text = progressText(progress, average);
      if (!live) output.write(`${text}\n`);
      else {
        clear();
        shown = text.slice(0, Math.max(20, (output.columns ?? 80) - 1));
        output.write(shown);
      }
    },
    note: (line) => {
      if (live) clear();
      output.write(`${line}\n`);
      if (live && shown !== '') output.write(shown);
    },
    end: () => {
      if (live && shown !== '') output.write('\n');
      shown = '';
    },
  };
}

/** `step 120/600  loss 2.314  val 2.401  41.2k tok/s  left 1m 32s` */
export function progressText({ step, steps, loss, validationLoss, tokensPerSecond }: StepProgress, stepMilliseconds: number): string {
  const validation = validationLoss === undefined || Number.isNaN(validationLoss) ? '' : `  val ${validationLoss.toFixed(3)}`;
  return `step ${step}/${steps}  loss ${loss.toFixed(3)}${validation}  ${compact(tokensPerSecond)} tok/s  left ${duration(((steps - step) * stepMilliseconds) / 1000)}`;
}

/** `850`, `41.2k`, `1.3M` */
export function compact(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)}M`;
  return value >= 1e3 ? `${(value / 1e3).toFixed(1)}k` : value.toFixed(0);
}

/** `42s`, `1m 32s`, `3h 05m` */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  const two = (value: number): string => String(value).padStart(2, '0');
  return whole < 3600 ? `${Math.floor(whole / 60)}m ${two(whole % 60)}s` : `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`;
}
