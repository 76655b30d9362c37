/**
 * Learning rates that are sensible for a model of a given size, with the reason. One table of published settings and of what
 * our own small recipes use; between two sizes a straight line in the logarithms of both.
 */
import { formatAmount } from '../observe/numbers.ts';

export type TrainingKind = 'cpt' | 'sft' | 'joint';

interface Anchor {
  readonly parameters: number;
  readonly learningRate: number;
  readonly source: string;
}

/** Smallest first. */
const fullTuning: Readonly<Record<'cpt' | 'sft', readonly Anchor[]>> = {
  cpt: [
    { parameters: 3e6, learningRate: 1e-3, source: 'recipes/first-run.yaml' },
    { parameters: 8e9, learningRate: 5e-6, source: 'FinDAP (arXiv:2501.04961), joint training of Llama-3-8B' },
  ],
  sft: [
    { parameters: 3e6, learningRate: 1e-3, source: 'recipes/assistant.yaml' },
    { parameters: 8e9, learningRate: 5e-6, source: 'Tulu 3 (arXiv:2411.15124), 8B' },
    { parameters: 70e9, learningRate: 2e-6, source: 'Tulu 3 (arXiv:2411.15124), 70B' },
  ],
};

/** TRL's guide to LoRA: about ten times the rate of full tuning. */
const adapterFactor = 10;

/** TRL's default for LoRA, at which rates of small models end too: beyond it they have not been tried here. */
const largestAdapterRate = 1e-2;

export interface ChosenRate {
  readonly value: number;
  readonly reason: string;
}

export interface TrainingToChoose {
  readonly kind: TrainingKind;
  /** Of the whole model. */
  readonly parameters: number;
  /** Whether an adapter is trained and not the model. */
  readonly adapter?: boolean;
}

/** A learning rate of two digits. Beyond the smallest and the largest size of the table it is theirs. */
export function chooseLearningRate({ kind, parameters, adapter = false }: TrainingToChoose): ChosenRate {
  const anchors = fullTuning[kind === 'sft' ? 'sft' : 'cpt'];
  const { rate, reason } = between(anchors, parameters);
  const size = `${kind} of ${formatAmount(parameters)} parameters`;
  if (!adapter) return { value: twoDigits(rate), reason: `${size}: ${reason}` };
  const value = twoDigits(Math.min(adapterFactor * rate, largestAdapterRate));
  return { value, reason: `${size}: ${adapterFactor} times that of full tuning, as TRL advises; ${reason}` };
}

function between(anchors: readonly Anchor[], parameters: number): { rate: number; reason: string } {
  const above = anchors.findIndex((anchor) => anchor.parameters >= parameters);
  if (above === 0 || above < 0) {
    const { learningRate, source } = anchors.at(above)!;
    return { rate: learningRate, reason: `${learningRate} as in ${source}` };
  }
  const [low, high] = [anchors[above - 1], anchors[above]];
  const share = Math.log(parameters / low.parameters) / Math.log(high.parameters / low.parameters);
  const rate = low.learningRate * (high.learningRate / low.learningRate) ** share;
  const ends = [low, high].map(({ learningRate, source }) => `${learningRate} (${source})`);
  return { rate, reason: `between ${ends.join(' and ')}` };
}

const twoDigits = (value: number): number => Number(value.toPrecision(2));
