/** What is told of a stage that trains an adapter: to people, and to PEFT. */

import type { AdaptedModel } from '../adapters/attach.ts';
import type { AdaptedEmbedder } from '../adapters/attach-encoder.ts';
import type { AdaptedEncoderDecoder } from '../adapters/attach-encoder-decoder.ts';
import { baseModelName } from '../adapters/peft/base-model-name.ts';
import { elementCount } from '../graph/tensor.ts';
import { formatAmount } from '../observe/numbers.ts';
import type { PlannedStage } from './plan/plan-stages.ts';
import type { StageSurroundings } from './run-stage.ts';
import { BASE } from './schema/stage-names.ts';

export function describeAdapter({
  adapter: { settings, modules },
  base,
  trainable,
}: AdaptedModel | AdaptedEncoderDecoder | AdaptedEmbedder): string {
  const count = (parameters: Iterable<{ readonly shape: readonly number[] }>) =>
    formatAmount([...parameters].reduce((sum, { shape }) => sum + elementCount(shape), 0));
  const layers = `${modules.size} linear layers`;
  return `${settings.method} of rank ${settings.r} over ${layers}: ${count(trainable.values())} parameters are trained, ${count(base.parameters.values())} are not`;
}

/** What PEFT finds the model by that a stage starts from. @param checkpoint its folder */
export function baseNameOf(
  { input }: Pick<PlannedStage, 'input'>,
  checkpoint: string,
  { recipe: { base }, root }: Pick<StageSurroundings, 'recipe' | 'root'>,
): string {
  if (input.kind !== BASE || !('checkpoint' in base)) return checkpoint;
  return baseModelName({ name: base.checkpoint, root, folder: checkpoint });
}
