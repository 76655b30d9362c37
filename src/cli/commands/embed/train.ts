/** `finery embed train`: an encoder learns to find documents by queries. */

import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { type Command, Option } from 'commander';
import {
  type AdaptedEmbedder,
  attachEncoderAdapter,
  type EmbedderAdapterMethod,
  embedderAdapterMethods,
} from '../../../adapters/attach-encoder.ts';
import { baseModelName } from '../../../adapters/peft/base-model-name.ts';
import { defaultAdapterSettings } from '../../../adapters/settings.ts';
import { readManifest } from '../../../checkpoint/manifest.ts';
import type { Pair } from '../../../data/pairs/pair.ts';
import { readPairs } from '../../../data/pairs/read-pairs.ts';
import { Embedder } from '../../../embed/embedder.ts';
import { measureRetrieval, type RetrievalPrefixes } from '../../../embed/measure-retrieval.ts';
import { openAdaptableEmbedder, openTrainableEmbedder } from '../../../embed/open-trainable-embedder.ts';
import type { RetrievalScores } from '../../../embed/retrieval.ts';
import { saveEmbedder, saveEmbedderAdapter, saveMergedEmbedder } from '../../../embed/save-embedder.ts';
import { UsageError } from '../../../errors.ts';
import { lockFolder } from '../../../files/folder-lock.ts';
import { makeFolder } from '../../../files/make-folder.ts';
import { removeFolder } from '../../../files/remove-folder.ts';
import { exists } from '../../../files/temporary-name.ts';
import { modelHash } from '../../../models/model-hash.ts';
import { type Pooling, poolings } from '../../../objectives/encoder/text-batch.ts';
import { formatPlural } from '../../../observe/numbers.ts';
import { Engine } from '../../../runtime/engine.ts';
import {
  type ContrastiveSettings,
  contrastive,
  defaultContrastiveSettings,
  type LearningEmbedder,
} from '../../../stages/contrastive.ts';
import { modelFolder } from '../../model-folder.ts';
import { decimal, integer, names, wrongValue } from '../../option-values.ts';
import type { Terminal } from '../../terminal.ts';

interface Flags {
  readonly heldOut?: string;
  readonly batchSize: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly temperature: number;
  readonly hardNegatives: number;
  readonly matryoshka?: readonly number[];
  readonly queryPrefix?: string;
  readonly documentPrefix?: string;
  readonly pooling?: Pooling;
  readonly maxLength?: number;
  readonly adapter?: EmbedderAdapterMethod;
  readonly rank?: number;
  readonly alpha?: number;
  readonly targetModules?: readonly string[];
  readonly merge?: true;
  readonly seed: number;
  readonly threads?: number;
}

const details = `
PAIRS has a record for each query:
  {"query":"..","positive":"..","negatives":["..",..]}

positive is the document that answers the query, negatives are documents that only seem to. In a
step each query is held against the documents of all others too (InfoNCE), so a larger batch is a
harder lesson. With --matryoshka 768,256,64 the first 256 and 64 numbers of each vector learn to
find by themselves.

MODEL is an encoder (bert, roberta, xlm-roberta), a folder of sentence-transformers, or a decoder.
OUT/model is the result, which sentence-transformers opens too. With --held-out the queries of
other pairs are put to the model before and after: accuracy is the share whose own document comes
first among the documents of all. The same command goes on where it was interrupted; what another
one has made in OUT is never replaced.

With --adapter the model stays as it is and OUT/adapter is the result, which PEFT and
sentence-transformers open too; --merge writes OUT/model, with the adapter in it, as well.

  finery embed train BAAI/bge-small-en-v1.5 pairs.jsonl runs/finder --held-out held-out.jsonl
  finery embed train BAAI/bge-small-en-v1.5 pairs.jsonl runs/small --adapter lora --learning-rate 2e-4
  finery embed BAAI/bge-small-en-v1.5 passages.jsonl --adapter runs/small/adapter`;

