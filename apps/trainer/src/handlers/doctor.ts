import { availableParallelism, cpus, totalmem } from 'node:os';
import { compile, createCpuDevice, type Device, isDlaError, type Tensor, tensor, valueAndGrad } from '@dla/core';
import { createWebGpuDevice, listAdapters } from '@dla/kernels';
import { createState, defaultConfig, initialise, loss, type ModelParameters, type ModelState, step } from '@dla/models';
import type { CommandIo, DoctorOptions } from '../commands/handlers.js';

/** Which form of each op runs on a device, over a training step and a decoding step of the default model. */
interface DeviceReport {
  readonly device: string;
  readonly chosenByAuto: boolean;
  readonly notices: readonly string[];
  /** op -> forms */
  readonly forms: { readonly [op: string]: readonly string[] };
}

export async function doctor(options: DoctorOptions, io: CommandIo): Promise<number> {
  const adapters = await listAdapters();
  const hardware = adapters.some(({ software }) => !software);
  const devices: DeviceReport[] = [];
  const cpu = await createCpuDevice();
  devices.push(await report(cpu, [], !hardware));
  const problems: string[] = [];
  if (adapters.length > 0) {
    try {
      const gpu = await createWebGpuDevice({ onNotice: () => {} });
      devices.push(await report(gpu, gpu.notices, hardware));
    } catch (error) {
      if (!isDlaError(error)) throw error;
      problems.push(error.message);
    }
  }
  const machine = {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
  };
  if (options.json) io.stdout.write(`${JSON.stringify({ machine, adapters, devices, problems }, null, 2)}\n`);
  else io.stdout.write(inWords(machine, adapters, devices, problems));
  return 0;
}

async function report(device: Device, notices: readonly string[], chosenByAuto: boolean): Promise<DeviceReport> {
  const forms = new Map<string, Set<string>>();
  const config = { ...defaultConfig, layers: 1, mlpRatio: 1 };
  const parameters = initialise(config, 0);
  const train = compile(
    (weights: ModelParameters, x: Tensor, y: Tensor) => valueAndGrad((inner: ModelParameters) => loss(config, inner, x, y))(weights),
    { device },
  );
  const decode = compile((weights: ModelParameters, state: ModelState, x: Tensor) => step(config, weights, state, x), { device, donate: [1] });
  const tokens = tensor(new Int32Array(8), { shape: [1, 8] });
  await train(parameters, tokens, tokens);
  await decode(parameters, createState(config), tensor(new Int32Array(1), { shape: [1, 1] }));
  for (const { forms: used } of [...train.summary(), ...decode.summary()])
    for (const { op, form } of used) forms.set(op, (forms.get(op) ?? new Set()).add(form));
  const result = {
    device: device.description,
    chosenByAuto,
    notices,
    forms: Object.fromEntries([...forms].sort(([a], [b]) => (a < b ? -1 : 1)).map(([op, used]) => [op, [...used].sort()])),
  };
  train.dispose();
  decode.dispose();
  device.dispose();
  return result;
}

function inWords(
  machine: { node: string; platform: string; cpu: string; cores: number; memoryBytes: number },
  adapters: Awaited<ReturnType<typeof listAdapters>>,
  devices: readonly DeviceReport[],
  problems: readonly string[],
): string {
  const lines = [
    `Node ${machine.node} on ${machine.platform}; ${machine.cpu}, ${machine.cores} cores, ${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB`,
    '',
  ];
  if (adapters.length === 0)
    lines.push('WebGPU adapters: none. The CPU backend will be used. (In Node a GPU needs a Vulkan, Metal or D3D12 driver.)');
  for (const adapter of adapters) {
    const on = Object.entries(adapter.features).filter(([, has]) => has);
    lines.push(
      `WebGPU adapter: ${adapter.name}${adapter.software ? ' (software)' : ''}`,
      `  features: ${on.map(([name]) => name).join(', ') || 'none'}`,
    );
    for (const [limit, value] of Object.entries(adapter.limits)) lines.push(`  ${limit}: ${value.toLocaleString('en')}`);
  }
  for (const problem of problems) lines.push(`  problem: ${problem}`);
  for (const { device, chosenByAuto, notices, forms } of devices) {
    lines.push('', `Device: ${device}${chosenByAuto ? '  <- what --device auto takes' : ''}`);
    for (const notice of notices) lines.push(`  notice: ${notice}`);
    for (const [op, used] of Object.entries(forms)) lines.push(`  ${op.padEnd(28)} ${used.join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
}
