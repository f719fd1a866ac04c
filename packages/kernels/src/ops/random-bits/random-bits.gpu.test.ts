import { testOp } from '../test-op.js';

testOp('random-bits');
