/**
 * Supervised fine-tuning of an encoder-decoder: answers to texts, learnt in a number of passes over all of them. The loss is
 * on the answer, as in all fine-tuning; each pair has a row of its own, since nothing may be packed beside it.
 */
import { fitsRows, sidesOf } from '../data/conversations/encode-pair.ts';
import { type LearntPairs, rowLengths, Seq2SeqStream } from '../data/seq2seq-stream.ts';
import { UsageError } from '../errors.ts';
import type { EncoderDecoderModel } from '../models/encoder-decoder-model.ts';
import type { Seq2SeqShape } from '../objectives/seq2seq/batch.ts';
import { Seq2SeqPrograms } from '../objectives/seq2seq/programs.ts';
import type { TrainedEncoderDecoder } from '../train/trained-model.ts';
import { setOf, type TrainingSets } from './examples.ts';
import { generatePairSamples } from './samples/generate-samples.ts';
import { samplePrompts } from './samples/sample-prompts.ts';
import type { SftSettings } from './sft.ts';
import {
  type Learner,
  learn,
  type PlanContext,
  type StageContext,
  type StagePlan,
  type StageResult,
  scheduleOver,
} from './train-stage.ts';

/** Shapes of batches that are kept compiled: three lengths of either side, of which few pairs come up. */
const mostPrograms = 4;

/** What fine-tuning means for an encoder-decoder. */
export type Seq2SeqSftSettings = Omit<SftSettings, 'replay' | 'neftune_noise_alpha'>;

/**
 * Trains the model in place, or the adapter over it, see `learn`. Pairs with a side that is longer than `batch.length` are
 * left out and told.
 * @throws UsageError for settings that cannot work, such as rows that no pair fits, and as `learn`
 */
export async function seq2seqSft(
  model: TrainedEncoderDecoder,
  sets: TrainingSets,
  settings: Seq2SeqSftSettings,
  context: StageContext,
): Promise<StageResult> {
  return learn(model, planSeq2SeqSft(model, sets, settings, context), learnerOf(model, context), settings, context);
}

/** What is learnt, and over how many steps. */
export function planSeq2SeqSft(
  { architecture: { startId } }: Pick<EncoderDecoderModel, 'architecture'>,
  sets: TrainingSets,
  settings: Seq2SeqSftSettings,
  { seed, onWarning }: PlanContext,
): StagePlan<LearntPairs> {
  const { rows, length, gradient_accumulation_steps: passes } = settings.batch;
  const { max_steps: wanted, num_train_epochs: epochs, on } = settings;
  for (const name of on) tellLong(name, sets, { length, onWarning });
  const sources = on.map((name) => ({ name, store: setOf(name, sets).train }));
  const limit = wanted === undefined ? epochs : undefined;
  const batches = new Seq2SeqStream(sources, { rows, length, seed, startId, epochs: limit });
  if (batches.pairs === 0) throw nothingFits(settings, sets);
  const steps = wanted ?? Math.ceil((epochs * batches.batchesOfPass) / passes);
  return { sets, batches, schedule: scheduleOver(steps, settings) };
}

/** Shapes of the programs that take most, of those that may come up. */
export function shapesOfSft(
  sets: TrainingSets,
  { on, batch: { rows, length } }: Pick<Seq2SeqSftSettings, 'on' | 'batch'>,
): readonly Seq2SeqShape[] {
  const sides = on.flatMap((name) => sidesIn(name, sets)).filter((pair) => fitsRows(pair, length));
  const lengths = rowLengths(sides);
  const inputs = new Set(sides.map(({ input }) => lengths.input(input)));
  const targets = new Set(sides.map(({ target }) => lengths.target(target)));
  const shapes = [...inputs].flatMap((inputLength) =>
    [...targets].map((targetLength) => ({ rows, inputLength, targetLength })),
  );
  const places = ({ inputLength, targetLength }: Seq2SeqShape) => inputLength + targetLength;
  return shapes.sort((a, b) => places(b) - places(a)).slice(0, mostPrograms);
}

function learnerOf(model: TrainedEncoderDecoder, { engine, signal }: StageContext): Learner<LearntPairs> {
  const programs = new Seq2SeqPrograms(engine, model, { most: mostPrograms });
  return {
    forwardBackward: (batch, options) => programs.forwardBackward(batch, options),
    async asking(samples, parts) {
      const { config, tokenizer } = model;
      if (!tokenizer) return undefined;
      const prompts = await samplePrompts({ config, tokenizer }, parts, samples);
      const { architecture, parameters } = model;
      return () => generatePairSamples(engine, { architecture, parameters, tokenizer }, prompts, { signal });
    },
    release: () => programs.release(),
  };
}

function tellLong(
  name: string,
  sets: TrainingSets,
  { length, onWarning }: { readonly length: number } & Pick<PlanContext, 'onWarning'>,
): void {
  const sides = sidesIn(name, sets);
  const long = sides.filter((pair) => !fitsRows(pair, length)).length;
  if (long === 0) return;
  const all = `${long} of ${sides.length} conversations`;
  onWarning(`${name}: ${all} have a text or an answer that is longer than batch.length ${length} and are left out`);
}

function sidesIn(name: string, sets: TrainingSets) {
  const { train } = setOf(name, sets);
  return Array.from({ length: train.documents }, (_, i) => sidesOf(train.trained!(i)!));
}

function nothingFits({ on, batch }: Seq2SeqSftSettings, sets: TrainingSets): UsageError {
  const longer = on.flatMap((name) => sidesIn(name, sets)).map(({ input, target }) => Math.max(input, target));
  const shortest = longer.reduce((least, tokens) => Math.min(least, tokens), Number.POSITIVE_INFINITY);
  return new UsageError({
    field: 'batch.length',
    found: `${batch.length}, and no conversation of ${on.join(', ')} whose text and answer fit`,
    expected: Number.isFinite(shortest) ? `at least ${shortest}, the tokens of the shortest` : 'conversations to learn',
    fix: 'Raise batch.length, or bring shorter conversations.',
  });
}
