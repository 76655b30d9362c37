/** Held-out parts of a recipe's sets, measured: all of a document, of a conversation what the assistant says. */

import { sidesOf } from '../data/conversations/encode-pair.ts';
import { memoryStore } from '../data/token-store.ts';
import { UsageError } from '../errors.ts';
import type { DocumentScore, ScoringProgress } from '../eval/bits-per-byte.ts';
import * as documentSets from '../eval/held-out.ts';
import { type MeasurableModel, type MeasureOptions, measure } from '../eval/measure.ts';
import { CausalLmProgram } from '../objectives/causal-lm/program.ts';
import type { Engine } from '../runtime/engine.ts';
import { type HeldOutAnswers, scoreAnswers } from './score-answers.ts';
import { type MeasurableEncoderDecoder, measurePairs } from './score-pairs.ts';

export type MeasuredPart = documentSets.HeldOutSet | HeldOutAnswers;

export const isAnswers = (set: MeasuredPart): set is HeldOutAnswers => 'answers' in set;

/** Identifies what a measurement was made on. */
export function heldOutHash(set: MeasuredPart): string {
  return isAnswers(set) ? memoryStore(set.documents).hash : documentSets.heldOutHash(set);
}

/** The set with some of its documents. */
export function onlyOf(set: MeasuredPart, keep: (document: number) => boolean): MeasuredPart {
  return isAnswers(set)
    ? { ...set, documents: set.documents.filter((_, i) => keep(i)) }
    : { ...set, documents: set.documents.filter((_, i) => keep(i)) };
}

/**
 * Documents are read in windows; a conversation that does not fit one is left out and told.
 * @throws UsageError where none is left
 */
export function shortEnough(set: MeasuredPart, length: number, onWarning: (message: string) => void): MeasuredPart {
  if (!isAnswers(set)) return set;
  const fitting = onlyOf(set, (i) => lengthOf(set, i) <= length);
  const [left, all] = [set.documents.length - fitting.documents.length, set.documents.length];
  if (all > 0 && left === all) throw noneFits(set, length);
  if (left > 0) {
    onWarning(
      `${set.name}: ${left} of ${all} held-out conversations are longer than ${length} tokens and not measured`,
    );
  }
  return fitting;
}

/** Tokens of a conversation; of a pair those of its longer side. */
function lengthOf({ documents, asPairs }: HeldOutAnswers, i: number): number {
  const { ids, trained } = documents[i];
  if (!asPairs) return ids.length;
  const { input, target } = sidesOf(trained);
  return Math.max(input, target);
}

function noneFits(set: HeldOutAnswers, length: number): UsageError {
  const { name, documents } = set;
  const shortest = documents.reduce((least, _, i) => Math.min(least, lengthOf(set, i)), Number.POSITIVE_INFINITY);
  return new UsageError({
    field: 'evaluation.bits_per_byte.length',
    found: `${length}, and none of the ${documents.length} held-out conversations of ${name} that fits`,
    expected: `at least ${shortest}, the tokens of the shortest`,
    fix: `Raise it, or leave ${name} out of evaluation.bits_per_byte.on.`,
  });
}

/** Scores of every document and conversation, by set, in the order of the sets. The model is only read. */
export async function measureSets(
  engine: Engine,
  model: MeasurableModel | MeasurableEncoderDecoder,
  sets: readonly MeasuredPart[],
  options: MeasureOptions,
): Promise<ReadonlyMap<string, readonly DocumentScore[]>> {
  if ('architecture' in model) return measurePairs(engine, model, sets.filter(isAnswers), options);
  const answers = sets.filter(isAnswers);
  const documents = sets.filter((set) => !isAnswers(set));
  const scores = new Map([
    ...(documents.length > 0 ? await measure(engine, model, documents, options) : []),
    ...(answers.length > 0 ? await measureAnswers(engine, model, answers, options) : []),
  ]);
  return new Map(sets.map(({ name }) => [name, scores.get(name)!]));
}

async function measureAnswers(
  engine: Engine,
  { decoder, parameters, tokenizer }: MeasurableModel,
  sets: readonly HeldOutAnswers[],
  { rows, length, signal, onProgress }: MeasureOptions,
): Promise<Map<string, DocumentScore[]>> {
  if (!tokenizer) throw new Error('conversations need a tokenizer');
  const program = new CausalLmProgram(engine, decoder, parameters, { rows, length });
  try {
    const scores = new Map<string, DocumentScore[]>();
    for (const set of sets) {
      const report = (progress: ScoringProgress) => onProgress?.(set.name, progress);
      scores.set(set.name, await scoreAnswers(program, set, tokenizer, { signal, onProgress: report }));
    }
    return scores;
  } finally {
    await engine.drain();
    program.release();
  }
}
