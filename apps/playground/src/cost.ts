import type { ModelFacts } from './protocol.js';

/**
 * Bytes of the key-value cache that a Transformer of the same width and about the same size keeps for `tokens` tokens, in float32:
 * 2 * dModel * 4 bytes a token and layer. A Mamba-2 block without an MLP has about half the weights of a Transformer layer
 * (attention and MLP), so two of them count as one layer; with an MLP one block counts as one layer.
 */
export function keyValueBytes(model: Pick<ModelFacts, 'layers' | 'dModel' | 'mlpRatio'>, tokens: number): number {
  return 8 * model.dModel * transformerLayers(model) * tokens;
}

/** Layers of that Transformer. */
export function transformerLayers({ layers, mlpRatio }: Pick<ModelFacts, 'layers' | 'mlpRatio'>): number {
  return mlpRatio > 0 ? layers : Math.max(1, layers / 2);
}

/** Tokens from which that cache is larger than the model's constant state. */
export function crossingTokens(model: Pick<ModelFacts, 'layers' | 'dModel' | 'mlpRatio' | 'stateBytes'>): number {
  return Math.ceil(model.stateBytes / keyValueBytes(model, 1));
}

const units = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const;

/** Decimal units, three significant digits: `1.23 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return unit === 0 ? `${value} bytes` : `${value.toPrecision(3)} ${units[unit]}`;
}

/** Thousands separated, in English whatever the browser's language, as the page is. */
export function formatCount(value: number): string {
  return value.toLocaleString('en');
}
