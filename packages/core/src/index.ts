export {};
export * from './float16.js';
export * as math from './math.js';
