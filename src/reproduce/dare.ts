/**
 * DARE (Yu et al. 2024, arXiv:2311.03099): most entries of the delta of fine-tuning can be dropped if the rest is divided by
 * the share that is kept, as long as the delta is small.
 */
import { dareLinear } from '../merge/methods/dare-linear.ts';
import { runMethod } from '../merge/run-method.ts';
import { loadModel, type Model } from '../models/model.ts';
import {
  answerLoss,
  answersOf,
  exactAnswers,
  makeTokenizer,
  newModel,
  startFrom,
  textsOf,
  trainedModel,
} from './fact-models.ts';
import { createFactWorld, describeAll, questionsAbout, randomOf, talk } from './facts.ts';
import type { Lab, Reproduction } from './reproduction.ts';
import { formatMean, mean } from './statistics.ts';

const rates = [0.5, 0.9, 0.99] as const;
const tuning = { tokens: 80_000, small: 1e-3, large: 1e-2 };
const pretraining = { tokens: 600_000, learningRate: 5e-3 };
const draws = 2000;

interface Tuned {
  /** Root mean square of the delta. */
  readonly delta: number;
  readonly loss: number;
  /** At a drop rate of 0.9, rescaled. */
  readonly droppedLoss: number;
}

interface Evidence {
  readonly base: number;
  readonly tuned: number;
  /** Exact answers by drop rate. */
  readonly dropped: readonly number[];
  readonly notRescaled: number;
  readonly weightsDropped: number;
  readonly deltasDropped: number;
  readonly small: Tuned;
  readonly large: Tuned;
  /** By drop rate of 0.5 and 0.9: measured variance as a share of the law's, and mean as a share of what it should be. */
  readonly law: readonly { readonly variance: number; readonly mean: number; readonly meanNotRescaled: number }[];
}

export const dare: Reproduction<Evidence> = {
  name: 'dare',
  title: 'DARE: most of a fine-tuning delta can be dropped',
  source:
    'Yu et al. 2024, "Language Models are Super Mario: Absorbing Abilities from Homologous Models as a Free Lunch" (ICML 2024, arXiv:2311.03099).',
  method:
    'A Llama of 0.26 million parameters learns facts about 60 places and 60 people of finworld from text, and then to answer questions about them, once with a learning rate of 1e-3 and once with 1e-2. Entries of the deltas are dropped by `dare_linear` with `compat: paper`, and the models are asked again; an answer is right if it is the value and ends there.',
  version: 1,
  workPerSeed: pretraining.tokens + 2 * tuning.tokens,
  measure,
  judge,
};

async function measure(lab: Lab): Promise<Evidence> {
  const { engine, seed } = lab;
  const { places, people } = createFactWorld(seed, { places: 60, people: 60, companies: 0 });
  const subjects = [...places, ...people];
  const random = randomOf(seed, 'text');
  const texts = describeAll(subjects, { wordings: talk, count: 6000, random });
  const questions = questionsAbout(subjects);
  const tokenizer = await makeTokenizer([...texts, ...questions.map(({ prompt, answer }) => prompt + answer)]);
  const learnFrom = () => textsOf(texts, tokenizer);
  const base = await trainedModel(lab, 'base', async () => newModel(tokenizer, seed), learnFrom, pretraining);
  const learnAnswers = () => answersOf(questions, tokenizer);
  const [small, large] = [
    await trainedModel(lab, 'tuned', startFrom(base), learnAnswers, { ...tuning, learningRate: tuning.small }),
    await trainedModel(lab, 'tuned-hard', startFrom(base), learnAnswers, { ...tuning, learningRate: tuning.large }),
  ];
  const [origin, tuned, hard] = await Promise.all([base, small, large].map((folder) => loadModel(folder)));
  const right = (model: Model) => exactAnswers(engine, model, questions);
  const dropped: number[] = [];
  for (const rate of rates) dropped.push(await right(await drop(small, { base: origin, rate, seed })));
  const lossOf = async (folder: string, model: Model): Promise<Tuned> => ({
    delta: deltaOf(origin, model),
    loss: await answerLoss(engine, model, questions),
    droppedLoss: await answerLoss(engine, await drop(folder, { base: origin, rate: 0.9, seed }), questions),
  });
  return {
    base: await right(origin),
    tuned: await right(tuned),
    dropped,
    notRescaled: await right(await drop(small, { base: origin, rate: 0.9, seed, rescale: false })),
    weightsDropped: await right(await drop(small, { rate: 0.1, seed })),
    deltasDropped: await right(await drop(small, { base: origin, rate: 0.1, seed })),
    small: await lossOf(small, tuned),
    large: await lossOf(large, hard),
    law: [0.5, 0.9].map((rate) => varianceLaw(origin, tuned, { rate, seed })),
  };
}

interface DropOptions {
  /** What deltas are measured from; nothing drops the weights themselves. */
  readonly base?: Model;
  /** Share of the entries that go. */
  readonly rate: number;
  readonly seed: number;
  readonly rescale?: boolean;
}

/** A model of a folder, with entries dropped. */
async function drop(folder: string, { base, rate, seed, rescale = true }: DropOptions): Promise<Model> {
  const model = await loadModel(folder);
  for (const [name, { shape, weight }] of model.parameters) {
    const { values } = runMethod(dareLinear, {
      shape,
      base: base?.parameters.get(name)?.weight ?? new Float32Array(weight.length),
      models: [weight],
      parameters: [{ weight: 1, density: 1 - rate }],
      settings: { rescale },
      compat: 'paper',
      seed,
      name,
    });
    weight.set(values);
  }
  return model;
}

