import { describe, expect, it } from 'vitest';
import { syntheticMatrix } from '../../ablate/testing/synthetic-matrix.ts';
import { createStyle } from '../style.ts';
import { matrixTable } from './matrix-table.ts';

const table = (width: number, color = false): string[] =>
  matrixTable(syntheticMatrix(), { style: createStyle(color), width }).split('\n');

describe('matrixTable', () => {
  it('has a row for each variant and a column for each metric, with errors and marks', () => {
    expect(table(120).slice(0, 4)).toEqual([
      'metric       bits_per_byte/<b>           lookup           facts',
      '                less is better   more is better  more is better',
      'whole chain            0.550            0.500               \u2013',
      'Without sft    +0.300 \u00b10.010 *  +0.300 \u00b10.020 *             \u2013',
    ]);
  });

  it('puts metrics below each other where they do not fit beside each other', () => {
    const lines = table(40);
    expect(lines.filter((line) => line.startsWith('metric'))).toHaveLength(3);
    const numbers = lines.slice(0, lines.findLastIndex((line) => line.startsWith('Without')) + 1);
    expect(Math.max(...numbers.map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  it('paints worse red and better green', () => {
    const row = table(120, true).find((line) => line.startsWith('Without'));
    expect(row).toContain('\x1b[31m+0.300 \u00b10.010 *');
    expect(row).toContain('\x1b[32m+0.300 \u00b10.020 *');
  });
});
