export { type CheckGradientOptions, checkGradient } from './check-gradient.js';
export { expectClose, type Tolerance } from './close.js';
export { coreOpCases } from './core-op-cases.js';
export { caseInputs, checkOpCaseGradient, type OpCase, runOpCase, runOpCases } from './op-case.js';
export { randomArray, type RandomSpec, randomTensor, seededNumbers } from './random.js';
export { createRunner, type HostValue, hostTensor, referenceDevice, type Runner, runOn, type TensorFunction } from './run.js';
