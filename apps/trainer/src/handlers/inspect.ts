import { writeFileSync } from 'node:fs';
import { DlaError } from '@dla/core';
import { byteTokenizer, Generator } from '@dla/models';
import type { CommandIo, InspectOptions } from '../commands/handlers.js';
import { headOf } from '../inspect/memory-map.js';
import { renderMemoryPage } from '../inspect/page.js';
import { renderMemoryMap, wantsColour } from '../inspect/terminal.js';
import { writing } from '../run-folder/output-error.js';
import { openDevice } from '../training/devices.js';
import { openModel } from './load-model.js';
import { MemoryMapRecorder } from './memory-map.js';

export async function inspect(options: InspectOptions, io: CommandIo): Promise<number> {
  const model = await openModel(options.model, (line) => void io.stderr.write(`${line}\n`));
  const { device } = await openDevice(options.device, options.threads === 0 ? undefined : options.threads);
  const generator = new Generator(model.config, model.parameters, device);
  try {
    const recorder = new MemoryMapRecorder(model.config);
    for await (const piece of generator.generate({ prompt: byteTokenizer.encode(options.text), maxTokens: 0, trace: true })) recorder.add(piece);
    const data = recorder.data();
    if (data === undefined)
      throw new DlaError('argument', `the policy ${model.config.memory.policy} takes no decisions: there is nothing to inspect`, {
        where: options.model,
        expected: 'a model with the policy dla or fixed',
      });
    headOf(data, options.layer, options.head);
    io.stdout.write(
      renderMemoryMap(data, { layer: options.layer, head: options.head, width: io.stdout.columns ?? 80, colour: wantsColour(io.stdout, io.env) }),
    );
    if (options.html !== undefined) {
      const { html } = options;
      writing(html, 'the page', 'create', () => writeFileSync(html, renderMemoryPage(data, `Memory of ${options.model}`)));
      io.stderr.write(`wrote ${html}\n`);
    }
    return 0;
  } finally {
    generator.dispose();
    device.dispose();
  }
}
