import { testOp } from '../test-op.js';

testOp('reshape');
