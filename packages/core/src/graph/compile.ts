import type { Device, DeviceBuffer, Executable } from '../backend/backend.js';
import { DlaError } from '../errors.js';
import { formatShape } from '../shape.js';
import { disposedError, Tensor } from '../tensor.js';
import { flatten, type Tree, unflatten } from '../tree.js';
import { reachableNodes } from './node.js';
import { type Program, plan, storageBytes } from './plan.js';

/** What may stand in the arguments of a compiled function: tensors, and plain values that are part of its signature. */
export type Leaf = Tensor | string | number | boolean | null | undefined;

export interface CompileOptions {
  readonly device: Device;
  /**
   * Positions of arguments whose device memory the function may overwrite. Their tensors are disposed by the call;
   * results updated in place take over their buffers (parameters, optimiser and recurrent state).
   */
  readonly donate?: readonly number[];
  /** Shown in errors and summaries; defaults to the function's name. */
  readonly name?: string;
}

export interface CompiledSummary {
  readonly name: string;
  /** Argument signature this plan was made for. */
  readonly signature: string;
  readonly steps: number;
  readonly forms: Executable['forms'];
  readonly livenessBytes: number;
  readonly scratchBytes: number;
}

/** A function whose graph is traced once per signature and replayed. */
export interface Compiled<Args extends readonly unknown[], Out> {
  (...args: Args): Promise<Out>;
  /** One entry for each signature seen so far. */
  summary(): CompiledSummary[];
  /** Release scratch memory and pipelines. Calls that have not run yet are rejected with `disposed`; a later call plans anew. */
  dispose(): void;
}

interface Plan {
  readonly signature: string;
  readonly program: Program;
  readonly executable: Executable;
  readonly captured: readonly DeviceBuffer[];
  /** The tensors whose buffers `captured` borrows: were they collected, their buffers would be released. */
  readonly borrowed: readonly Tensor[];
  /** Captured values uploaded by this plan, released with it. */
  readonly owned: readonly DeviceBuffer[];
  /** Buffers that host arguments are written to, one per argument tensor, made at first need. */
  readonly staging: (DeviceBuffer | undefined)[];
  readonly assemble: (results: readonly Tensor[]) => unknown;
}

/**
 * Trace `fn` once per input signature (tree structure, shapes, dtypes, plain values), plan its memory, make its kernels,
 * and return an async function that replays the fixed list of launches. `fn` must be pure: it runs only while tracing.
 *
 * @throws DlaError `argument`/`graph` for results that are no tensors of this trace, `disposed` for used-up arguments.
 * @example
 * const step = compile((params, x) => valueAndGrad(loss)(params, x), { device });
 * const [value, gradient] = await step(params, x);
 */
export function compile<Args extends readonly unknown[], Out>(fn: (...args: Args) => Out, options: CompileOptions): Compiled<Args, Out> {
  const { device } = options;
  const name = options.name ?? (fn.name === '' ? 'compiled function' : fn.name);
  const donate = new Set(options.donate ?? []);
  const plans = new Map<string, Promise<Plan>>();
  const ready = new Set<Plan>();
  const discard = (plan: Plan): void => {
    plan.executable.dispose();
    for (const buffer of [...plan.owned, ...plan.staging]) if (buffer !== undefined) device.release(buffer);
  };

  const call = async (...args: Args): Promise<Out> => {
    const { leaves, structure, paths } = flatten<Leaf>(args as unknown as Tree<Leaf>);
    const signature = `${signatureOf(leaves, paths, name)} ${JSON.stringify(structure)}`;
    let pending = plans.get(signature);
    if (pending === undefined) {
      const making = makePlan(fn as (...args: readonly unknown[]) => unknown, name, device, donate, signature, leaves, paths, structure);
      pending = making;
      plans.set(signature, making);
      // A plan that is no longer in the map was overtaken by dispose().
      making.then(
        (plan) => (plans.get(signature) === making ? ready.add(plan) : discard(plan)),
        () => plans.get(signature) === making && plans.delete(signature),
      );
    }
    const plan = await pending;
    if (!ready.has(plan)) throw new DlaError('disposed', 'the compiled function was disposed', { where: name });
    return execute(plan, leaves, device, name) as Out;
  };
  return Object.assign(call, {
    summary: (): CompiledSummary[] =>
      [...ready].map(({ signature, program, executable }) => ({
        name,
        signature,
        steps: program.steps.length,
        forms: executable.forms,
        livenessBytes: program.livenessBytes,
        scratchBytes: program.scratchBytes,
      })),
    dispose: (): void => {
      for (const plan of ready) discard(plan);
      ready.clear();
      plans.clear();
    },
  });
}

function signatureOf(leaves: readonly Leaf[], paths: readonly string[], name: string): string {
  return leaves.map((leaf, index) => `${paths[index]}:${leafSignature(leaf, paths[index] as string, name)}`).join(' ');
}

/** Text that two different values never share. */
function leafSignature(leaf: Leaf, path: string, name: string): string {
  if (leaf instanceof Tensor) return `${leaf.dtype}${formatShape(leaf.shape)}`;
  if (typeof leaf === 'string') return JSON.stringify(leaf);
  if (typeof leaf === 'object' ? leaf === null : typeof leaf !== 'function' && typeof leaf !== 'symbol')
    return `${typeof leaf}=${Object.is(leaf, -0) ? '-0' : String(leaf)}`;
  throw new DlaError('argument', 'an argument is no tensor and no plain value: let the function close over it', {
    where: name,
    expected: 'a tensor, string, number, boolean, null or undefined',
    found: `${typeof leaf} at ${path}`,
  });
}

