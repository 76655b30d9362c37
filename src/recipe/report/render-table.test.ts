import { describe, expect, it } from 'vitest';
import type { Interval } from '../../eval/statistics/interval.ts';
import { renderTable } from './render-table.ts';
import { hostileRun, syntheticRun, UNPRINTABLE } from './testing/synthetic-run.ts';

describe('a verdict', () => {
  const changed = (change: Interval | undefined, value: number, half: number) => {
    const run = syntheticRun();
    const [base, after] = run.measurements;
    const [set] = after.sets;
    const sets = [{ ...set, value, low: value - half, high: value + half, change, sources: [] }];
    const measurements = [base, { ...after, sets }].map((measurement) => ({ ...measurement, tasks: undefined }));
    return renderTable({ ...run, measurements }, { color: true }).split('\n')[1];
  };

  it('claims a change only where the interval leaves zero out', () => {
    expect(changed({ value: -0.01, low: -0.02, high: -0.001 }, 1.5, 1)).toContain('\x1b[32m−1.0%\x1b[0m');
    expect(changed({ value: -0.01, low: -0.02, high: 0.001 }, 1.5, 0)).toContain('\x1b[2m−1.0%\x1b[0m');
    expect(changed({ value: 0.01, low: 0.001, high: 0.02 }, 1.5, 1)).toContain('\x1b[31m+1.0%\x1b[0m');
  });

  it('asks for intervals that do not touch where documents were not compared one by one', () => {
    // The base has 1.523 +- 0.012.
    expect(changed(undefined, 1.4, 0.1)).toContain('\x1b[32m');
    expect(changed(undefined, 1.4, 0.12)).toContain('\x1b[2m−8.1%');
  });
});

describe('renderTable', () => {
  it('has tasks, then sets without their sources', () => {
    expect(renderTable(syntheticRun(), { width: 100 }).split('\n')).toEqual([
      'task       questions   base    cpt  change          interval',
      'lookup           120  0.050  0.625  +0.575  +0.470 to +0.680',
      'sentiment        120  0.500  0.400  −0.100  −0.180 to −0.020',
      'numeric          120  0.200  0.225  +0.025  −0.050 to +0.100',
      'facts            120  0.100      –       -',
      '',
      'bits per byte  documents   base    cpt  change          interval',
      'finance              400  1.523  1.048  −31.2%  −32.0% to −30.4%',
      'general              400  1.200  1.231   +2.6%    +2.0% to +3.2%',
    ]);
  });

  it('fits any width that has room for its numbers, and keeps the change to the last', () => {
    const run = syntheticRun();
    for (let width = 34; width < 110; width += 5) {
      const lines = renderTable(run, { width }).split('\n');
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      expect(lines[1]).toContain('+0.575');
      expect(lines[7]).toContain('−31.2%');
    }
  });

  it('lets no name move the cursor, and is empty without measurements', () => {
    const table = renderTable(hostileRun(), { width: 200, color: false });
    expect(table).not.toMatch(UNPRINTABLE);
    expect(table.split('\n')).toHaveLength(9);
    expect(renderTable({ ...syntheticRun(), measurements: [] })).toBe('');
  });
});
