import type { LanguageModelConfig } from '@dla/models';
import type { Config } from './schema.js';

/** The model of a run as `@dla/models` describes it: bytes as tokens. Its own checks (head sizes, groups) come with `parseConfig`. */
export function modelConfigOf(config: Config): LanguageModelConfig {
  return { ...config.model, vocabularySize: 256, normEpsilon: 1e-5 };
}