const { batch_size, num_train_epochs, learning_rate, temperature, hard_negatives } = defaultContrastiveSettings;

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('An encoder learns to put queries near the documents that answer them.')
    .argument('<model>', 'Hugging Face folder, folder of sentence-transformers, .gguf file, or hub id')
    .argument('<pairs>', 'records with query and positive: .jsonl, .json, .parquet')
    .argument('<out>', 'the folder to make, or to go on with')
    .option('--held-out <file>', 'pairs to measure with, before and after')
    .option('--batch-size <n>', 'queries of a step', integer('--batch-size', 2), batch_size)
    .option('--epochs <x>', 'passes over the pairs', decimal('--epochs'), num_train_epochs)
    .option('--learning-rate <x>', 'the highest', decimal('--learning-rate'), learning_rate)
    .option('--temperature <x>', 'what cosines are divided by', decimal('--temperature'), temperature)
    .option('--hard-negatives <n>', 'negatives of a query at most', integer('--hard-negatives', 0), hard_negatives)
    .option('--matryoshka <widths>', 'numbers of a vector that find by themselves', widths)
    .option('--query-prefix <text>', "what goes before queries; default the model's prompt for them")
    .option('--document-prefix <text>', "what goes before documents; default the model's prompt for them")
    .addOption(new Option('--pooling <kind>', 'what a vector is made of').choices([...poolings]))
    .option('--max-length <n>', 'tokens of a text, those around it among them', integer('--max-length', 1))
    .addOption(
      new Option('--adapter <method>', 'train this alone, over the model').choices([...embedderAdapterMethods]),
    )
    .option('--rank <n>', `of the adapter; default ${defaultAdapterSettings.r}`, integer('--rank', 1, 4096))
    .option('--alpha <x>', `its strength, times rank; default ${defaultAdapterSettings.alpha}`, decimal('--alpha'))
    .option('--target-modules <names>', 'linear layers that it is for; default all in the blocks', names)
    .option('--merge', 'write the model with the adapter merged into it, too')
    .option('--seed <n>', 'orders the pairs, and begins an adapter', integer('--seed', 0, 2 ** 32 - 1), 0)
    .option('--threads <n>', 'threads to compute with; default all cores', integer('--threads', 1, 1024))
    .addHelpText('after', details)
    .action((model: string, pairs: string, out: string, flags: Flags) => train(model, pairs, out, flags, terminal));
}

function widths(word: string): readonly number[] {
  if (/^\d+(,\d+)*$/.test(word)) return word.split(',').map(Number);
  throw wrongValue('--matryoshka', JSON.stringify(word), 'whole numbers with commas between');
}

async function train(name: string, file: string, out: string, flags: Flags, terminal: Terminal): Promise<void> {
  const { signal } = terminal;
  requireAdapter(flags);
  const pairs = await readPairs(file, { signal });
  const heldOut = flags.heldOut === undefined ? undefined : await readPairs(flags.heldOut, { signal });
  const folder = await modelFolder(name, terminal);
  for (const input of [folder, file, flags.heldOut]) await requireOutside(input, out);
  const { model, prefixes, begun } = await open(folder, flags);
  for (const warning of model.warnings) terminal.warn(warning);
  const settings: ContrastiveSettings = {
    ...defaultContrastiveSettings,
    batch_size: flags.batchSize,
    num_train_epochs: flags.epochs,
    learning_rate: flags.learningRate,
    temperature: flags.temperature,
    hard_negatives: flags.hardNegatives,
    matryoshka: flags.matryoshka ?? null,
    prefixes,
    seed: flags.seed,
  };
  const lock = await lockFolder(await makeFolder(out, 'the model'));
  const engine = new Engine({ threads: flags.threads });
  const hash = createHash('sha256').update(JSON.stringify([...begun, model.settings, settings, pairs]));
  const run = hash.digest('hex');
  const line = terminal.progressLine();
  try {
    await requireSameRun(out, run);
    const before = await measured(model, heldOut, prefixes, engine);
    const { steps, tokens, cutTexts } = await contrastive(model, pairs, settings, {
      engine,
      folder: out,
      hash: run,
      signal,
      onStep: ({ step, loss }, total) => line.update({ stage: 'embed', step, total, loss }),
      onWarning: (warning) => terminal.warn(warning),
    });
    line.done();
    if (cutTexts > 0) terminal.warn(`${formatPlural(cutTexts, 'text')} cut to ${model.settings.maxLength} tokens`);
    const after = await measured(model, heldOut, prefixes, engine);
    const written = await save(model, { out, folder, name, run, isMerged: flags.merge });
    await removeFolder(join(out, 'checkpoints'));
    const result = { ...written, steps, tokens, ...(before && { before, after }) };
    await terminal.print(result, () => describe(Object.values(written).join(' and '), steps, before, after));
  } finally {
    line.done();
    await engine.close();
    await lock.release();
  }
}

