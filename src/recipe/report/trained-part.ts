/** What a stage changed of the model, in words: all of it, or an adapter over it. */
import { formatAmount } from '../../observe/numbers.ts';
import { adapterOf, type ContrastiveStage, isContrastiveStage, type TrainingStage } from '../stage.ts';
import type { RunSummary } from '../summary.ts';

export interface TrainedPart {
  /** `the whole model`, `lora of rank 16, alpha 32, on all linear layers` */
  readonly what: string;
  /** Parameters, `1.23M, 0.59% of the base's 210M`; undefined for a stage that the run did not come to. */
  readonly parameters: string | undefined;
}

export function trainedPart(stage: TrainingStage | ContrastiveStage, { base, stages }: RunSummary): TrainedPart {
  const trainable = stages.find(({ name }) => name === stage.name)?.trainable;
  const adapter = adapterOf(stage);
  const count = trainable === undefined ? undefined : formatAmount(trainable);
  if (adapter === undefined) {
    return { what: isContrastiveStage(stage) ? 'the whole encoder' : 'the whole model', parameters: count };
  }
  const { method, r, alpha, dropout = 0, targetModules } = adapter;
  const layers = targetModules === 'all-linear' ? 'all linear layers' : targetModules.join(', ');
  const leaving = dropout === 0 ? '' : `, dropout ${dropout}`;
  const what = `${method} of rank ${r}, alpha ${alpha}${leaving}, on ${layers}`;
  if (trainable === undefined) return { what, parameters: undefined };
  const share = Number(((100 * trainable) / base.parameters).toPrecision(2));
  return { what, parameters: `${count}, ${share}% of the base's ${formatAmount(base.parameters)}` };
}
