import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyEmbedder } from '../embed/testing/tiny-embedder.ts';
import { loadPairSet } from './pair-set.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'finery-pairs-'));
});
afterAll(() => rmSync(root, { recursive: true }));

/** Each with the documents of the two behind it as negatives, as if they were mined. */
const mined = Array.from({ length: 20 }, (_, i) => ({
  query: `query ${i}`,
  positive: `document ${i}`,
  negatives: [`document ${(i + 1) % 20}`, `document ${(i + 2) % 20}`],
}));

async function load(lines: readonly unknown[], max_pairs: number | null = null) {
  writeFileSync(join(root, 'pairs.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const { tokenizer } = await tinyEmbedder(mined.map(({ positive }) => positive));
  const files = { files: ['pairs.jsonl'], held_out: { share: 0.3, seed: 1 }, max_pairs };
  return loadPairSet('finder', files, tokenizer, { root });
}

describe('a set of pairs', () => {
  it('keeps documents that are held out from the negatives of what is learnt', async () => {
    const { train, heldOut } = await load(mined);
    const asked = heldOut.map(({ positive }) => positive);
    expect(asked.length).toBeGreaterThan(1);
    const against = train.flatMap(({ negatives }) => negatives);
    expect(against.length).toBeGreaterThan(train.length / 2);
    expect(against.filter((text) => asked.includes(text))).toEqual([]);
    expect(heldOut.every(({ negatives }) => negatives.length === 2)).toBe(true);
  });

  it('reads so many pairs and no further', async () => {
    const { train, heldOut } = await load([...mined, { query: 'without a document' }], 10);
    expect(train.length + heldOut.length).toBe(10);
    await expect(load([...mined, { query: 'without a document' }])).rejects.toThrow(/positive/);
  });
});
