import { type Device, DlaError } from '@dla/core';
import { fitByteTrigram } from '@dla/eval';
import { compareForms, type LoadedModel } from '@dla/models';
import type { CommandIo, StartOptions } from '../commands/handlers.js';
import { renderMemoryMap, wantsColour } from '../inspect/terminal.js';
import { openDevice } from '../training/devices.js';
import { openModel } from './load-model.js';
import { runTraining } from './run.js';
import { writeText } from './write.js';

/** Held-out bytes over which the two forms are compared at the end. */
const checkedTokens = 512;
/** Largest difference of a logit that rounding explains. */
const largestDifference = 1e-3;

/** The main job: train, save, write a paragraph, draw its memory, say what to do next. A finished run is not trained again. */
export async function start({ config, prompt, tokens }: StartOptions, io: CommandIo): Promise<number> {
  const say = (line: string): void => void io.stdout.write(`${line}\n`);
  const result = await runTraining(config, 'either', io);
  if (result.exitCode !== 0) return result.exitCode;
  const trigram = fitByteTrigram([result.corpus.train]).score([result.corpus.validation]).natsPerByte;
  say('');
  say(
    `Validation loss: ${result.validationLoss.toFixed(3)} nats/byte after ${result.step} steps (an untrained model: ${Math.log(256).toFixed(3)}; counting byte trigrams: ${trigram.toFixed(3)}).`,
  );
  say('');
  const model = await openModel(result.checkpoint, say);
  const { device } = await openDevice(config.device, config.threads === 0 ? undefined : config.threads);
  try {
    const { recorder, tokensPerSecond, stateBytes } = await writeText(
      model,
      device,
      { prompt, tokens, temperature: 0.7, topK: 0, topP: 0.95, seed: config.train.seed, trace: true },
      io,
    );
    say('');
    say(
      `${tokensPerSecond.toFixed(0)} tokens/s on ${device.description}. The memory holds ${stateBytes.toLocaleString('en')} bytes, however long the text${recorder.merges === 0 ? '' : `; ${recorder.merges} merges made room in it`}.`,
    );
    say(await checkForms(model, device, result.corpus.validation.subarray(0, checkedTokens)));
    const data = recorder.data();
    if (data !== undefined)
      say(`\n${renderMemoryMap(data, { layer: 0, head: 0, width: io.stdout.columns ?? 80, colour: wantsColour(io.stdout, io.env) })}`);
  } finally {
    device.dispose();
  }
  const decides = config.model.memory.policy === 'dla' || config.model.memory.policy === 'fixed';
  say('What next:');
  say(`  npm run dla -- generate ${config.out} --prompt "The whale "${decides ? ' --map' : ''}`);
  if (decides) say(`  npm run dla -- inspect ${config.out} --text "Call me Ishmael." --html memory.html`);
  if (decides) say('  npm start -- --out runs/single --policy single    (the same run with one state)');
  say('  npm run dla -- doctor');
  return 0;
}

/** Training reads in parallel, writing goes token by token: on this device, with this model, both must say the same. */
async function checkForms({ config, parameters }: LoadedModel, device: Device, ids: Uint8Array): Promise<string> {
  const { tokens, worstLogit, decisions, differing, merges } = await compareForms(config, parameters, device, ids);
  if (!(worstLogit < largestDifference) || differing > 0)
    throw new DlaError('non-finite', 'reading token by token differs from the parallel form', {
      where: device.description,
      expected: `logits within ${largestDifference}, equal slots`,
      found: `${worstLogit}, ${differing} of ${decisions} decisions differ`,
    });
  const slots = decisions === 0 ? '' : `, ${decisions} slot decisions equal, ${merges} merges`;
  return `Checked on ${tokens} held-out bytes: token by token equals the parallel form (largest logit difference ${worstLogit.toExponential(1)}${slots}).`;
}
