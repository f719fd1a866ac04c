import { testOp } from '../test-op.js';

testOp('cross-entropy');
