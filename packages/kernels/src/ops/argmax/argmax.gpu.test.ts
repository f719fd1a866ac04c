import { testOp } from '../test-op.js';

testOp('argmax');
