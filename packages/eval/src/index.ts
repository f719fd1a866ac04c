export * from './bench/cases.js';
export * from './bench/reference-lm.js';
export * from './bench/run-bench.js';
export * from './metrics/byte-trigram.js';
export * from './tasks/mqar.js';
export * from './tasks/mqar-run.js';
