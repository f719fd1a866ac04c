import { createCpuDevice, type Device, DlaError, isDlaError } from '@dla/core';
import { createWebGpuDevice } from '@dla/kernels';
import { byteTokenizer, type GeneratedPiece, Generator, type LoadedModel, loadModel, namedParameters, sizesOf } from '@dla/models';
import type { DeviceKind, ErrorEvent, GenerateChoices, LayerTrace, ModelFacts, WorkerEvent, WorkerRequest } from '../protocol.js';

type LoadRequest = Extract<WorkerRequest, { type: 'load' }>;

const largestConfigBytes = 1 << 20;
/** Let messages in (a stop, above all) this often while generating. */
const breathMilliseconds = 15;

interface Loaded {
  readonly model: LoadedModel;
  readonly generator: Generator;
  readonly device: Device;
}

/** The worker's side of the protocol: holds one model on one device and runs one generation at a time. */
export class Engine {
  readonly #post: (event: WorkerEvent) => void;
  #loaded: Loaded | undefined;
  #running: AbortController | undefined;
  /** Requests run one after another; a stop overtakes them. */
  #queue: Promise<void> = Promise.resolve();

  constructor(post: (event: WorkerEvent) => void) {
    this.#post = post;
  }

  handle(request: WorkerRequest): Promise<void> {
    if (request.type !== 'generate') this.#running?.abort();
    if (request.type === 'stop') return this.#queue;
    this.#queue = this.#queue.then(async () => {
      try {
        if (request.type === 'load') this.#post({ type: 'ready', job: request.job, model: await this.#load(request) });
        else await this.#generate(request.job, request.choices);
      } catch (error) {
        this.#post(describeFailure(error, request.job, request.type));
      }
    });
    return this.#queue;
  }

  async #load({ config, weights, name, device: kind }: LoadRequest): Promise<ModelFacts> {
    this.#unload();
    if (config.size > largestConfigBytes)
      throw new DlaError('format', 'too large for a config', {
        where: `${name}/config.json`,
        expected: `at most ${largestConfigBytes} bytes`,
        found: `${config.size} bytes`,
      });
    const model = loadModel(await config.text(), new Uint8Array(await weights.arrayBuffer()), name);
    const { vocabularySize } = model.config;
    if (vocabularySize !== byteTokenizer.vocabularySize)
      throw new DlaError('format', 'this page reads and writes bytes only', {
        where: `${name}/config.json`,
        expected: `vocabularySize ${byteTokenizer.vocabularySize}`,
        found: String(vocabularySize),
      });
    const device = await openDevice(kind);
    try {
      this.#loaded = { model, device, generator: new Generator(model.config, model.parameters, device) };
    } catch (error) {
      device.dispose();
      throw error;
    }
    return describeModel(name, this.#loaded);
  }

  async #generate(job: number, { prompt, topK, ...options }: GenerateChoices): Promise<void> {
    if (this.#loaded === undefined) throw new DlaError('argument', 'no model is loaded', { where: 'generate' });
    const running = new AbortController();
    this.#running = running;
    let tokens = 0;
    let begin = performance.now();
    let breath = begin;
    const seconds = (): number => (performance.now() - begin) / 1000;
    try {
      for await (const piece of this.#loaded.generator.generate({
        ...options,
        prompt: byteTokenizer.encode(prompt),
        trace: true,
        signal: running.signal,
      })) {
        if (piece.kind === 'prompt') begin = performance.now();
        else tokens++;
        this.#post({
          type: 'piece',
          job,
          kind: piece.kind,
          ids: piece.ids,
          position: piece.position,
          seconds: piece.kind === 'prompt' ? 0 : seconds(),
          ...traceOf(piece),
        });
        if (performance.now() - breath > breathMilliseconds) {
          await nextTask();
          breath = performance.now();
        }
      }
      this.#post({ type: 'done', job, reason: 'length', tokens, seconds: seconds() });
    } catch (error) {
      if (!running.signal.aborted || !isDlaError(error) || error.code !== 'aborted') throw error;
      this.#post({ type: 'done', job, reason: 'stopped', tokens, seconds: seconds() });
    } finally {
      this.#running = undefined;
    }
  }

  #unload(): void {
    this.#loaded?.generator.dispose();
    this.#loaded?.device.dispose();
    this.#loaded = undefined;
  }
}

/** One thread on the CPU: more would need workers made from inline source, which the page's policy refuses. */
function openDevice(kind: DeviceKind): Promise<Device> {
  return kind === 'webgpu' ? createWebGpuDevice() : createCpuDevice({ threads: 1 });
}

function describeModel(name: string, { model, generator, device }: Loaded): ModelFacts {
  const { layers, dModel, mlpRatio, memory } = model.config;
  return {
    name,
    device: device.kind,
    deviceDescription: device.description,
    parameters: namedParameters(model.parameters).reduce((sum, { value }) => sum + value.size, 0),
    layers,
    heads: sizesOf(model.config).heads,
    dModel,
    mlpRatio,
    policy: memory.policy,
    merge: memory.merge,
    capacity: memory.capacity,
    tau: memory.tau,
    stateBytes: generator.stateBytes,
  };
}

function traceOf({ decisions }: GeneratedPiece): { layers?: readonly (LayerTrace | undefined)[] } {
  if (decisions === undefined) return {};
  return {
    layers: decisions.map((made) =>
      made === undefined
        ? undefined
        : { heads: made.heads, score: made.score.slice(), opened: Uint8Array.from(made.opened), mergedAt: made.mergedAt.slice() },
    ),
  };
}

const cpuWouldDo: ReadonlySet<string> = new Set(['device-missing', 'device-feature', 'device-limit', 'device-lost']);

function describeFailure(error: unknown, job: number, during: ErrorEvent['during']): ErrorEvent {
  const text = error instanceof Error ? (isDlaError(error) ? error.message : `${error.name}: ${error.message}`) : String(error);
  const message = text.replaceAll(/\s+/g, ' ').trim();
  return { type: 'error', job, during, message, offerCpu: isDlaError(error) && cpuWouldDo.has(error.code) };
}

/** After the messages that wait; timers would add 4 ms to every turn. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (): void => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
