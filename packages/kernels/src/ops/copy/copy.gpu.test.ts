import { testOp } from '../test-op.js';

testOp('copy');