async function makePlan(
  fn: (...args: readonly unknown[]) => unknown,
  name: string,
  device: Device,
  donate: ReadonlySet<number>,
  signature: string,
  leaves: readonly Leaf[],
  paths: readonly string[],
  structure: Parameters<typeof unflatten>[0],
): Promise<Plan> {
  const placeholders: Tensor[] = [];
  const donated: boolean[] = [];
  const traced = leaves.map((leaf, index) => {
    if (!(leaf instanceof Tensor)) return leaf;
    donated.push(donate.has(Number.parseInt(paths[index] as string, 10)));
    const placeholder = new Tensor(leaf.shape, leaf.dtype, { kind: 'placeholder', index: placeholders.length });
    placeholders.push(placeholder);
    return placeholder;
  });
  const out = fn(...(unflatten(structure, traced) as unknown as readonly unknown[]));
  const { leaves: outLeaves, structure: outStructure } = flatten<Leaf>(out as Tree<Leaf>);
  const results = outLeaves.filter((leaf) => leaf instanceof Tensor);
  const captured = capturedTensors(results, placeholders, name);
  const program = plan(name, [...placeholders, ...captured], results, [...donated, ...captured.map(() => false)]);
  const executable = await device.prepare(program);
  const owned: DeviceBuffer[] = [];
  let buffers: DeviceBuffer[];
  try {
    buffers = captured.map((value) => {
      const { source } = value;
      if (source.kind === 'device') return onDevice(source.buffer, device, name);
      if (source.kind !== 'host') throw capturedDisposed(name);
      const buffer = device.allocate(storageBytes(value));
      owned.push(buffer);
      device.write(buffer, source.data);
      return buffer;
    });
  } catch (error) {
    for (const buffer of owned) device.release(buffer);
    executable.dispose();
    throw error;
  }
  const assemble = (values: readonly Tensor[]): unknown => {
    let next = 0;
    return unflatten(
      outStructure,
      outLeaves.map((leaf) => (leaf instanceof Tensor ? (values[next++] as Tensor) : leaf)),
    );
  };
  const borrowed = captured.filter(({ source }) => source.kind === 'device');
  return { signature, program, executable, captured: buffers, borrowed, owned, staging: placeholders.map(() => undefined), assemble };
}

/** Tensors with a value that the traced function closed over. */
function capturedTensors(results: readonly Tensor[], placeholders: readonly Tensor[], name: string): Tensor[] {
  const own = new Set(placeholders);
  const captured = new Set<Tensor>();
  const visit = (value: Tensor): void => {
    if (own.has(value) || value.source.kind === 'op') return;
    if (value.source.kind === 'disposed') throw disposedError();
    if (value.source.kind === 'placeholder') throw new DlaError('graph', 'a tensor of another trace was used', { where: name, found: String(value) });
    captured.add(value);
  };
  for (const node of reachableNodes(results)) node.inputs.forEach(visit);
  results.forEach(visit);
  return [...captured];
}

function capturedDisposed(name: string): DlaError {
  return new DlaError('disposed', 'a tensor that the function closed over was disposed', { where: name });
}

function onDevice(buffer: DeviceBuffer, device: Device, name: string): DeviceBuffer {
  if (buffer.device !== device)
    throw new DlaError('argument', 'a tensor lies on another device: read it and upload it', {
      where: name,
      expected: device.description,
      found: buffer.device.description,
    });
  return buffer;
}

function execute(plan: Plan, leaves: readonly Leaf[], device: Device, name: string): unknown {
  const { program } = plan;
  for (const { source } of plan.borrowed) if (source.kind !== 'device') throw capturedDisposed(name);
  const tensors = leaves.filter((leaf) => leaf instanceof Tensor);
  const inputs = bindInputs(plan, tensors, device, name);
  tensors.forEach((leaf, index) => {
    if (program.donated[index] !== true) return;
    if (leaf.source.kind === 'device') leaf.takeBuffer();
    else leaf.dispose();
  });
  const buffers = plan.executable.run(inputs);
  return plan.assemble(
    program.results.map((result, index) => new Tensor(result.shape, result.dtype, { kind: 'device', buffer: buffers[index] as DeviceBuffer })),
  );
}

/** The buffers of arguments and captured values. Where an argument is refused nothing is kept, and no argument is used up. */
function bindInputs({ program, staging, captured }: Plan, tensors: readonly Tensor[], device: Device, name: string): DeviceBuffer[] {
  // A donated host value needs a buffer of its own, since the program gives it away.
  const made: DeviceBuffer[] = [];
  try {
    const inputs = tensors.map((leaf, index) => {
      const { source } = leaf;
      if (source.kind === 'device') return onDevice(source.buffer, device, name);
      if (source.kind === 'op') throw new DlaError('graph', 'an argument is lazy: await evaluate([...]) first', { where: name, found: String(leaf) });
      if (source.kind !== 'host') throw disposedError();
      const donated = program.donated[index] === true;
      let buffer = donated ? undefined : staging[index];
      if (buffer === undefined) {
        buffer = device.allocate(storageBytes(leaf));
        if (donated) made.push(buffer);
        else staging[index] = buffer;
      }
      device.write(buffer, source.data);
      return buffer;
    });
    const all = [...inputs, ...captured];
    if (program.donated.includes(true) && new Set(all).size !== all.length) checkDonatedTwice(all, program, name);
    return all;
  } catch (error) {
    for (const buffer of made) device.release(buffer);
    throw error;
  }
}

function checkDonatedTwice(inputs: readonly DeviceBuffer[], program: Program, name: string): void {
  inputs.forEach((buffer, index) => {
    if (program.donated[index] === true && inputs.indexOf(buffer) !== inputs.lastIndexOf(buffer))
      throw new DlaError('argument', 'a donated tensor was passed twice', { where: name });
  });
}
