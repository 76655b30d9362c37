import { describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { tokenizerOf } from '../load.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { extendTokenizer } from './extend.ts';
import { trainTokenizer } from './train.ts';

const general = ['the sun rose over the hills and the river', 'the rivers ran over the hills, and the sun set'];
const domain = Array.from(
  { length: 12 },
  (_, i) => `EBITDA margin ${i} was hedged; (EBITDA) amortisation of 12 swaptions 金融 xt xt`,
);

async function base(): Promise<Tokenizer> {
  const { files } = await trainTokenizer(general, { vocabSize: 360 });
  return tokenizerOf(files);
}

const plain = { addSpecialTokens: false } as const;

describe('extendTokenizer', () => {
  it('learns the words of a corpus behind the ids there are, and leaves other texts alone', async () => {
    const before = await base();
    const { files, added, documents } = await extendTokenizer(before, domain, { tokens: 1000 });
    const after = tokenizerOf(files);
    expect(documents).toBe(12);
    expect(added.map(({ id }) => id)).toEqual(added.map((_, i) => before.vocabSize + i));
    expect(after.vocabSize).toBe(before.vocabSize + added.length);
    for (let id = 0; id < before.vocabSize; id++) expect(after.tokenOf(id)).toBe(before.tokenOf(id));
    for (const text of general) expect([...after.encode(text)]).toEqual([...before.encode(text)]);
    expect(after.encode('EBITDA margin', plain)).toHaveLength(2);
    expect(after.encode(' 金融', plain)).toHaveLength(1);
    for (const text of [...general, ...domain]) expect(after.decode(after.encode(text, plain))).toBe(text);
    expect([after.bosId, after.eosId, after.padId]).toEqual([before.bosId, before.eosId, before.padId]);
  });

  it('says which tokens a new one was, and how often it occurred', async () => {
    const before = await base();
    const { files, added } = await extendTokenizer(before, domain, { tokens: 1000 });
    const after = tokenizerOf(files);
    for (const { id, pieces } of added) {
      const bytes = pieces.flatMap((piece) => [...before.tokenBytes(piece)]);
      expect(bytes).toEqual([...after.tokenBytes(id)]);
      expect(pieces.every((piece) => piece < before.vocabSize)).toBe(true);
    }
    const word = added.find(({ token }) => token === 'EBITDA')!;
    expect(word.pieces).toEqual([...before.encode('EBITDA', plain)]);
    expect(word.count).toBe(24);
  });

  it('joins what the tokenizer cut before, and cuts nowhere else', async () => {
    const before = await base();
    const { files, added } = await extendTokenizer(before, domain, { tokens: 1000 });
    const after = tokenizerOf(files);
    const pieces = new Map(added.map((token) => [token.id, token.pieces]));
    // Its own merge of t and h goes before the new one of x and t.
    const texts = [
      ...general,
      ...domain,
      'xthe xthe',
      'morgan rims theonsation tions hedgedthe',
      'EBITDAEBITDA amortise 1EBITDA',
    ];
    for (const text of texts) {
      const ids = [...after.encode(text, plain)];
      expect(ids.flatMap((id) => pieces.get(id) ?? [id])).toEqual([...before.encode(text, plain)]);
    }
  });

  it('makes no token of digits, marks or spaces alone, and none that is rare', async () => {
    const { added } = await extendTokenizer(await base(), domain, { tokens: 1000 });
    expect(added.length).toBeGreaterThan(20);
    for (const { token, count } of added) {
      expect(token).not.toMatch(/\d/);
      expect(count).toBeGreaterThanOrEqual(10);
    }
    const marks = Array.from({ length: 50 }, () => '((())) 2024 2024 !!!! ----');
    expect((await extendTokenizer(await base(), marks, { tokens: 100 })).added).toEqual([]);
    expect((await extendTokenizer(await base(), domain.slice(0, 2), { tokens: 100 })).added).toEqual([]);
  });

  it('stops at the number that was asked for, with the most frequent ones', async () => {
    const all = await extendTokenizer(await base(), domain, { tokens: 1000 });
    const some = await extendTokenizer(await base(), domain, { tokens: 7 });
    expect(some.added).toEqual(all.added.slice(0, 7));
  });

  it('leaves out the older forms of a vocabulary, and keeps the rest', async () => {
    const { files } = await base();
    const bytes = new TextEncoder().encode('{}');
    const given = tokenizerOf([...files, { name: 'vocab.json', bytes }, { name: 'chat_template.jinja', bytes }]);
    const { files: extended } = await extendTokenizer(given, domain, { tokens: 5 });
    const names = extended.map(({ name }) => name);
    expect(names).toContain('chat_template.jinja');
    expect(names).not.toContain('vocab.json');
  });

  it('refuses a number of tokens outside its range, and another kind of tokenizer', async () => {
    const tokenizer = await base();
    await expect(extendTokenizer(tokenizer, domain, { tokens: 0 })).rejects.toThrow(UsageError);
    await expect(extendTokenizer(tokenizer, domain, { tokens: 1.5 })).rejects.toThrow(UsageError);
    const words = { type: 'WordPiece', unk_token: '?', vocab: { '?': 0, a: 1 } };
    const bytes = new TextEncoder().encode(JSON.stringify({ model: words }));
    const other = tokenizerOf([{ name: 'tokenizer.json', bytes }]);
    await expect(extendTokenizer(other, domain, { tokens: 5 })).rejects.toThrow(
      /found WordPiece, expected byte-level BPE/,
    );
  });
});
