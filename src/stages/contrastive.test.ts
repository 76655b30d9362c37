import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pair } from '../data/pairs/pair.ts';
import { Embedder, openEmbedder } from '../embed/embedder.ts';
import { measureRetrieval } from '../embed/measure-retrieval.ts';
import { saveEmbedder } from '../embed/save-embedder.ts';
import { finworldPairs } from '../embed/testing/finworld-pairs.ts';
import { tinyEmbedder } from '../embed/testing/tiny-embedder.ts';
import { InterruptedError, UsageError } from '../errors.ts';
import { Engine } from '../runtime/engine.ts';
import { type ContrastiveSettings, contrastive, defaultContrastiveSettings } from './contrastive.ts';

const engine = new Engine({ threads: 1 });
let root: string;
let learnt: readonly Pair[];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-contrastive-'));
  learnt = finworldPairs('train', 320);
});
afterAll(async () => {
  await engine.close();
  await rm(root, { recursive: true });
});

const prefixes = { query: 'query: ', document: 'passage: ' };
const settings: ContrastiveSettings = {
  ...defaultContrastiveSettings,
  learning_rate: 3e-3,
  num_train_epochs: 3,
  prefixes,
};

const fresh = () => tinyEmbedder(learnt.flatMap(({ query, positive }) => [query, positive]));

type Learning = Awaited<ReturnType<typeof fresh>>;

async function retrievalOf(model: Learning, pairs: readonly Pair[]) {
  const embedder = new Embedder('tiny', model.tokenizer, model, model.settings, engine);
  const scores = await measureRetrieval(embedder, pairs, prefixes);
  await embedder.release();
  return scores;
}

const contextIn = (folder: string) => ({ engine, folder: join(root, folder), hash: 'test' });

describe('contrastive training', () => {
  it('finds the tables of companies that it has never seen', { timeout: 120_000 }, async () => {
    const heldOut = finworldPairs('heldout', 64);
    const model = await fresh();
    const before = await retrievalOf(model, heldOut);
    const losses: number[] = [];
    await contrastive(model, learnt, settings, { ...contextIn('a'), onStep: ({ loss }) => losses.push(loss) });
    const after = await retrievalOf(model, heldOut);
    expect(losses.length).toBe(30);
    expect(losses.at(-1)!).toBeLessThan(losses[0] / 2);
    expect(after.ndcg10, JSON.stringify({ before, after })).toBeGreaterThan(before.ndcg10 + 0.15);

    // What is saved is the model, with all that makes vectors of it.
    const folder = join(root, 'saved');
    await saveEmbedder(folder, model);
    const opened = await openEmbedder(folder, { threads: 1 });
    expect(opened.settings).toMatchObject({ pooling: 'mean', normalize: true, maxLength: 160 });
    expect((await measureRetrieval(opened, heldOut, prefixes)).ndcg10).toBeCloseTo(after.ndcg10, 6);
    await opened.release();
  });

  it('goes on after an interruption with the same bits', { timeout: 120_000 }, async () => {
    const short = { ...settings, num_train_epochs: 0.3, batch_size: 16 };
    const whole = await fresh();
    await contrastive(whole, learnt, short, contextIn('whole'));
    const [first, second] = [await fresh(), await fresh()];
    const controller = new AbortController();
    const stopped = contrastive(first, learnt, short, {
      ...contextIn('parts'),
      signal: controller.signal,
      onStep: ({ step }) => step === 2 && controller.abort(),
    });
    await expect(stopped).rejects.toThrow(InterruptedError);
    const { steps } = await contrastive(second, learnt, short, contextIn('parts'));
    expect(steps).toBe(6);
    for (const [name, { weight }] of whole.parameters)
      expect(second.parameters.get(name)!.weight, name).toEqual(weight);
  });

  it('learns short vectors too where they are asked for', { timeout: 120_000 }, async () => {
    const heldOut = finworldPairs('heldout', 64);
    const scores = [];
    for (const matryoshka of [null, [48, 6]]) {
      const model = await fresh();
      await contrastive(model, learnt, { ...settings, matryoshka }, contextIn(`widths-${matryoshka}`));
      const embedder = new Embedder('tiny', model.tokenizer, model, model.settings, engine);
      const vectors = async (texts: readonly string[]) => embedder.embed(texts, { dimensions: 6 });
      const queries = await vectors(heldOut.map(({ query }) => prefixes.query + query));
      const documents = await vectors(heldOut.map(({ positive }) => prefixes.document + positive));
      const own = queries.map((query, i) => {
        const dots = documents.map((document) => document.reduce((sum, x, k) => sum + x * query[k], 0));
        return 1 / (1 + dots.filter((dot) => dot > dots[i]).length);
      });
      scores.push(own.reduce((a, b) => a + b, 0) / own.length);
      await embedder.release();
    }
    expect(scores[1]).toBeGreaterThan(scores[0] + 0.03);
  });

  it('refuses settings that cannot work', async () => {
    const run = contrastive(await fresh(), learnt, { ...settings, matryoshka: [49] }, contextIn('refused'));
    await expect(run).rejects.toThrow(UsageError);
    await expect(run).rejects.toThrow('matryoshka: found 49, expected whole numbers from 1 to 48');
  });
});
