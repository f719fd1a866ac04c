import { defineConfig, type Options } from 'tsup';

const shared: Options = {
  format: 'esm',
  target: 'es2022',
  tsconfig: '../../tsconfig.build.json',
  loader: { '.wgsl': 'text' },
  clean: true,
  silent: true,
  splitting: true,
  treeshake: false,
  sourcemap: false,
};

/**
 * tsup configuration of a published library: ESM for Node and browsers, with declarations. `DLA_DECLARATIONS=0` leaves those
 * out: they are most of the build's time, and the command line runs without them. They name `Symbol.dispose`, and bring its
 * type to users whose `lib` lacks it.
 */
export function library(entry: Record<string, string>): ReturnType<typeof defineConfig> {
  const dts = process.env.DLA_DECLARATIONS !== '0' && { banner: '/// <reference lib="esnext.disposable" />' };
  return defineConfig({ ...shared, entry, platform: 'neutral', dts });
}

/** tsup configuration of a command-line application: ESM for Node, no declarations. */
export function application(entry: Record<string, string>): ReturnType<typeof defineConfig> {
  return defineConfig({ ...shared, entry, platform: 'node', target: 'node20', dts: false });
}
