import { testOp } from '../test-op.js';

testOp('rms-norm');
