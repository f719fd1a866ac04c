import type { LanguageModelConfig } from '@dla/models';

/** `Mamba-2, 2 layers of 128, memory dla (30 slots, tau 0.6, density)` */
export function describeModel({ layers, dModel, memory }: LanguageModelConfig): string {
  const details = {
    single: '',
    fixed: ` (${memory.capacity} slots of ${memory.blockLength} tokens)`,
    fenwick: ` (up to ${memory.maxLength} tokens)`,
    dla: ` (${memory.capacity} slots, tau ${memory.tau}, ${memory.merge})`,
  }[memory.policy];
  return `Mamba-2, ${layers === 1 ? '1 layer' : `${layers} layers`} of ${dModel}, memory ${memory.policy}${details}`;
}
