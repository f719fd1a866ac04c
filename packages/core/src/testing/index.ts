export { type CheckGradientOptions, checkGradient } from './check-gradient.js';
export { expectClose, type Tolerance } from './close.js';
export { coreOpCases } from './core-op-cases.js';
export { caseInputs, checkOpCaseGradient, type OpCase, runOpCase, runOpCases } from './op-case.js';
export { type RandomSpec, randomArray, randomTensor, seededNumbers } from './random.js';
export { createRunner, type HostValue, hostTensor, type Runner, referenceDevice, runOn, type TensorFunction } from './run.js';
