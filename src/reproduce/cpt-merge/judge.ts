/** What the figures of all seeds say about the claims. */
import type { Claim } from '../reproduction.ts';
import { formatMean, mean, standardError } from '../statistics.ts';
import type { Evidence, GridScore } from './measure.ts';
import { settings } from './measure.ts';
import { type GridPoint, interactionShare, selectivity } from './two-way.ts';

export function judge(evidence: readonly Evidence[]): readonly Claim[] {
  return [identities(evidence), transfer(evidence), independence(evidence), breakdown(evidence), precision(evidence)];
}

function identities(evidence: readonly Evidence[]): Claim {
  const [none, instruction, finance] = [0, 1, 2].map((i) => most(evidence, (seed) => seed.identities.corners[i]));
  const interpolation = most(evidence, (seed) => seed.identities.interpolation);
  const ties = most(evidence, (seed) => seed.identities.ties);
  return {
    id: 'V1',
    statement: 'Coefficients of 0 and 1 give base and parents back.',
    expected: 'every bit in float32; for a sum of 1, linear interpolation to 1e-6',
    measured: `largest difference at (0, 0) ${small(none)}, at (1, 0) ${small(instruction)}, at (0, 1) ${small(finance)}; from linear ${small(interpolation)}`,
    control: `TIES of density 1 with one model differs from it by ${small(ties)}`,
    holds: none === 0 && instruction === 0 && finance === 0 && interpolation < 1e-6,
  };
}

function transfer(evidence: readonly Evidence[]): Claim {
  const finance = (model: keyof Evidence['models']) => evidence.map(({ models }) => models[model].finance);
  const parents = evidence.map(({ models }) => Math.max(models.instruction.finance, models.finance.finance));
  const gain = finance('merged').map((value, i) => value - parents[i]);
  const best = evidence.map(({ grid }) => Math.max(...grid.map((point) => point.finance)));
  return {
    id: 'V2',
    statement: 'The merge answers finance questions in the instructed form.',
    expected:
      'exact answers at least twice those of the better parent, above it by three standard errors, and 0.7 of those of a model that was tuned on them',
    measured: `merge ${formatMean(finance('merged'))}, better parent ${formatMean(parents)}, directly tuned ${formatMean(finance('direct'))}; best coefficients of the grid ${formatMean(best)}`,
    control: `finance, then instruction: ${formatMean(finance('oneAfterTheOther'))}; general questions: merge ${formatMean(general(evidence, 'merged'))}, instruction ${formatMean(general(evidence, 'instruction'))}`,
    holds:
      mean(finance('merged')) >= 2 * mean(parents) &&
      mean(gain) > 3 * standardError(gain) &&
      mean(gain) > 0 &&
      mean(finance('merged')) >= 0.7 * mean(finance('direct')),
  };
}

function independence(evidence: readonly Evidence[]): Claim {
  const ratio = evidence.map(({ cosines }) => Math.abs(cosines.finance) / cosines.again);
  const asked = evidence.map(({ cosines }) => Math.abs(cosines.asked) / cosines.again);
  const share = evidence.map(({ grid }) => interactionShare(pointsOf(grid)));
  const askedShare = evidence.map(({ askedGrid }) => interactionShare(pointsOf(askedGrid)));
  const selective = evidence.map(({ grid }) => selectivity(pointsOf(grid)));
  return {
    id: 'V3',
    statement: 'The instruction vector and the finance vector are nearly independent.',
    expected:
      'cosine below half of that of two instruction runs, interaction share below 0.25, selectivity of general answers for alpha above 0.7; all but the last worse with finance text in the form of questions and answers',
    measured: `cosine ${formatMean(ratio)} of that of two runs (${formatMean(evidence.map(({ cosines }) => cosines.again))}); interaction ${formatMean(share)}; selectivity ${formatMean(selective)}`,
    control: `finance as questions and answers: cosine ${formatMean(asked)}, interaction ${formatMean(askedShare)}`,
    holds:
      mean(ratio) < 0.5 &&
      mean(share) < 0.25 &&
      mean(selective) > 0.7 &&
      mean(asked) > mean(ratio) &&
      mean(askedShare) > mean(share),
  };
}

function breakdown(evidence: readonly Evidence[]): Claim {
  const answers = evidence.map(({ hard }) => hard.merged.general);
  const lossOf = (model: 'merged' | 'parent' | 'instruction') => evidence.map(({ hard }) => hard.loss[model]);
  const warned = (part: 'hard' | 'usual') => evidence.filter((seed) => seed[part].warned).length;
  const instruction = general(evidence, 'instruction');
  return {
    id: 'V4',
    statement: `It breaks down when the vector is large: a learning rate ${settings.hard} times as high.`,
    expected:
      'general answers below half of the instruction model’s, finance text predicted worse than by the better parent',
    measured: `general answers ${formatMean(answers)} of ${formatMean(instruction)}; finance text ${formatMean(lossOf('merged'))} nats, parents ${formatMean(lossOf('parent'))} and ${formatMean(lossOf('instruction'))}; the vector is ${formatMean(evidence.map(({ hard }) => hard.distance))} of the base, warned ${warned('hard')} of ${evidence.length} times`,
    control: `usual rate: general answers ${formatMean(general(evidence, 'merged'))}, finance text ${formatMean(evidence.map(({ usual }) => usual.loss))} nats; the vector is ${formatMean(evidence.map(({ usual }) => usual.distance))} of the base, warned ${warned('usual')} times`,
    holds:
      mean(answers) < 0.5 * mean(instruction) &&
      mean(lossOf('merged')) > Math.min(mean(lossOf('parent')), mean(lossOf('instruction'))),
  };
}

function precision(evidence: readonly Evidence[]): Claim {
  const lost = evidence.map(({ gentle }) => gentle.lost);
  const lossOf = (type: 'f32' | 'bf16' | 'instruction') => evidence.map(({ gentle }) => gentle.loss[type]);
  const worse = lossOf('bf16').map((value, i) => value - lossOf('f32')[i]);
  return {
    id: 'V5',
    statement: `A gentle vector (learning rate ${settings.gentle.learningRate}) is lost in bfloat16 files.`,
    expected: 'more than half of its changes lost; merging float32 files predicts finance text better',
    measured: `${formatMean(
      lost.map((share) => 100 * share),
      0,
    )}% lost; ${formatMean(lossOf('f32'), 5)} nats from float32, ${formatMean(lossOf('bf16'), 5)} from bfloat16, difference ${formatMean(worse, 5)}`,
    control: `without the vector ${formatMean(lossOf('instruction'), 5)} nats`,
    holds: mean(lost) > 0.5 && mean(worse) > 2 * standardError(worse) && mean(worse) > 0,
  };
}

const general = (evidence: readonly Evidence[], model: keyof Evidence['models']): number[] =>
  evidence.map(({ models }) => models[model].general);

/** Answers to general questions, the metric of instruction. */
const pointsOf = (grid: readonly GridScore[]): GridPoint[] =>
  grid.map(({ alpha, beta, general: score }) => ({ alpha, beta, score }));

const most = (evidence: readonly Evidence[], figure: (seed: Evidence) => number): number =>
  Math.max(...evidence.map(figure));

const small = (value: number): string => (value === 0 ? '0' : value.toExponential(1));
