import { testOp } from '../test-op.js';

testOp('copy');
// A view: nothing runs but the ops round it.
testOp('reshape');
