import { testOp } from '../test-op.js';

testOp('causal-conv1d');
