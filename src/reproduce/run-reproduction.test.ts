import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderSection, withSection } from './render-page.ts';
import type { Reproduction } from './reproduction.ts';
import { reproductions } from './reproductions.ts';
import { runReproduction } from './run-reproduction.ts';
import { formatMean, standardError } from './statistics.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-reproduce-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Doubles its seed, in two steps of which the second may fail. */
function doubling(calls: string[], isBroken: (seed: number) => boolean = () => false): Reproduction<number> {
  return {
    name: 'doubling',
    title: 'Doubling | twice',
    source: 'A paper.',
    method: 'Seeds are doubled.',
    version: 1,
    workPerSeed: 10,
    async measure(lab) {
      const half = await lab.once('half', async () => {
        calls.push(`half ${lab.seed}`);
        return lab.seed;
      });
      lab.advance('half', 4);
      if (isBroken(lab.seed)) throw new Error('power failure');
      calls.push(`double ${lab.seed}`);
      lab.advance('double', 60);
      return 2 * half;
    },
    judge: (evidence) => [
      {
        id: 'C1',
        statement: 'Doubles | are even.',
        expected: 'even',
        measured: evidence.join(', '),
        control: 'none',
        holds: evidence.every((value) => value % 2 === 0),
      },
    ],
  };
}

describe('runReproduction', () => {
  it('goes on after a failure with the figures that it has, and does nothing twice', async () => {
    const calls: string[] = [];
    const options = { seeds: 2, folder, threads: 1 };
    const broken = doubling(calls, (seed) => seed === 2);
    await expect(runReproduction(broken, options)).rejects.toThrow('power failure');
    expect(calls).toEqual(['half 1', 'double 1', 'half 2']);
    const { claims, seeds } = await runReproduction(doubling(calls), options);
    expect(claims[0]).toMatchObject({ measured: '2, 4', holds: true });
    expect(seeds).toEqual([1, 2]);
    expect(calls).toEqual(['half 1', 'double 1', 'half 2', 'double 2']);
    await runReproduction(doubling(calls), options);
    expect(calls).toHaveLength(4);
    await runReproduction({ ...doubling(calls), version: 2 }, options);
    expect(calls).toHaveLength(8);
  });

  it('tells how much of the work of all seeds is done, and never more', async () => {
    const told: number[] = [];
    await runReproduction(doubling([]), {
      seeds: 2,
      folder,
      threads: 1,
      onProgress: ({ done, total }) => told.push(done / total),
    });
    expect(told).toEqual([0.2, 0.5, 0.7, 1]);
  });

  it('ends when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(runReproduction(doubling([]), { seeds: 1, folder, threads: 1, signal })).rejects.toThrow('enough');
  });
});

describe('the page', () => {
  const section = (measured: string) => {
    const claims = doubling([])
      .judge([])
      .map((claim) => ({ ...claim, measured, holds: false }));
    return renderSection(doubling([]), { name: 'doubling', seeds: [1, 2], claims });
  };

  it('has a section for each experiment, and replaces that of the same name', () => {
    const first = withSection('', section('1'), 'doubling');
    expect(first).toContain('0 of 1 claims hold over 2 seeds.');
    expect(first).toContain('| **C1** Doubles \\| are even. | even | 1 | none | **no** |');
    const both = withSection(first, '## Another', 'another');
    const again = withSection(both, section('2'), 'doubling');
    expect(again).toContain('| even | 2 |');
    expect(again).not.toContain('| even | 1 |');
    expect(again.match(/^## .*/gm)).toEqual(['## Another', '## Doubling | twice']);
    expect(again.match(/^# /gm)).toHaveLength(1);
    expect(withSection(again, section('2'), 'doubling')).toBe(again);
  });
});

describe('figures over seeds', () => {
  it('are a mean and its standard error', () => {
    expect(standardError([1, 2, 3])).toBeCloseTo(Math.sqrt(1 / 3), 12);
    expect(formatMean([1, 2, 3])).toBe('2.00 ± 0.58');
    expect(formatMean([0.5], 1)).toBe('0.5');
  });
});

it('every experiment has a name of its own', () => {
  const names = reproductions.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
