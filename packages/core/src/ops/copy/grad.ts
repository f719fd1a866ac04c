import type { GradientRule } from '../../op.js';

export const copyGradient: GradientRule<Record<string, never>> = ({ cotangents }) => [cotangents[0] ?? null];
