import { expect, it } from 'vitest';
import { closingLine } from './test.mjs';

const file = (status, ...tests) => ({ status, assertionResults: tests.map((each) => ({ status: each })) });
const report = (passed, failed, testResults, skipped = 0) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: skipped,
  numTodoTests: 0,
  testResults,
});

it('counts what passed and failed', () => {
  expect(closingLine(report(2, 0, [file('passed', 'passed', 'passed')]), 0)).toBe('2 passed, 0 failed');
  expect(closingLine(report(1, 1, [file('failed', 'passed', 'failed')]), 1)).toBe('1 passed, 1 failed');
  expect(closingLine(report(1, 0, [file('passed', 'passed', 'pending')], 1), 0)).toBe('1 passed, 0 failed, 1 skipped');
});

it('counts a file that failed before its tests, and a failure outside any test', () => {
  expect(closingLine(report(1, 0, [file('failed'), file('passed', 'passed')]), 1)).toBe('1 passed, 1 failed');
  expect(closingLine(report(1, 0, [file('passed', 'passed')]), 1)).toBe('1 passed, 1 failed');
});
