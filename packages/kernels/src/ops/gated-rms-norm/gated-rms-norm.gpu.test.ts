import { testOp } from '../test-op.js';

testOp('gated-rms-norm');
