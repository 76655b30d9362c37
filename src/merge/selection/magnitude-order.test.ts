import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Workspace } from '../stream/workspace.ts';
import { magnitudeOrder, topThreshold } from './magnitude-order.ts';

const workspace = new Workspace(2 ** 26);

function inWorkspace(values: readonly number[]): Float32Array {
  const view = workspace.floats(values.length);
  view.set(values);
  return view;
}

/** Few values, so that ties are common. */
const value = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 2 ** -149, 1 + 2 ** -23, 3e38),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
);

describe('magnitudeOrder', () => {
  it('finds the elements that sorting finds, in any pieces', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), fc.nat(), fc.nat(199), (list, pick, cut) => {
        workspace.reset();
        const values = inWorkspace(list);
        const rank = pick % list.length;
        const sorted = values.map(Math.abs).sort();
        let zeros = -1;
        const [[statistic]] = magnitudeOrder(
          1,
          (counts) => {
            ({ zeros } = counts);
            expect(counts.total).toBe(list.length);
            return [rank];
          },
          (visit) => {
            visit(0, values.subarray(0, cut));
            visit(0, values.subarray(cut));
          },
          { kernels: workspace.kernels, counts: (length) => workspace.counts(length) },
        );
        const [found] = new Float32Array(Uint32Array.of(statistic.bits).buffer);
        expect(found).toBe(sorted[rank]);
        expect(statistic.below).toBe(sorted.filter((each) => each < found).length);
        expect(statistic.equal).toBe(sorted.filter((each) => each === found).length);
        expect(zeros).toBe(sorted.filter((each) => each === 0).length);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps exactly as many as asked for, equal ones by index', () => {
    workspace.reset();
    const values = inWorkspace([2, -1, 1, 3, 1, -1, 0.5]);
    const memory = { kernels: workspace.kernels, counts: (length: number) => workspace.counts(length) };
    const kept = 4;
    const [[statistic]] = magnitudeOrder(
      1,
      ({ total }) => [total - kept],
      (visit) => visit(0, values),
      memory,
    );
    const { threshold, quota } = topThreshold(statistic, values.length, kept);
    workspace.kernels.keepLargest(values, threshold, quota);
    expect([...values]).toEqual([2, -1, 1, 3, 0, 0, 0]);
  });
});
