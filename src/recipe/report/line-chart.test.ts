import { describe, expect, it } from 'vitest';
import { lineChart } from './line-chart.ts';

const chart = (changes: Partial<Parameters<typeof lineChart>[0]> = {}) =>
  lineChart({
    title: 'Loss',
    lines: [
      {
        label: 'a',
        points: [
          { x: 0, y: 0 },
          { x: 100, y: 10 },
        ],
        tone: 0,
      },
    ],
    width: 300,
    height: 200,
    across: 'steps',
    end: 100,
    range: { low: 0, high: 10 },
    ...changes,
  }).text;

/** Numbers of the first attribute that matches. */
const numbers = (text: string, pattern: RegExp) => {
  const match = pattern.exec(text);
  if (match === null) throw new Error(`${pattern} not found`);
  return [...match[1].matchAll(/-?[\d.]+/g)].map(Number);
};

describe('lineChart', () => {
  it('puts values where the axes say', () => {
    const text = chart({ labelRoom: 60 });
    // The plot is what the margins leave: 300 - 40 - 60 wide, 200 - 30 - 34 high, zero at the bottom.
    expect(numbers(text, /class="line tone0" d="([^"]+)"/)).toEqual([0, 136, 200, 0]);
    expect(text).toContain('>10</text>');
    expect(text).toContain('aria-label="Loss over steps: from 0 to 10"');
  });

  it('moves names apart that would overlap, and keeps them in the picture', () => {
    const line = (label: string, y: number) => ({
      label,
      points: [
        { x: 0, y: 1 },
        { x: 100, y },
      ],
      tone: 0,
    });
    const text = chart({ lines: [line('a', 0), line('b', 0.1), line('c', 0), line('d', 10)] });
    const places = [...text.matchAll(/class="name[^>]* y="([^"]+)"/g)].map((match) => Number(match[1]));
    expect(places).toHaveLength(4);
    const sorted = [...places].sort((a, b) => a - b);
    expect(Math.max(...sorted)).toBeLessThanOrEqual(136);
    for (let i = 1; i < sorted.length; i++) expect(sorted[i] - sorted[i - 1]).toBeGreaterThanOrEqual(14.9);
  });

  it('draws a single point, and survives none', () => {
    expect(chart({ lines: [{ label: 'a', points: [{ x: 0, y: 5 }], tone: 0 }] })).toContain('<circle');
    expect(chart({ lines: [{ label: 'a', points: [], tone: 0 }], end: 0 })).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('marks places, with the name on the side that has room', () => {
    expect(chart({ marks: [{ at: [20], label: 'skipped' }] })).toMatch(/text-anchor="start">skipped/);
    expect(chart({ marks: [{ at: [95], label: 'skipped' }] })).toMatch(/text-anchor="end">skipped/);
    const rows = chart({
      marks: [
        { at: [], label: 'none' },
        { at: [20], label: 'a' },
        { at: [20], label: 'b' },
      ],
    });
    const heights = [...rows.matchAll(/class="mark-label" x="[^"]+" y="([^"]+)"/g)].map((match) => Number(match[1]));
    expect(heights).toEqual([131, 118]);
    expect(rows).toContain('; a at 1 of them; b at 1 of them"');
  });
});
