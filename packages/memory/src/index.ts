export * from './cache.js';
export * from './deviation.js';
export * from './memory.js';
export * from './merge-log.js';
export type { MultiStateAttributes, SlotKind } from './ops/multi-state/contract.js';
export { multiState, multiStateOp } from './ops/multi-state/op.js';
export { multiStateGradOp } from './ops/multi-state-grad/op.js';
export { multiStateRecurrentOp } from './ops/multi-state-recurrent/op.js';
export { recurrentStateSpecs } from './ops/multi-state-recurrent/state.js';
export { multiStateRecurrentGradOp } from './ops/multi-state-recurrent-grad/op.js';
export { type Segmentation, type SegmentationState, segment, segmentOp } from './ops/segment/op.js';
export {
  GRID,
  HELD,
  type MergeRule,
  NO_DECISION,
  NO_MERGE,
  type SegmentAttributes,
  type SegmentLayout,
  segmentLayout,
  segmentStateSpecs,
} from './ops/segment/state.js';
export { capacityOf, defaultPolicy, type FullPolicy, type PolicyName, policyNames, resolvePolicy, type SlotPolicy } from './policy/policy.js';
export * from './readout-weights.js';
