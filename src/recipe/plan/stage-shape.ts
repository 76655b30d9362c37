/** What a stage trains, by shapes alone: for predictions of memory and work before anything is allocated. */
import { adaptEncoderDecoder } from '../../adapters/adapted-encoder-decoder.ts';
import { adaptLayers, partOf } from '../../adapters/adapted-layers.ts';
import { quantizedBytes } from '../../adapters/nf4/quantized-model.ts';
import { packsBase, type TargetModules } from '../../adapters/settings.ts';
import { type LinearModule, resolveTargetsIn, stacksOf } from '../../adapters/target-modules.ts';
import type { Decoder, Layers } from '../../models/decoder.ts';
import type { Encoder } from '../../models/encoder.ts';
import type { EncoderDecoder } from '../../models/encoder-decoder.ts';
import type { MemoryOptions } from '../../objectives/causal-lm/memory.ts';
import type { IsTrained } from '../../objectives/layers/graphs.ts';
import { ofStage } from '../of-stage.ts';
import { adapterOf, type ContrastiveStage, type Stage, settingsOf, type TrainingStage } from '../stage.ts';

export interface StageShape {
  /** The base, or the base with an adapter. */
  readonly decoder: Decoder;
  readonly options: MemoryOptions;
}

/** @throws UsageError for target modules that the base does not have */
export function shapeOfStage(base: Decoder, stage: TrainingStage): StageShape {
  const { rows, length } = settingsOf(stage).batch;
  const adapter = adapterOf(stage);
  if (adapter === undefined) return { decoder: base, options: { rows, length } };
  return {
    decoder: adaptLayers(base, targetsOf(base, stage, adapter.targetModules), adapter),
    options: {
      rows,
      length,
      isTrained,
      ...(packsBase(adapter.method) && { bytesOfWeight: quantizedBytes({ decoder: base }) }),
    },
  };
}

/** The same of a stage that makes vectors. @throws as `shapeOfStage` */
export function shapeOfVectorStage(
  base: Encoder,
  stage: ContrastiveStage,
): { readonly encoder: Encoder; readonly isTrained?: IsTrained } {
  const adapter = adapterOf(stage);
  if (adapter === undefined) return { encoder: base };
  return { encoder: adaptLayers(base, targetsOf(base, stage, adapter.targetModules), adapter), isTrained };
}

/** The same of an encoder-decoder. @throws as `shapeOfStage` */
export function shapeOfPairStage(
  base: EncoderDecoder,
  stage: TrainingStage,
): { readonly architecture: EncoderDecoder; readonly isTrained?: IsTrained } {
  const adapter = adapterOf(stage);
  if (adapter === undefined) return { architecture: base };
  const modules = ofStage(stage, () => resolveTargetsIn(stacksOf(base), adapter.targetModules));
  return { architecture: adaptEncoderDecoder(base, modules, adapter), isTrained };
}

function isTrained(name: string): boolean {
  const part = partOf(name);
  return part !== undefined && part !== 'squaredNorms';
}

const targetsOf = (base: Layers, stage: Stage, targets: TargetModules): LinearModule[] =>
  ofStage(stage, () => resolveTargetsIn(stacksOf(base), targets))[0];
