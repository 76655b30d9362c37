import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { holdOut } from './hold-out.ts';

const byId = (document: number) => `doc-${document}`;

describe('holdOut', () => {
  it('splits all documents into two sides of about the shares asked for', () => {
    const { train, heldOut } = holdOut(20_000, { share: 0.1, seed: 1, group: byId });
    expect([...train, ...heldOut].sort((a, b) => a - b)).toEqual([...new Array(20_000).keys()]);
    // Five standard errors of a binomial share.
    expect(Math.abs(heldOut.length / 20_000 - 0.1)).toBeLessThan(5 * Math.sqrt((0.1 * 0.9) / 20_000));
  });

  it('depends on name and seed only: added documents move nothing', () => {
    const few = holdOut(500, { share: 0.2, seed: 1, group: byId });
    const many = holdOut(900, { share: 0.2, seed: 1, group: byId });
    expect(many.heldOut.filter((d) => d < 500)).toEqual(few.heldOut);
    expect(holdOut(500, { share: 0.2, seed: 2, group: byId }).heldOut).not.toEqual(few.heldOut);
    // A larger share holds out the same documents, and more.
    const wider = new Set(holdOut(500, { share: 0.4, seed: 1, group: byId }).heldOut);
    expect([...few.heldOut].every((d) => wider.has(d))).toBe(true);
  });

  it('keeps groups whole', () => {
    const group = (document: number) => `company-${document % 40}`;
    const { train, heldOut } = holdOut(1000, { share: 0.25, seed: 3, group });
    const held = new Set(Array.from(heldOut, group));
    expect(Array.from(train, group).some((name) => held.has(name))).toBe(false);
    expect(heldOut.length).toBe(held.size * 25);
  });

  it('leaves neither side empty', () => {
    for (const share of [0.001, 0.999]) {
      for (let seed = 0; seed < 20; seed++) {
        const { train, heldOut } = holdOut(3, { share, seed, group: byId });
        expect(Math.min(train.length, heldOut.length)).toBeGreaterThan(0);
      }
    }
  });

  it('refuses shares outside (0, 1) and a single group', () => {
    for (const share of [0, 1, -1, Number.NaN]) {
      expect(() => holdOut(9, { share, seed: 1, group: byId })).toThrow(UsageError);
    }
    expect(() => holdOut(9, { share: 0.1, seed: 1, group: () => 'one' })).toThrow(/found one group/);
  });
});
