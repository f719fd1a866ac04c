import { type CheckpointFiles, CheckpointFilesError } from './checkpoint-files.js';
import { HeadHistory } from './memory/history.js';
import { Trace } from './memory/trace.js';
import type { DeviceKind, GenerateChoices, ModelFacts, PieceEvent, WorkerEvent, WorkerRequest } from './protocol.js';
import { type Character, CharacterStream } from './text/characters.js';
import { startWorker } from './worker/start.js';

export interface Problem {
  /** One line. */
  readonly message: string;
  readonly offerCpu: boolean;
}

/** Pieces that the shown speed is taken over. */
const rateWindow = 48;

/** State of the page: the worker, the model in it, the text so far and what the chosen head decided for it. */
export class Session {
  device = $state<DeviceKind>('webgpu');
  phase = $state<'empty' | 'loading' | 'ready' | 'running'>('empty');
  model = $state.raw<ModelFacts | undefined>(undefined);
  problem = $state.raw<Problem | undefined>(undefined);
  /** What happened last, for the status line. */
  notice = $state('');
  characters = $state.raw<readonly Character[]>([]);
  tokens = $state(0);
  promptTokens = $state(0);
  /** Tokens read into the memory: all but the last one written. */
  read = $state(0);
  tokensPerSecond = $state(0);
  layer = $state(0);
  head = $state(0);
  /** Decisions of the chosen head. Replaced by a new object or grown in place; `read` changes with it. */
  history = $state.raw(new HeadHistory());
  /** The time looked at; undefined follows the newest token. */
  pinned = $state<number | undefined>(undefined);
  /** The token time that slots are shown for; -1 before anything was read. */
  time = $derived(Math.min(this.pinned ?? this.read - 1, this.read - 1));

  readonly #worker: Worker;
  #job = 0;
  #files: CheckpointFiles | undefined;
  #trace = new Trace();
  #stream = new CharacterStream();
  #stamps: number[] = [];
  #waiting: PieceEvent[] = [];
  #frame = 0;

  constructor() {
    this.#worker = startWorker();
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerEvent>): void => this.#receive(data);
    this.#worker.onerror = (event): void => {
      this.phase = 'empty';
      this.problem = { message: `the worker failed: ${event.message || 'its script did not load'}`, offerCpu: false };
    };
  }

  /** Load a checkpoint in place of the present model. */
  open(files: CheckpointFiles): void {
    this.#files = files;
    this.#clear();
    this.model = undefined;
    this.problem = undefined;
    this.phase = 'loading';
    this.notice = `Loading ${files.name}`;
    this.#post({ type: 'load', job: ++this.#job, name: files.name, config: files.config, weights: files.weights, device: this.device });
  }

  /** Open what a picker, a drop or the server gives; a failure becomes the problem shown. */
  async openFrom(source: () => Promise<CheckpointFiles | undefined> | CheckpointFiles): Promise<void> {
    try {
      const files = await source();
      if (files !== undefined) this.open(files);
    } catch (error) {
      const message = error instanceof CheckpointFilesError ? error.message : String(error);
      this.problem = { message, offerCpu: false };
    }
  }

  useDevice(device: DeviceKind): void {
    this.device = device;
    if (this.#files !== undefined) this.open(this.#files);
  }

  run(choices: GenerateChoices): void {
    this.#clear();
    this.problem = undefined;
    this.phase = 'running';
    this.notice = 'Writing';
    this.#post({ type: 'generate', job: ++this.#job, choices });
  }

  stop(): void {
    this.#post({ type: 'stop' });
  }

  /** Show the memory of another head. */
  select(layer: number, head: number): void {
    this.layer = layer;
    this.head = head;
    this.history = new HeadHistory();
    this.#follow();
  }

  #clear(): void {
    this.#trace = new Trace();
    this.#stream = new CharacterStream();
    this.#stamps = [];
    this.#waiting = [];
    this.characters = [];
    this.history = new HeadHistory();
    this.tokens = this.promptTokens = this.read = this.tokensPerSecond = 0;
    this.pinned = undefined;
  }

  #receive(event: WorkerEvent): void {
    if (event.job !== this.#job) return;
    if (event.type === 'piece') {
      this.#waiting.push(event);
      if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#flush());
      return;
    }
    this.#flush();
    if (event.type === 'ready') {
      this.model = event.model;
      this.phase = 'ready';
      this.notice = `${event.model.name} is ready on ${event.model.deviceDescription}`;
      this.select(Math.min(this.layer, event.model.layers - 1), Math.min(this.head, event.model.heads - 1));
    } else if (event.type === 'done') {
      this.phase = 'ready';
      if (event.seconds > 0) this.tokensPerSecond = event.tokens / event.seconds;
      this.notice = `${event.reason === 'stopped' ? 'Stopped' : 'Done'}: ${event.tokens} tokens in ${event.seconds.toFixed(1)} s`;
    } else {
      this.phase = event.during === 'load' ? 'empty' : 'ready';
      this.notice = '';
      this.problem = { message: event.message, offerCpu: event.offerCpu && this.device === 'webgpu' };
    }
  }

  /** Take in the pieces that came since the last frame. */
  #flush(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#waiting.length === 0) return;
    for (const { kind, ids, seconds, layers } of this.#waiting) {
      this.#stream.push(ids);
      if (kind === 'prompt') this.promptTokens += ids.length;
      else this.#stamps.push(seconds);
      if (layers !== undefined) this.#trace.push(ids.length, layers);
    }
    this.#waiting = [];
    this.#stamps = this.#stamps.slice(-rateWindow);
    const first = this.#stamps[0] ?? 0;
    const last = this.#stamps.at(-1) ?? 0;
    if (last > first) this.tokensPerSecond = (this.#stamps.length - 1) / (last - first);
    this.characters = [...this.#stream.characters];
    this.tokens = this.#stream.length;
    this.#follow();
  }

  #follow(): void {
    const made = this.#trace.head(this.layer, this.head, this.history.length);
    if (made !== undefined) this.history.extend(made);
    this.read = this.#trace.length;
  }

  #post(request: WorkerRequest): void {
    this.#worker.postMessage(request);
  }
}