/** Settings of an adapter without one would be passed over. */
function requireAdapter({ adapter, rank, alpha, targetModules, merge }: Flags): void {
  if (adapter !== undefined) return;
  const given = Object.entries({
    '--rank': rank,
    '--alpha': alpha,
    '--target-modules': targetModules,
    '--merge': merge,
  });
  const [option] = given.find(([, value]) => value !== undefined) ?? [];
  if (option !== undefined) throw wrongValue(option, 'it without --adapter', 'it together with --adapter');
}

/** Folders that a result may be in. */
const resultsIn = (out: string) => ({ whole: join(out, 'model'), part: join(out, 'adapter') });

/** @throws UsageError for what is read and would go when a result takes its place */
async function requireOutside(input: string | undefined, out: string): Promise<void> {
  const real = input === undefined ? undefined : await realPath(input);
  for (const result of Object.values(resultsIn(out))) {
    const target = await realPath(result);
    if (real === undefined || target === undefined || !`${real}${sep}`.startsWith(`${target}${sep}`)) continue;
    throw new UsageError({
      field: result,
      found: `${input}, which is read`,
      expected: 'another place for the result',
      fix: 'Choose another OUT.',
    });
  }
}

/** Undefined for what is not there. */
const realPath = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined);

/** @throws UsageError for a result that the run would replace, or stand beside, and has not made */
async function requireSameRun(out: string, run: string): Promise<void> {
  for (const result of Object.values(resultsIn(out))) {
    if (!(await exists(result))) continue;
    const manifest = await readManifest(result).catch(() => undefined);
    if (manifest?.run === run) continue;
    throw new UsageError({
      field: result,
      found: 'the result of another run: model, pairs or settings differ',
      expected: 'nothing, or what this command has made',
      fix: 'Choose another OUT, or remove it first.',
    });
  }
}

type MeasurableEmbedder = LearningEmbedder & Pick<AdaptedEmbedder, 'settings'>;

interface Opened {
  readonly model: MeasurableEmbedder;
  readonly prefixes: RetrievalPrefixes;
  /** What it is before it learns. */
  readonly begun: readonly unknown[];
}

async function open(folder: string, flags: Flags): Promise<Opened> {
  const { adapter: method, queryPrefix: query, documentPrefix: document, seed } = flags;
  const options = { ...flags, prefixes: { query, document } };
  if (method === undefined) {
    const { prefixes, ...model } = await openTrainableEmbedder(folder, options);
    return { model, prefixes, begun: [modelHash(model)] };
  }
  const { prefixes, ...base } = await openAdaptableEmbedder(folder, options);
  const { r, alpha, targetModules } = defaultAdapterSettings;
  const settings = {
    method,
    r: flags.rank ?? r,
    alpha: flags.alpha ?? alpha,
    targetModules: flags.targetModules ?? targetModules,
  };
  return { model: attachEncoderAdapter(base, settings, { seed }), prefixes, begun: [modelHash(base), settings] };
}

interface Destination {
  readonly out: string;
  /** Of the model that was trained, or that the adapter is over. */
  readonly folder: string;
  /** As it was asked for. */
  readonly name: string;
  /** Hash of all that the result depends on. */
  readonly run: string;
  readonly isMerged: boolean | undefined;
}

/** @returns the folders that were written */
async function save(model: LearningEmbedder, { out, folder, name, run, isMerged }: Destination) {
  const { whole, part } = resultsIn(out);
  // What is replaced has been made by the same run.
  const options = { notes: { run }, replace: true };
  if (!('adapter' in model)) {
    await saveEmbedder(whole, model, options);
    return { out: whole };
  }
  await saveEmbedderAdapter(part, model, { ...options, baseModel: baseModelName({ name, folder }) });
  if (!isMerged) return { out: part };
  await saveMergedEmbedder(whole, model, options);
  return { out: part, merged: whole };
}

async function measured(
  model: MeasurableEmbedder,
  pairs: readonly Pair[] | undefined,
  prefixes: RetrievalPrefixes,
  engine: Engine,
): Promise<RetrievalScores | undefined> {
  if (!pairs) return undefined;
  const embedder = new Embedder('model', model.tokenizer, model, model.settings, engine);
  try {
    return await measureRetrieval(embedder, pairs, prefixes);
  } finally {
    await embedder.release();
  }
}

function describe(out: string, steps: number, before?: RetrievalScores, after?: RetrievalScores): string {
  const lines = [`${out}, after ${formatPlural(steps, 'step')}`];
  if (before && after) {
    for (const metric of ['accuracy', 'ndcg10', 'mrr'] as const) {
      lines.push(`${metric.padEnd(9)} ${before[metric].toFixed(4)} before, ${after[metric].toFixed(4)} after`);
    }
  }
  return lines.join('\n');
}
