import type { Device } from '@dla/core';
import { byteTokenizer, Generator, type LoadedModel } from '@dla/models';
import type { CommandIo, GenerateOptions } from '../commands/handlers.js';
import { turn } from '../turn.js';
import { MemoryMapRecorder } from './memory-map.js';

export interface WriteOptions extends Pick<GenerateOptions, 'prompt' | 'tokens' | 'temperature' | 'topK' | 'topP' | 'seed'> {
  /** Record slot decisions for a memory map. */
  readonly trace: boolean;
}

export interface Written {
  readonly recorder: MemoryMapRecorder;
  /** Tokens sampled a second, the prompt not counted. */
  readonly tokensPerSecond: number;
  readonly stateBytes: number;
}

/** Write a continuation to stdout as it comes, prompt first. */
export async function writeText(model: LoadedModel, device: Device, options: WriteOptions, io: CommandIo): Promise<Written> {
  const generator = new Generator(model.config, model.parameters, device);
  const recorder = new MemoryMapRecorder(model.config);
  const decoder = byteTokenizer.createDecoder();
  const { topK, ...rest } = options;
  io.stdout.write(options.prompt);
  let sampled = 0;
  let began = Number.NaN;
  try {
    const stream = generator.generate({
      ...rest,
      ...(topK === 0 ? {} : { topK }),
      prompt: byteTokenizer.encode(options.prompt),
      maxTokens: options.tokens,
    });
    for await (const piece of stream) {
      await turn();
      recorder.add(piece);
      if (piece.kind === 'prompt') {
        began = performance.now();
        continue;
      }
      sampled++;
      io.stdout.write(decoder.push(piece.ids));
    }
    io.stdout.write(`${decoder.flush()}\n`);
    return { recorder, tokensPerSecond: (sampled / (performance.now() - began)) * 1000, stateBytes: generator.stateBytes };
  } finally {
    generator.dispose();
  }
}
