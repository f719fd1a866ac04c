/** Messages between the page and its worker; the only way they talk. */

export type DeviceKind = 'webgpu' | 'cpu';

/** How to continue a prompt. */
export interface GenerateChoices {
  readonly prompt: string;
  readonly maxTokens: number;
  /** 0 takes the likeliest token. */
  readonly temperature: number;
  /** Sample among so many likeliest tokens; 0 for all. */
  readonly topK: number;
  /** Sample among the likeliest tokens of this much probability together; 1 for all. */
  readonly topP: number;
  readonly seed: number;
}

/** What the page shows of a loaded model. */
export interface ModelFacts {
  readonly name: string;
  readonly device: DeviceKind;
  /** Adapter, or threads of the CPU. */
  readonly deviceDescription: string;
  readonly parameters: number;
  readonly layers: number;
  readonly heads: number;
  readonly dModel: number;
  readonly mlpRatio: number;
  readonly policy: string;
  readonly merge: string;
  readonly capacity: number;
  readonly tau: number;
  /** Bytes of recurrent state of one text. */
  readonly stateBytes: number;
}

/** What one layer decided for T tokens: arrays [T * heads], time-major. */
export interface LayerTrace {
  readonly heads: number;
  readonly score: Float32Array;
  /** 1 where the token opened a slot. */
  readonly opened: Uint8Array;
  /** Place of the older slot of the pair merged just before (0 = oldest); -1 none, -2 held at capacity. */
  readonly mergedAt: Int32Array;
}

/** `job` numbers loads and generations; events of an older job are stale. */
export type WorkerRequest =
  | { readonly type: 'load'; readonly job: number; readonly name: string; readonly config: Blob; readonly weights: Blob; readonly device: DeviceKind }
  | { readonly type: 'generate'; readonly job: number; readonly choices: GenerateChoices }
  | { readonly type: 'stop' };

export interface PieceEvent {
  readonly type: 'piece';
  readonly job: number;
  readonly kind: 'prompt' | 'token';
  readonly ids: readonly number[];
  /** Position of the first id in the text. */
  readonly position: number;
  /** Since the first sampled token's step began; 0 while the prompt is read. */
  readonly seconds: number;
  /** One entry a layer, undefined for policies that decide nothing; absent for the last token, which is not read back. */
  readonly layers?: readonly (LayerTrace | undefined)[];
}

export interface DoneEvent {
  readonly type: 'done';
  readonly job: number;
  readonly reason: 'length' | 'stopped';
  readonly tokens: number;
  /** Time from reading the last prompt token to the last token written. */
  readonly seconds: number;
}

export interface ErrorEvent {
  readonly type: 'error';
  readonly job: number;
  readonly during: 'load' | 'generate';
  /** One line. */
  readonly message: string;
  /** The CPU would do instead: WebGPU is missing, lacks something, or was lost. */
  readonly offerCpu: boolean;
}

export type WorkerEvent = { readonly type: 'ready'; readonly job: number; readonly model: ModelFacts } | PieceEvent | DoneEvent | ErrorEvent;