function deltaOf(base: Model, model: Model): number {
  let [sum, count] = [0, 0];
  for (const [name, { weight }] of model.parameters) {
    const origin = base.parameters.get(name)!.weight;
    for (const [i, value] of weight.entries()) sum += (value - origin[i]) ** 2;
    count += weight.length;
  }
  return Math.sqrt(sum / count);
}

/**
 * A linear unit y = sum_j theta_j x_j with the weights of a trained row: over draws, y has the mean of the whole delta and
 * the variance p / (1 - p) sum_j delta_j^2 x_j^2.
 */
function varianceLaw(base: Model, model: Model, { rate, seed }: { readonly rate: number; readonly seed: number }) {
  const name = 'model.layers.0.mlp.down_proj.weight';
  const { shape, weight } = model.parameters.get(name)!;
  const width = shape[1];
  const [origin, row] = [base.parameters.get(name)!.weight.subarray(0, width), weight.subarray(0, width)];
  const random = randomOf(seed, 'unit');
  const x = Float64Array.from({ length: width }, () => random.normal());
  const outputs = (rescale: boolean): number[] =>
    Array.from({ length: draws }, (_, draw) => {
      const { values } = runMethod(dareLinear, {
        shape: [width],
        base: origin,
        models: [row],
        parameters: [{ weight: 1, density: 1 - rate }],
        settings: { rescale },
        compat: 'paper',
        seed: draw,
      });
      return values.reduce((sum, value, j) => sum + (value - origin[j]) * x[j], 0);
    });
  const delta = Float64Array.from(row, (value, j) => value - origin[j]);
  const whole = delta.reduce((sum, value, j) => sum + value * x[j], 0);
  const law = (rate / (1 - rate)) * delta.reduce((sum, value, j) => sum + (value * x[j]) ** 2, 0);
  const drawn = outputs(true);
  const center = mean(drawn);
  return {
    variance: drawn.reduce((sum, y) => sum + (y - center) ** 2, 0) / (draws - 1) / law,
    mean: center / whole,
    meanNotRescaled: mean(outputs(false)) / whole,
  };
}

function judge(evidence: readonly Evidence[]) {
  const over = (figure: (seed: Evidence) => number) => evidence.map(figure);
  const kept = (figure: (seed: Evidence) => number) => over((seed) => figure(seed) / seed.tuned);
  const variances = evidence.flatMap(({ law }) => law.map(({ variance }) => variance));
  const rise = ({ loss, droppedLoss }: Tuned) => droppedLoss - loss;
  const ratio = over(({ small, large }) => rise(large) / rise(small));
  const size = over(({ small, large }) => large.delta / small.delta);
  return [
    {
      id: 'D1',
      statement: 'Dropping with rescaling keeps the mean of a linear unit, with a variance of p/(1-p) sum delta^2 x^2.',
      expected: `measured variance 0.9 to 1.1 times the law at p = 0.5 and 0.9, ${draws} draws`,
      measured: `from ${Math.min(...variances).toFixed(2)} to ${Math.max(...variances).toFixed(2)} times; mean ${formatMean(over(({ law }) => law[1].mean))} of the whole at p = 0.9`,
      control: `without rescaling the mean is ${formatMean(over(({ law }) => law[1].meanNotRescaled))} of the whole`,
      holds: variances.every((value) => value >= 0.9 && value <= 1.1),
    },
    {
      id: 'D2',
      statement: 'Nine of ten entries of a small delta can be dropped.',
      expected: 'at least 0.95 of the exact answers stay at p = 0.9',
      measured: rates.map((rate, i) => `p = ${rate}: ${formatMean(kept(({ dropped }) => dropped[i]))}`).join('; '),
      control: `not rescaled at p = 0.9: ${formatMean(kept(({ notRescaled }) => notRescaled))}; answers of the whole model ${formatMean(over(({ tuned }) => tuned))}, of the base ${formatMean(over(({ base }) => base))}`,
      holds: mean(kept(({ dropped }) => dropped[1])) >= 0.95,
    },
    {
      id: 'D3',
      statement: 'Weights themselves, other than deltas, cannot be dropped.',
      expected: 'less than half of the exact answers stay when a tenth of the weights goes',
      measured: formatMean(kept(({ weightsDropped }) => weightsDropped)),
      control: `a tenth of the delta: ${formatMean(kept(({ deltasDropped }) => deltasDropped))}`,
      holds: mean(kept(({ weightsDropped }) => weightsDropped)) < 0.5,
    },
    {
      id: 'D4',
      statement: 'It fails for large deltas.',
      expected: 'with ten times the learning rate, the loss rises at least ten times as much at p = 0.9',
      measured: `${formatMean(ratio, 1)} times, with a delta ${formatMean(size, 1)} times as large`,
      control: `the small delta: ${formatMean(
        over(({ small }) => rise(small)),
        3,
      )} nats more than ${formatMean(
        over(({ small }) => small.loss),
        3,
      )}; the large one: ${formatMean(
        over(({ large }) => rise(large)),
        3,
      )} more than ${formatMean(
        over(({ large }) => large.loss),
        3,
      )}`,
      holds: mean(ratio) >= 10,
    },
  ];
}
