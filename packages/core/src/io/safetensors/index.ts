export {
  parseSafetensorsHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
  type SafetensorsSource,
  safetensorsHeaderLength,
} from './header.js';
export { countNonFinite, type ReadSafetensorsOptions, readSafetensors, type SafetensorsFile, type SafetensorsTensor } from './reader.js';
export { type SafetensorsDtype, safetensorsLimits } from './rules.js';
export { parseShardIndex, type ShardIndexOptions } from './shard-index.js';
export { type SafetensorsWriteEntry, safetensorsChunks, writeSafetensors } from './writer.js';
