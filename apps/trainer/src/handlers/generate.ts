import type { CommandIo, GenerateOptions } from '../commands/handlers.js';
import { renderMemoryMap, wantsColour } from '../inspect/terminal.js';
import { compact } from '../progress.js';
import { openDevice } from '../training/devices.js';
import { openModel } from './load-model.js';
import { writeText } from './write.js';

export async function generate(options: GenerateOptions, io: CommandIo): Promise<number> {
  const model = await openModel(options.model, (line) => void io.stderr.write(`${line}\n`));
  const { device } = await openDevice(options.device, options.threads === 0 ? undefined : options.threads);
  try {
    const { recorder, tokensPerSecond, stateBytes } = await writeText(model, device, { ...options, trace: options.map }, io);
    io.stderr.write(`${compact(tokensPerSecond)} tokens/s on ${device.description}; memory ${compact(stateBytes)} bytes, constant\n`);
    if (options.map) {
      const data = recorder.data();
      if (data === undefined) io.stderr.write(`the policy ${model.config.memory.policy} takes no decisions: there is no memory map\n`);
      else
        io.stdout.write(`\n${renderMemoryMap(data, { layer: 0, head: 0, width: io.stdout.columns ?? 80, colour: wantsColour(io.stdout, io.env) })}`);
    }
    return 0;
  } finally {
    device.dispose();
  }
}
