import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../checkpoint/manifest.js';
import { run } from '../cli.js';
import { handlers } from '../handlers/index.js';
import type { SignalSource } from '../run-folder/signals.js';

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Call the command in this process, with the real handlers. */
export async function dla(argv: readonly string[], signals?: SignalSource): Promise<Outcome> {
  let out = '';
  let err = '';
  const io = {
    stdout: { write: (text: string) => (out += text), columns: 100 },
    stderr: { write: (text: string) => (err += text) },
    env: {},
    ...(signals === undefined ? {} : { signals }),
  };
  const code = await run(argv, io, { version: '0.0.0', handlers: async () => handlers });
  return { code, out, err };
}

/** A folder for one test file, with a text of 6 kB and the config of a model that takes milliseconds a step. */
export class Workplace {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'dla-trainer-'));
  readonly text: string = this.path('text.txt');
  readonly config: string = this.path('tiny.yaml');

  constructor(steps = 12) {
    const words = ['the ', 'whale ', 'and ', 'a ', 'ship ', 'at ', 'sea; ', 'white ', 'harpoons ', 'sank\n'];
    let state = 7;
    const next = (): string => {
      state = (state * 48271) % 2147483647;
      return words[state % words.length] as string;
    };
    writeFileSync(this.text, Array.from({ length: 1200 }, next).join(''));
    writeFileSync(
      this.config,
      `model: { dModel: 16, layers: 1, headDim: 8, stateSize: 4, memory: { capacity: 4, tau: 0.5 } }
data: { source: files, files: ['${this.text.replaceAll('\\', '/')}'] }
train: { steps: ${steps}, batch: 2, context: 32, seed: 3, learningRate: 0.01, warmup: 2, evalEvery: 5, evalBatches: 1, saveEvery: 4, keep: 2 }
device: cpu
threads: 1
`,
    );
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** `train` with the tiny config into a folder of that name, and further words. */
  train(out: string, ...more: string[]): string[] {
    return ['train', '--config', this.config, '--out', this.path(out), ...more];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** All that must be the same of two runs that ended at `step`: weights, moments, state (but the folder's name), losses. */
export function finalState(run: string, step: number): { weights: string; moments: string; state: unknown; metrics: unknown[] } {
  const checkpoint = join(run, `step-${String(step).padStart(8, '0')}`);
  const state = JSON.parse(readFileSync(join(checkpoint, 'state.json'), 'utf8')) as { config: { out?: string } };
  delete state.config.out;
  return {
    weights: sha256(readFileSync(join(checkpoint, 'weights.safetensors'))),
    moments: sha256(readFileSync(join(checkpoint, 'optimizer.safetensors'))),
    state,
    metrics: metricsOf(run),
  };
}

/** The lines of metrics.jsonl without speeds and without the marks of starts and resumes. */
export function metricsOf(run: string): Record<string, unknown>[] {
  return readFileSync(join(run, 'metrics.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((record) => record.event === undefined)
    .map(({ tokensPerSecond: _speed, ...record }) => record);
}
