import { exitCodes } from '../exit-codes.js';

/** What signals are received on: `process`, or an emitter in tests. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
}

export interface StopSignal {
  /** True from the first SIGINT or SIGTERM on: save, then end. */
  requested(): boolean;
  /** 130 or 143 once requested, else 0. */
  exitCode(): number;
  /** Stop listening. */
  dispose(): void;
}

/**
 * The first SIGINT, SIGTERM or SIGHUP asks the run to save and end; a second one ends the process at once
 * (checkpoints on disk stay whole in either case).
 */
export function listenForStop(
  notice: (line: string) => void,
  source: SignalSource = process,
  exitNow: (code: number) => void = (code) => process.exit(code),
): StopSignal {
  let code = 0;
  const listener = (signal: NodeJS.Signals): void => {
    const next = signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
    if (code !== 0) exitNow(next);
    else {
      code = next;
      notice(`${signal}: saving a checkpoint, then ending; once more to end at once`);
    }
  };
  const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) source.on(signal, listener);
  return {
    requested: () => code !== 0,
    exitCode: () => code,
    dispose: () => {
      for (const signal of signals) source.off(signal, listener);
    },
  };
}
