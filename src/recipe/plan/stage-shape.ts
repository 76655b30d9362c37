/** What a stage trains, by shapes alone: for predictions of memory and work before anything is allocated. */
import { adaptLayers, partOf } from '../../adapters/adapted-layers.ts';
import { quantizedBytes } from '../../adapters/nf4/quantized-model.ts';
import { packsBase } from '../../adapters/settings.ts';
import { resolveTargets } from '../../adapters/target-modules.ts';
import { UsageError } from '../../errors.ts';
import type { Decoder, Layers } from '../../models/decoder.ts';
import type { Encoder } from '../../models/encoder.ts';
import type { MemoryOptions } from '../../objectives/causal-lm/memory.ts';
import type { IsTrained } from '../../objectives/layers/graphs.ts';
import { adapterOf, type ContrastiveStage, settingsOf, type TrainingStage } from '../stage.ts';

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
    decoder: adaptLayers(base, targetsOf(base, stage.name, adapter.targetModules), adapter),
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
  return { encoder: adaptLayers(base, targetsOf(base, stage.name, adapter.targetModules), adapter), isTrained };
}

function isTrained(name: string): boolean {
  const part = partOf(name);
  return part !== undefined && part !== 'squaredNorms';
}

function targetsOf(base: Layers, stage: string, targets: Parameters<typeof resolveTargets>[1]) {
  try {
    return resolveTargets(base, targets);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError({ ...error.problem, field: `adapter.target_modules of the stage ${stage}` }, { cause: error });
  }
}
