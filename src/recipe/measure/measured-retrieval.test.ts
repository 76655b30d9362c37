import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Pair } from '../../data/pairs/pair.ts';
import { saveEmbedder } from '../../embed/save-embedder.ts';
import { tinyEmbedder } from '../../embed/testing/tiny-embedder.ts';
import { Engine } from '../../runtime/engine.ts';
import { measuredRetrieval } from './measured-retrieval.ts';

let root: string;
const engine = new Engine({ threads: 1 });
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'finery-measured-'));
});
afterAll(async () => {
  await engine.close();
  rmSync(root, { recursive: true });
});

/** A query in the words of its document is found without learning; two queries have the same document. */
const heldOut: Pair[] = ['red lamp', 'blue chair', 'green desk', 'blue chair'].map((thing, i) => {
  return { query: i === 3 ? 'the chair' : thing, positive: thing, negatives: [] };
});

it('asks a model once, and again where its folder says something else about vectors', async () => {
  const checkpoint = join(root, 'model');
  await saveEmbedder(checkpoint, await tinyEmbedder(heldOut.map(({ query }) => query)));
  let asked = 0;
  const measure = () =>
    measuredRetrieval({ folder: root, checkpoint }, [{ name: 'things', heldOut }], { engine, begin: () => asked++ });
  const figures = await measure();
  expect([...figures.keys()]).toEqual(['ndcg_at_10/things', 'mrr/things']);
  const { items, value, n, stderr } = figures.get('mrr/things')!;
  expect(items.slice(0, 3).map(({ contributions }) => contributions)).toEqual(
    Array.from({ length: 3 }, () => [{ kind: 'value', value: 1 }]),
  );
  expect(items.map(({ cluster }) => cluster)).toEqual(['0', '1', '2', '1']);
  expect([n, value! >= 0.75, stderr === null]).toEqual([4, true, false]);
  expect(await measure()).toEqual(figures);
  expect(asked).toBe(1);
  const pooling = join(checkpoint, '1_Pooling', 'config.json');
  const said = JSON.parse(readFileSync(pooling, 'utf8'));
  writeFileSync(pooling, JSON.stringify({ ...said, pooling_mode_mean_tokens: false, pooling_mode_cls_token: true }));
  await measure();
  expect(asked).toBe(2);
});
