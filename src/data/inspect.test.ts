import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectCorpus, inspectPacking, lengthHistogram } from './inspect.ts';
import { packStore } from './pack-store.ts';
import { layOut } from './packed-batch.ts';
import { renderHistogram, renderRow } from './render.ts';
import { memoryStore } from './token-store.ts';
import { tokenizeDocuments } from './tokenize.ts';

/** Ids are character codes, so that rows can be read. */
const letters = (text: string, trained?: string) => ({
  ids: Int32Array.from(text, (c) => c.codePointAt(0) ?? 0),
  trained: trained === undefined ? undefined : Uint8Array.from(trained, Number),
});
const decode = (ids: number[]) => String.fromCodePoint(...ids);
const END = '$'.charCodeAt(0);

describe('inspectCorpus', () => {
  it('counts documents, tokens, bytes and lengths', async () => {
    const root = mkdtempSync(join(tmpdir(), 'inspect-'));
    try {
      writeFileSync(join(root, 'a.jsonl'), '{"text":"é"}\n{"text":"abcd"}\n{"text":"abcde"}\n');
      const tokenizer = {
        hash: 'h',
        vocabSize: 300,
        encode: (text: string) => Int32Array.from(text, (c) => c.charCodeAt(0)),
      };
      const corpus = await tokenizeDocuments('.', tokenizer, { root, cacheDir: join(root, '.cache') });
      expect(inspectCorpus(corpus)).toEqual({
        documents: 3,
        tokens: 10,
        bytes: 11,
        bytesPerToken: 1.1,
        lengths: [
          { from: 1, to: 2, count: 1 },
          { from: 2, to: 4, count: 0 },
          { from: 4, to: 8, count: 2 },
        ],
        sources: [{ source: 'a.jsonl', documents: 3, tokens: 10, bytes: 11 }],
      });
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

describe('lengthHistogram', () => {
  it('puts every length into the bin that holds it', () => {
    const lengths = [0, 1, 2, 3, 4, 7, 8, 1023, 1024];
    const bins = lengthHistogram(lengths);
    for (const { from, to, count } of bins) expect(lengths.filter((l) => l >= from && l < to).length).toBe(count);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(lengths.length);
    expect(lengthHistogram([])).toEqual([]);
  });

  it('is drawn with a mark for every bin that is not empty', () => {
    const bins = lengthHistogram([1, 5, 5, 5, ...new Array(1000).fill(9)]);
    expect(renderHistogram(bins, { width: 10 })).toBe(
      ['   1      1  #', ' 2-3      0', ' 4-7      3  #', '8-15  1,000  ##########'].join('\n'),
    );
    expect(renderHistogram([])).toBe('');
  });
});

describe('inspectPacking', () => {
  it('gives fill, share trained and examples', () => {
    const documents = [letters('abcd', '0011'), letters('ef'), letters('gh', '00'), letters('i')];
    const batches = [...packStore(memoryStore(documents), { length: 5, rows: 2 }).batches()];
    expect(inspectPacking(batches)).toEqual({
      batches: 1,
      tokens: 9,
      fill: 0.9,
      labels: 3,
      trainedShare: 3 / 9,
      examples: 4,
      examplesPerBatch: 4,
      untrainedExamples: 1,
    });
  });

  it('stands nothing', () => {
    expect(inspectPacking([])).toMatchObject({ batches: 0, fill: 0, trainedShare: 0, examplesPerBatch: 0 });
  });
});

describe('renderRow', () => {
  const documents = memoryStore([letters('Rates?up', '00000011'), letters('a\x1b[2J\n\u202eb')]);
  const pieces = [
    { source: 0, index: 0, document: 0, start: 0, length: 9, parts: 1 },
    { source: 0, index: 1, document: 1, start: 0, length: 8, parts: 1 },
  ];
  const batch = layOut([pieces], [documents], { rows: 2, length: 20, endId: END });

  it('shows segments and what is learnt, in plain marks', () => {
    expect(renderRow(batch, 0, { decode, color: false })).toBe(
      [
        'segment 1: 9 tokens, 3 trained',
        '[-Rates?-]up$',
        'segment 2: 8 tokens, 7 trained',
        '[-a-]\\u{1b}[2J\\n\\u{202e}b',
        'padding: 3',
      ].join('\n'),
    );
    expect(renderRow(batch, 1, { decode, color: false })).toBe('padding: 20');
  });

  it('or in colours, and lets no escape of the text through', () => {
    const colored = renderRow(batch, 0, { decode, color: true });
    expect(colored).toContain('\x1b[2mRates?\x1b[0m\x1b[32mup$\x1b[0m');
    const unstyled = ['1', '2', '32', '0'].reduce((text, style) => text.replaceAll(`\x1b[${style}m`, ''), colored);
    expect(unstyled).not.toContain('\x1b');
  });

  it('refuses a row that is not there', () => {
    expect(() => renderRow(batch, 2, { decode, color: false })).toThrow();
  });
});
