import { type GradientRule, refuseGradient } from '../../op.js';

/** An optimiser's step ends a graph: nothing is differentiated through it. */
export const adamwGradient: GradientRule<unknown> = refuseGradient('adamw');
