/**
 * A small encoder learns, from nothing, to find the table that answers a question, and is asked about companies that it
 * has never seen: `npx tsx scripts/finworld-retrieval.ts [--pairs 768] [--epochs 3] [--held-out 200] [--save DIR]`.
 * Prints accuracy, nDCG@10 and mean reciprocal rank among the held-out tables, before and after, and saves the model.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Embedder } from '../src/embed/embedder.ts';
import { measureRetrieval } from '../src/embed/measure-retrieval.ts';
import { saveEmbedder } from '../src/embed/save-embedder.ts';
import { finworldPairs } from '../src/embed/testing/finworld-pairs.ts';
import { tinyEmbedder } from '../src/embed/testing/tiny-embedder.ts';
import { Engine } from '../src/runtime/engine.ts';
import { contrastive, defaultContrastiveSettings } from '../src/stages/contrastive.ts';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '768' },
    epochs: { type: 'string', default: '3' },
    'held-out': { type: 'string', default: '200' },
    save: { type: 'string' },
  },
});

const learnt = finworldPairs('train', Number(values.pairs));
const heldOut = finworldPairs('heldout', Number(values['held-out']));
const model = await tinyEmbedder(learnt.flatMap(({ query, positive }) => [query, positive]));
const engine = new Engine({ threads: 1 });
const prefixes = { query: '', document: '' };

async function measured() {
  const embedder = new Embedder('tiny', model.tokenizer, model, model.settings, engine);
  const scores = await measureRetrieval(embedder, heldOut, prefixes);
  await embedder.release();
  return scores;
}

const folder = await mkdtemp(join(tmpdir(), 'finworld-retrieval-'));
const before = await measured();
const settings = { ...defaultContrastiveSettings, learning_rate: 3e-3, num_train_epochs: Number(values.epochs) };
const cpu = process.cpuUsage();
const { steps } = await contrastive(model, learnt, settings, { engine, folder, hash: 'finworld-retrieval' });
const { user, system } = process.cpuUsage(cpu);
console.log(
  JSON.stringify({
    heldOut: heldOut.length,
    steps,
    cpuSeconds: (user + system) / 1e6,
    before,
    after: await measured(),
  }),
);
if (values.save !== undefined) await saveEmbedder(values.save, model, { replace: true });
await rm(folder, { recursive: true });
await engine.close();
