import { testOp } from '../test-op.js';

testOp('broadcast-to');
