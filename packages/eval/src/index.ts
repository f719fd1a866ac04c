export * from './metrics/byte-trigram.js';
export * from './tasks/mqar.js';
