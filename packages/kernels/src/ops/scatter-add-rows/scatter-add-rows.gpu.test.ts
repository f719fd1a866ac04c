import { testOp } from '../test-op.js';

testOp('scatter-add-rows');
