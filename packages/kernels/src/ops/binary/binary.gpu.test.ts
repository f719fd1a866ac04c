import { testOp } from '../test-op.js';

testOp('binary');
