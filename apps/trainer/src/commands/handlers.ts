import type { Command } from 'commander';
import type { Config } from '../config/schema.js';
import type { Output } from '../progress.js';
import type { SignalSource } from '../run-folder/signals.js';

/** What a command may touch of its surroundings. */
export interface CommandIo {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where SIGINT and SIGTERM come from; default this process. */
  readonly signals?: SignalSource;
}

export interface TrainOptions {
  readonly config: Config;
  /** Go on from the newest checkpoint in `config.out`. */
  readonly resume: boolean;
}

export interface StartOptions {
  readonly config: Config;
  readonly prompt: string;
  /** Bytes to write after training. */
  readonly tokens: number;
}

export type DeviceName = Config['device'];

/** How a model is chosen and where it runs. */
interface ModelOptions {
  /** A checkpoint folder, or a run folder: then its newest checkpoint. */
  readonly model: string;
  readonly device: DeviceName;
  /** 0 for one a core. */
  readonly threads: number;
}

export interface GenerateOptions extends ModelOptions {
  readonly prompt: string;
  readonly tokens: number;
  /** 0 takes the likeliest token. */
  readonly temperature: number;
  /** 0 for all. */
  readonly topK: number;
  readonly topP: number;
  readonly seed: number;
  /** Draw the memory after the text. */
  readonly map: boolean;
}

export interface InspectOptions extends ModelOptions {
  /** Bytes of the text to look at. */
  readonly text: string;
  /** 0-based. */
  readonly layer: number;
  readonly head: number;
  /** Where to write the page; undefined for none. */
  readonly html: string | undefined;
}

export interface BenchOptions {
  /** Names of the measurements; empty for all. */
  readonly only: readonly string[];
  readonly device: DeviceName;
  readonly threads: number;
  readonly rounds: number;
  readonly json: boolean;
}

export interface DoctorOptions {
  readonly json: boolean;
}

/** What runs behind each command; the returned number is the exit code. */
export interface Handlers {
  start(options: StartOptions, io: CommandIo): Promise<number>;
  train(options: TrainOptions, io: CommandIo): Promise<number>;
  generate(options: GenerateOptions, io: CommandIo): Promise<number>;
  inspect(options: InspectOptions, io: CommandIo): Promise<number>;
  bench(options: BenchOptions, io: CommandIo): Promise<number>;
  doctor(options: DoctorOptions, io: CommandIo): Promise<number>;
}

export type CommandName = keyof Handlers;

/** Adds a command's arguments and options; the returned function reads them once they are parsed. */
export type DefineCommand<Options> = (command: Command) => () => Options;
