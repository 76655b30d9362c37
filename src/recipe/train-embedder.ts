/** One contrastive stage, from the model that it starts from to a folder of sentence-transformers. */
import { attachEncoderAdapter } from '../adapters/attach-encoder.ts';
import type { Pair } from '../data/pairs/pair.ts';
import type { RetrievalPrefixes } from '../embed/measure-retrieval.ts';
import { openAdaptableEmbedder, openTrainableEmbedder } from '../embed/open-trainable-embedder.ts';
import { saveEmbedder, saveEmbedderAdapter, saveMergedEmbedder } from '../embed/save-embedder.ts';
import { elementCount } from '../graph/tensor.ts';
import { type EventLog, openEventLog } from '../observe/events.ts';
import { formatPlural } from '../observe/numbers.ts';
import { type ContrastiveSettings, contrastive, type LearningEmbedder } from '../stages/contrastive.ts';
import { trainedParameters } from '../train/trained-model.ts';
import { nameOfResult, type PlannedStage } from './plan/plan-stages.ts';
import type { Prepared } from './prepare.ts';
import type { EmbeddingOutcome } from './results/outcome.ts';
import type { StageSurroundings } from './run-stage.ts';
import { adapterOf, type ContrastiveStage } from './stage.ts';
import { baseNameOf, describeAdapter } from './stage-adapter.ts';

/** A model to learn vectors with, or an adapter over it, the pairs, and the settings as the training takes them. */
export interface Lesson {
  readonly model: LearningEmbedder;
  readonly pairs: readonly Pair[];
  readonly settings: ContrastiveSettings;
}

/** @throws as `openTrainableEmbedder` and `attachEncoderAdapter` */
export async function openLesson(
  stage: Pick<ContrastiveStage, 'contrastive'>,
  checkpoint: string,
  { pairs: sets, seed }: Pick<Prepared, 'pairs'> & { readonly seed: number },
): Promise<Lesson> {
  const { on, pooling, max_length, prefixes, checkpoints: _, adapter: __, ...training } = stage.contrastive;
  const options = {
    pooling: pooling ?? undefined,
    maxLength: max_length ?? undefined,
    prefixes: { query: prefixes.query ?? undefined, document: prefixes.document ?? undefined },
  };
  const pairs = on.flatMap((name) => sets.get(name)!.train);
  const lesson = (chosen: RetrievalPrefixes, model: LearningEmbedder): Lesson => {
    return { model, pairs, settings: { ...training, prefixes: chosen, seed } };
  };
  const adapter = adapterOf(stage);
  if (adapter === undefined) {
    const { prefixes: chosen, ...model } = await openTrainableEmbedder(checkpoint, options);
    return lesson(chosen, model);
  }
  const { prefixes: chosen, ...base } = await openAdaptableEmbedder(checkpoint, options);
  return lesson(chosen, attachEncoderAdapter(base, adapter, { seed }));
}

/**
 * Trains, or goes on with it, and writes the result: a whole model, and beside it the adapter of a stage that trains one.
 * @param checkpoint folder of the model that the stage starts from
 * @throws as `openLesson` and `contrastive`
 */
export async function trainEmbedder(
  stage: ContrastiveStage,
  planned: PlannedStage,
  checkpoint: string,
  surroundings: StageSurroundings,
): Promise<EmbeddingOutcome> {
  const { engine, recipe, events, store, prepared, signal, onProgress, onWarning, onNote } = surroundings;
  const { name } = stage;
  const { on, batch_size: rows, checkpoints } = stage.contrastive;
  const { result } = planned;
  const paths = store.paths(result);
  const { model, pairs, settings } = await openLesson(stage, checkpoint, { ...prepared, seed: recipe.seed });
  for (const warning of model.warnings) onNote?.(warning);
  if ('adapter' in model) onNote?.(describeAdapter(model));
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
    const kept = { replace: true, notes: { step: steps } };
    const whole = { dtype: recipe.save.dtype, ...kept };
    if ('adapter' in model) {
      const baseModel = baseNameOf(planned, checkpoint, surroundings);
      await saveEmbedderAdapter(paths.adapter, model, { baseModel, ...kept });
      await saveMergedEmbedder(paths.checkpoint, model, whole);
    } else {
      await saveEmbedder(paths.checkpoint, model, whole);
    }
    // The pairs of all sets are shuffled together.
    const passes = (steps * rows) / pairs.length;
    const trainable = [...trainedParameters(model).values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
    return { steps, tokens, skippedSteps, epochs: Object.fromEntries(on.map((set) => [set, passes])), trainable };
  } finally {
    log?.close();
  }
}
