import { describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { backoffSeconds, retryAfterSeconds } from './retry-after.ts';

const now = Date.parse('2026-03-01T12:00:00Z');

describe('retryAfterSeconds', () => {
  it.each([
    ['0', 0],
    [' 120 ', 120],
    ['1.5', 1.5],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30],
    ['Sunday, 01-Mar-26 12:00:30 GMT', 30],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
  ])('reads %j', (header, seconds) => {
    expect(retryAfterSeconds(header, now)).toBe(seconds);
  });

  it.each([null, '', 'soon', '-1', '5 minutes', '1e9', 'Infinity', '0x10', 'Sun, the first GMT', '1'.repeat(100)])(
    'reads nothing from %j',
    (header) => {
      expect(retryAfterSeconds(header, now)).toBeUndefined();
    },
  );
});

describe('backoffSeconds', () => {
  const backoff = { attempts: 9, firstSeconds: 1, longestSeconds: 10 };

  it('doubles up to the longest, and is spread over the upper half', () => {
    const random = stream(0, 'backoff');
    for (const [failures, full] of [
      [1, 1],
      [2, 2],
      [4, 8],
      [5, 10],
      [400, 10],
      [2_000, 10],
    ]) {
      const waits = Array.from({ length: 500 }, () => backoffSeconds(failures, backoff, random));
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(full / 2);
      expect(Math.min(...waits)).toBeLessThan(0.52 * full);
      expect(Math.max(...waits)).toBeLessThanOrEqual(full);
      expect(Math.max(...waits)).toBeGreaterThan(0.98 * full);
    }
  });
});
