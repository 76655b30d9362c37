import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { boundaryEntityF1, mentionEntityF1, type SpanEntity, strictEntityF1 } from './entity-f1.ts';

interface Golden {
  readonly gold: readonly (readonly SpanEntity[])[];
  readonly predicted: readonly (readonly SpanEntity[])[];
  readonly micro: readonly [number, number, number];
  readonly types: Readonly<Record<string, number>>;
}

const path = new URL('../../../test/golden/evaluation/metrics.json', import.meta.url);
const golden: Golden = JSON.parse(readFileSync(path, 'utf8')).entities;
const items = golden.gold.map((gold, i) => ({ gold, predicted: golden.predicted[i] }));
const span = (type: string, start: number, end: number): SpanEntity => ({ type, start, end });

describe('strict entity F1', () => {
  it('is that of seqeval, over all types and each', () => {
    const { precision, recall, f1, types } = strictEntityF1(items);
    expect([precision.value, recall.value, f1.value]).toEqual(golden.micro.map((value) => expect.closeTo(value, 12)));
    const byType = Object.fromEntries([...types].map(([type, scores]) => [type, scores.f1.value]));
    const expected = Object.entries(golden.types).map(([type, value]) => [type, expect.closeTo(value, 12)]);
    expect(byType).toEqual(Object.fromEntries(expected));
  });

  it('wants boundaries and type; boundaries alone are another score', () => {
    const one = [{ gold: [span('ORG', 0, 2), span('PER', 3, 4)], predicted: [span('PER', 0, 2), span('PER', 3, 5)] }];
    expect(strictEntityF1(one).f1.value).toBe(0);
    expect(boundaryEntityF1(one).f1.value).toBe(0.5);
  });

  it('counts an entity once, however often it is predicted', () => {
    const { precision, recall } = strictEntityF1([
      { gold: [span('ORG', 0, 1)], predicted: [span('ORG', 0, 1), span('ORG', 0, 1)] },
    ]);
    expect([precision.value, recall.value]).toEqual([0.5, 1]);
  });

  it('counts failed documents apart, and finds nothing where nothing could be read', () => {
    const documents = [...items, null, { gold: [span('ORG', 0, 1)], predicted: undefined }];
    const { precision, recall } = strictEntityF1(documents);
    expect(precision.value).toBeCloseTo(golden.micro[0], 12);
    expect(recall.value!).toBeLessThan(golden.micro[1]);
    expect(recall).toMatchObject({ n: items.length + 1, missing: 1 });
    expect(recall.stderr!).toBeGreaterThan(0);
  });

  it('is null where there is nothing to find and nothing was found', () => {
    expect(strictEntityF1([{ gold: [], predicted: [] }]).f1.value).toBeNull();
  });
});

describe('entity F1 by mention', () => {
  it('does not mind case, spacing and repetition, but the type', () => {
    const { precision, recall } = mentionEntityF1([
      {
        gold: [
          { type: 'ORG', text: 'Fed  Board' },
          { type: 'ORG', text: 'fed board' },
          { type: 'LOC', text: 'Rome' },
        ],
        predicted: [
          { type: 'ORG', text: ' FED\nBOARD ' },
          { type: 'PER', text: 'Rome' },
        ],
      },
    ]);
    expect([precision.value, recall.value]).toEqual([0.5, 0.5]);
  });

  it('does not confuse entities whose type and words run together alike', () => {
    const { f1 } = mentionEntityF1([{ gold: [{ type: 'A B', text: 'c' }], predicted: [{ type: 'A', text: 'B c' }] }]);
    expect(f1.value).toBe(0);
  });
});
