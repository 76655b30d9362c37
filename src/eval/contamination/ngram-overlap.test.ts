import { describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { type ItemOverlap, NgramOverlap, type OverlapItem, type TrainingDocument } from './ngram-overlap.ts';
import { wordsOf } from './words.ts';

/** Every passage of every item looked for in every document, as text. */
function slowOverlap(items: readonly OverlapItem[], documents: readonly TrainingDocument[], n: number): ItemOverlap[] {
  const texts = documents.map(({ id, text }) => ({ id, text: ` ${[...wordsOf(text)].join(' ')} ` }));
  return items.map(({ id, text }) => {
    const words = [...wordsOf(text)];
    const covered = new Set<number>();
    let longest = 0;
    for (let start = 0; start < words.length; start++) {
      for (let end = start + n; end <= words.length; end++) {
        const passage = ` ${words.slice(start, end).join(' ')} `;
        if (!texts.some((document) => document.text.includes(passage))) continue;
        for (let place = start; place < end; place++) covered.add(place);
        longest = Math.max(longest, end - start);
      }
    }
    const holds = (document: { text: string }) =>
      words.some((_, start) => {
        const passage = words.slice(start, start + longest);
        return passage.length === longest && document.text.includes(` ${passage.join(' ')} `);
      });
    return {
      id,
      words: words.length,
      share: words.length < n ? null : covered.size / words.length,
      longest,
      document: longest === 0 ? undefined : texts.find(holds)?.id,
    };
  });
}

function overlap(items: readonly OverlapItem[], documents: readonly TrainingDocument[], n?: number): ItemOverlap[] {
  const found = new NgramOverlap(items, { n });
  for (const document of documents) found.add(document);
  return found.report();
}

describe('n-gram overlap', () => {
  it.each([2, 3, 5])('of %i words is what a search for every passage finds', (n) => {
    const random = stream(n, 'overlap');
    // Some words of the documents are in no item.
    const text = (most: number, words = 'abcde') =>
      Array.from({ length: random.below(most) }, () => words[random.below(words.length)]).join(
        random.below(2) ? ' ' : ', ',
      );
    for (let round = 0; round < 60; round++) {
      const items = Array.from({ length: 1 + random.below(5) }, (_, i) => ({ id: `item ${i}`, text: text(20) }));
      const documents = Array.from({ length: random.below(6) }, (_, i) => ({
        id: `document ${i}`,
        text: text(40, 'abcdexyz'),
      }));
      expect(overlap(items, documents, n)).toEqual(slowOverlap(items, documents, n));
    }
  });

  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `w${from + i}`).join(' ');

  it('of 13 words sees a passage of 13 and not of 12; 8 sees both', () => {
    const items = [{ id: 'q', text: numbers(0, 40) }];
    const twelve = [{ id: 'd', text: `x ${numbers(5, 17)} y` }];
    const thirteen = [{ id: 'd', text: `x ${numbers(5, 18)} y` }];
    expect(overlap(items, twelve)).toEqual([{ id: 'q', words: 40, share: 0, longest: 0, document: undefined }]);
    expect(overlap(items, thirteen)).toEqual([{ id: 'q', words: 40, share: 13 / 40, longest: 13, document: 'd' }]);
    expect(overlap(items, twelve, 8)[0]).toMatchObject({ share: 12 / 40, longest: 12 });
  });

  it('adds up documents for the share, but not for the longest passage', () => {
    const items = [{ id: 'q', text: numbers(0, 40) }];
    const documents = [
      { id: 'one', text: numbers(0, 20) },
      { id: 'two', text: numbers(18, 40) },
    ];
    expect(overlap(items, documents)).toEqual([{ id: 'q', words: 40, share: 1, longest: 22, document: 'two' }]);
  });

  it('does not mind case, spacing, punctuation and width', () => {
    const item = 'Net income (GAAP) rose by 12% to $4.5bn, while the margin fell in all three segments.';
    const copy = 'net income gaap\n\nROSE by １２ to 4 5bn while—the margin fell in all: three segments';
    expect(overlap([{ id: 'q', text: item }], [{ id: 'd', text: copy }])[0].share).toBe(1);
  });

  it('goes by characters in Chinese and Japanese', () => {
    const items = [{ id: 'q', text: '公司第三季度营业收入同比增长百分之十二。' }];
    expect(overlap(items, [{ id: 'd', text: '据悉，公司第三季度营业收入同比增长百分之九' }])[0]).toMatchObject({
      words: 19,
      longest: 17,
    });
  });

  it('says nothing of items that are too short, and finds nothing in nothing', () => {
    expect(overlap([{ id: 'q', text: 'too short' }], [{ id: 'd', text: 'too short' }])[0].share).toBeNull();
    expect(overlap([], [{ id: 'd', text: 'words' }])).toEqual([]);
    expect(overlap([{ id: 'q', text: '' }], [{ id: 'd', text: '\ud83d \u0000' }])[0]).toMatchObject({
      words: 0,
      longest: 0,
    });
    expect(() => new NgramOverlap([], { n: 1 })).toThrow('n-grams of 1 words');
  });
});
