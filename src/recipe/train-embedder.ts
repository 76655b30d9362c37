/** One contrastive stage, from the model that it starts from to a folder of sentence-transformers. */
import type { Pair } from '../data/pairs/pair.ts';
import { openTrainableEmbedder } from '../embed/open-trainable-embedder.ts';
import { saveEmbedder, type TrainableEmbedder } from '../embed/save-embedder.ts';
import { elementCount } from '../graph/tensor.ts';
import { type EventLog, openEventLog } from '../observe/events.ts';
import { formatPlural } from '../observe/numbers.ts';
import { type ContrastiveSettings, contrastive } from '../stages/contrastive.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { nameOfResult, type PlannedStage } from './plan/plan-stages.ts';
import type { Prepared } from './prepare.ts';
import type { EmbeddingOutcome } from './results/outcome.ts';
import type { StageSurroundings } from './run-stage.ts';
import type { ContrastiveStage } from './stage.ts';

/** A model to learn vectors with, the pairs, and the settings as the training takes them. */
export interface Lesson {
  readonly model: Omit<TrainableEmbedder, 'tokenizer'> & { readonly tokenizer: Tokenizer };
  readonly pairs: readonly Pair[];
  readonly settings: ContrastiveSettings;
}

/** @throws as `openTrainableEmbedder` */
export async function openLesson(
  { contrastive: stage }: Pick<ContrastiveStage, 'contrastive'>,
  checkpoint: string,
  { pairs: sets, seed }: Pick<Prepared, 'pairs'> & { readonly seed: number },
): Promise<Lesson> {
  const { on, pooling, max_length, prefixes, checkpoints: _, ...training } = stage;
  const { prefixes: chosen, ...model } = await openTrainableEmbedder(checkpoint, {
    pooling: pooling ?? undefined,
    maxLength: max_length ?? undefined,
    prefixes: { query: prefixes.query ?? undefined, document: prefixes.document ?? undefined },
  });
  const pairs = on.flatMap((name) => sets.get(name)!.train);
  return { model, pairs, settings: { ...training, prefixes: chosen, seed } };
}

/**
 * Trains, or goes on with it, and writes the result.
 * @param checkpoint folder of the model that the stage starts from
 * @throws as `openLesson` and `contrastive`
 */
export async function trainEmbedder(
  stage: ContrastiveStage,
  { result, checkpoint }: Pick<PlannedStage, 'result'> & { readonly checkpoint: string },
  surroundings: StageSurroundings,
): Promise<EmbeddingOutcome> {
  const { engine, recipe, events, store, prepared, signal, onProgress, onWarning, onNote } = surroundings;
  const { name } = stage;
  const { on, batch_size: rows, checkpoints } = stage.contrastive;
  const paths = store.paths(result);
  const { model, pairs, settings } = await openLesson(stage, checkpoint, { ...prepared, seed: recipe.seed });
  for (const warning of model.warnings) onNote?.(warning);
  let log: EventLog | undefined;
  let tokensHere = 0;
  try {
    const { steps, tokens, skippedSteps, cutTexts } = await contrastive(model, pairs, settings, {
      engine,
      folder: paths.folder,
      hash: result.key,
      saveEverySeconds: checkpoints.every_seconds,
      signal,
      onWarning,
      onStart(step) {
        log = openEventLog(events, { result: nameOfResult(result), resume: { stage: name, step } });
      },
      onSave: () => log!.sync(),
      onEvent: (step, metrics) => log!.append(name, step, metrics),
      onStep({ step, loss, tokens: read }, total) {
        tokensHere += read;
        onProgress({ stage: name, step, total, tokens: tokensHere, loss });
      },
    });
    if (cutTexts > 0) onWarning(`${name}: ${formatPlural(cutTexts, 'text')} cut to ${model.settings.maxLength} tokens`);
    await saveEmbedder(paths.checkpoint, model, { dtype: recipe.save.dtype, replace: true, notes: { step: steps } });
    // The pairs of all sets are shuffled together.
    const passes = (steps * rows) / pairs.length;
    const trainable = model.encoder.parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    return { steps, tokens, skippedSteps, epochs: Object.fromEntries(on.map((set) => [set, passes])), trainable };
  } finally {
    log?.close();
  }
}
