import { numerics } from '@dla/core';

/** The deterministic exponential: the same bits on every engine. */
export const exp: (x: number) => number = numerics.exp;
