import { describe, expect, it } from 'vitest';
import { svgHistogram } from './svg-histogram.ts';

const options = { title: 'Margins', low: 0, high: 10, bars: 5, label: (value: number) => `${value}%` };

describe('svgHistogram', () => {
  it('draws one bar per filled bin, clamping what lies outside', () => {
    const svg = svgHistogram([1, 1, 3, 3, 3, 3, -5, 99], options);
    const heights = [...svg.matchAll(/height="([\d.]+)"\/>/g)].map(([, h]) => Number(h));
    expect(heights).toEqual([67.5, 90, 22.5]);
    expect(svg).toContain('median 3%, n = 8');
  });

  it('survives no values and refuses an empty range', () => {
    expect(svgHistogram([], options)).toContain('n = 0');
    expect(() => svgHistogram([1], { ...options, high: 0 })).toThrow('histogram');
  });
});
