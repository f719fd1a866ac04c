import { DlaError } from '@dla/core';
import { Command, CommanderError } from 'commander';
import type { CommandIo, CommandName, DefineCommand, Handlers } from './commands/handlers.js';
import { nearest } from './config/nearest.js';
import { exitCodeOf, exitCodes, oneLine } from './exit-codes.js';

type OptionsOf<N extends CommandName> = Parameters<Handlers[N]>[0];
type Entry<N extends CommandName> = { readonly summary: string; readonly load: () => Promise<{ readonly define: DefineCommand<OptionsOf<N>> }> };

/** Each command is loaded only when it is called. */
const commands: { readonly [N in CommandName]: Entry<N> } = {
  start: { summary: 'train a small model on a novel, write a paragraph, show its memory', load: () => import('./commands/start.js') },
  train: { summary: 'train a language model with DLA memory', load: () => import('./commands/train.js') },
  generate: { summary: 'write text from a prompt', load: () => import('./commands/generate.js') },
  inspect: { summary: 'show where memory slots open and merge in a text', load: () => import('./commands/inspect.js') },
  bench: { summary: 'measure speed', load: () => import('./commands/bench.js') },
  doctor: { summary: 'say what this machine can run, and which form of each op it will use', load: () => import('./commands/doctor.js') },
};
const names = Object.keys(commands) as CommandName[];

export interface CliOptions {
  readonly version: string;
  /** What runs behind the commands; loaded only once a command is called. */
  readonly handlers: () => Promise<Partial<Handlers>>;
}

/**
 * The `dla` command. `argv` is what follows the program's name. Returns the exit code (see `exitCodes`); errors are one
 * line `dla: <message>` on stderr, with a stack only after `--debug`.
 */
export async function run(argv: readonly string[], io: CommandIo, options: CliOptions): Promise<number> {
  const end = argv.indexOf('--');
  const debug = (end < 0 ? argv : argv.slice(0, end)).includes('--debug');
  try {
    return await dispatch(argv, io, options);
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.done;
      io.stderr.write(`dla: ${oneLine(new Error(error.message.replace(/^error: /, '')))}\n`);
      return exitCodes.usage;
    }
    io.stderr.write(`dla: ${oneLine(error)}\n`);
    if (debug && error instanceof Error) io.stderr.write(`${error.stack ?? ''}\n`);
    return exitCodeOf(error);
  }
}

async function dispatch(argv: readonly string[], io: CommandIo, options: CliOptions): Promise<number> {
  const program = quiet(new Command('dla'), io).version(options.version).usage('<command> [options]');
  program.description('Train and run language models with Dynamic Linear Attention memory.');
  addDebug(program);
  const name = argv.find((word) => !word.startsWith('-'));
  const called = name === 'help' ? undefined : names.find((known) => known === name);
  let result: Promise<number> | undefined;
  for (const known of names) {
    const command = quiet(new Command(known), io).description(commands[known].summary);
    program.addCommand(command);
    if (known === called) await prepare(known, command, io, options, (promise) => (result = promise));
  }
  if (called === undefined && name !== undefined && name !== 'help') throw new CommanderError(1, 'dla.unknownCommand', unknownCommand(name));
  if (argv.length === 0) {
    io.stdout.write(program.helpInformation());
    return exitCodes.done;
  }
  if (name === 'help') {
    const topic = argv[argv.indexOf('help') + 1];
    return dispatch(topic === undefined ? ['--help'] : [topic, '--help'], io, options);
  }
  await program.parseAsync([...argv], { from: 'user' });
  return (await result) ?? exitCodes.done;
}

async function prepare<N extends CommandName>(
  name: N,
  command: Command,
  io: CommandIo,
  options: CliOptions,
  started: (result: Promise<number>) => void,
): Promise<void> {
  const entry: Entry<N> = commands[name];
  const read = (await entry.load()).define(command);
  addDebug(command);
  command.action(async () => {
    // Options are read, and wrong ones reported, before anything heavy is loaded.
    const given = read();
    const handlers = await options.handlers();
    const handler = handlers[name] as ((options: OptionsOf<N>, io: CommandIo) => Promise<number>) | undefined;
    if (handler === undefined) throw new DlaError('argument', 'this build does not have the command', { where: name });
    const result = handler(given, io);
    started(result);
    await result;
  });
}

function addDebug(command: Command): void {
  command.option('--debug', 'print the stack of an error');
}

/** Errors are thrown, not printed; help goes to stdout. */
function quiet(command: Command, io: CommandIo): Command {
  return command
    .exitOverride()
    .allowExcessArguments(false)
    .showSuggestionAfterError(true)
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: () => {},
      getOutHelpWidth: () => io.stdout.columns ?? 100,
    });
}

function unknownCommand(name: string): string {
  const close = nearest(name, names);
  return `unknown command '${name}'${close === undefined ? `; known: ${names.join(', ')}` : `; did you mean ${close}?`}`;
}
