/** What fine-tuning an encoder-decoder would take: its steps as they will be drawn, one shape of batches timed for all. */

import type { LearntPairs } from '../../data/seq2seq-stream.ts';
import { predictSeq2SeqMemory } from '../../objectives/seq2seq/memory.ts';
import { Seq2SeqPrograms } from '../../objectives/seq2seq/programs.ts';
import type { Engine } from '../../runtime/engine.ts';
import { surveyBatches } from '../../stages/batch-statistics.ts';
import { createOptimizer, type OptimizerSettings } from '../../stages/create-optimizer.ts';
import { planSeq2SeqSft, shapesOfSft } from '../../stages/seq2seq-sft.ts';
import { type TrainedEncoderDecoder, trainedParameters } from '../../train/trained-model.ts';
import type { EncoderDecoderBase } from '../prepare.ts';
import { adapterOf, type SftStage } from '../stage.ts';
import type { EstimateParts, StageState, TrainingEstimate } from './plan-run.ts';
import { type StepTime, timePasses, timeUpdate } from './probe.ts';
import { shapeOfPairStage } from './stage-shape.ts';
import { pairOperations } from './training-operations.ts';

type Parts = Pick<EstimateParts, 'engine' | 'recipe' | 'prepared' | 'times' | 'signal' | 'onWarning' | 'onProgress'>;

export async function estimateSeq2Seq(
  stage: SftStage,
  { model, current }: EncoderDecoderBase,
  state: StageState,
  { engine, recipe, prepared, times, signal, onWarning, onProgress }: Parts,
): Promise<TrainingEstimate> {
  const { sft } = stage;
  const { rows, length, gradient_accumulation_steps: passes } = sft.batch;
  const { architecture, isTrained } = shapeOfPairStage(model.architecture, stage);
  const { batches, schedule } = planSeq2SeqSft(model, prepared.sets, sft, { seed: recipe.seed, onWarning });
  const { steps } = schedule;
  const survey = surveyBatches(batches, { steps, accumulationSteps: passes });
  const places = survey.tokens / survey.fill / passes;
  const adapter = adapterOf(stage);
  const shape = JSON.stringify(['pairs', sft.on, rows, length, adapter, sft.optimizer]);
  if (state !== 'finished' && !times.has(shape)) {
    onProgress({ stage: `time steps of ${rows} pairs`, step: 0, total: 0 });
    const batch = batches.next();
    if (batch) {
      const { pass, update } = await probePairs(engine, current.probe(adapter), batch, { optimizer: sft, signal });
      times.set(shape, { pass: (pass * places) / (batch.rows * batch.length), update });
    }
  }
  const time = times.get(shape);
  const tokens = Math.round(steps * passes * places);
  return {
    steps,
    tokens,
    unpadded: Math.round(steps * survey.tokens),
    operations: pairOperations(architecture, shareOfSides(batches.next(), tokens), isTrained),
    memory: predictSeq2SeqMemory(architecture, shapesOfSft(prepared.sets, sft), { isTrained }),
    seconds: state === 'finished' || time === undefined ? null : steps * (passes * time.pass + time.update),
  };
}

/** Places of each side, as one batch shares them. */
function shareOfSides(batch: LearntPairs | undefined, tokens: number) {
  const share = batch ? batch.inputLength / batch.length : 0.5;
  return { inputTokens: share * tokens, targetTokens: (1 - share) * tokens };
}

/** Changes the model's gradients, and nothing else. */
async function probePairs(
  engine: Engine,
  model: TrainedEncoderDecoder,
  batch: LearntPairs,
  { optimizer: settings, signal }: { readonly optimizer: OptimizerSettings; readonly signal?: AbortSignal },
): Promise<StepTime> {
  const programs = new Seq2SeqPrograms(engine, model, { most: 1 });
  try {
    const labelWeight = 1 / Math.max(1, batch.labelCount);
    const run = () => programs.forwardBackward(batch, { labelWeight, accumulate: false });
    // The first pass compiles.
    await run();
    const pass = await timePasses(run, signal);
    return { pass, update: await timeUpdate(createOptimizer(engine, trainedParameters(model).values(), settings)) };
  } finally {
    await engine.drain();
    programs.release();
  }
}
