/** Bits per byte of a model on several held-out sets. */
import type { Model } from '../models/model.ts';
import { CausalLmProgram } from '../objectives/causal-lm/program.ts';
import type { Engine } from '../runtime/engine.ts';
import { type DocumentScore, type ScoringProgress, scoreDocuments } from './bits-per-byte.ts';
import type { HeldOutSet } from './held-out.ts';
import type { ScorableModel } from './score.ts';

/** A model as it is, also in the middle of its training: whole, under an adapter, packed. */
export type MeasurableModel = ScorableModel & Pick<Model, 'tokenizer'>;

export interface MeasureOptions {
  /** Windows of one forward pass, and tokens of a window. */
  readonly rows: number;
  readonly length: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (set: string, progress: ScoringProgress) => void;
}

/** Scores of every document, by set. The model is only read. */
export async function measure(
  engine: Engine,
  model: MeasurableModel,
  sets: readonly HeldOutSet[],
  { rows, length, signal, onProgress }: MeasureOptions,
): Promise<Map<string, DocumentScore[]>> {
  const { decoder, parameters, tokenizer } = model;
  if (!tokenizer) throw new Error('bits per byte need a tokenizer');
  const program = new CausalLmProgram(engine, decoder, parameters, { rows, length });
  try {
    const scores = new Map<string, DocumentScore[]>();
    for (const set of sets) {
      const report = (progress: ScoringProgress) => onProgress?.(set.name, progress);
      scores.set(set.name, await scoreDocuments(program, set, tokenizer, { signal, onProgress: report }));
    }
    return scores;
  } finally {
    await engine.drain();
    program.release();
  }
}
