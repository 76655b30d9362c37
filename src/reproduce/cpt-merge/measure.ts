/** What is measured with one seed: the models of the experiment, their merges, and what they know. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { diffModels } from '../../merge/diagnostics/diff-models.ts';
import { mergeModels } from '../../merge/merge-models.ts';
import { parseMergeRecipes } from '../../merge/recipe/read-merge-recipe.ts';
import { loadModel, type Model, saveModel } from '../../models/model.ts';
import {
  answersOf,
  exactAnswers,
  makeTokenizer,
  newModel,
  startFrom,
  textLoss,
  textsOf,
  trainedModel,
} from '../fact-models.ts';
import {
  createFactWorld,
  describeAll,
  divide,
  type Question,
  questionsAbout,
  randomOf,
  statements,
  talk,
} from '../facts.ts';
import type { Lab } from '../reproduction.ts';

/** Tokens and learning rates. */
export const settings = {
  base: { tokens: 800_000, learningRate: 5e-3 },
  instruction: { tokens: 80_000, learningRate: 6e-4 },
  finance: { tokens: 200_000, learningRate: 1e-3 },
  /** Times the rate of `finance`. */
  hard: 30,
  gentle: { tokens: 40_000, learningRate: 1e-6 },
} as const;

/** Of a merge and its questions, in tokens that could be trained meanwhile. */
const workPerMerge = 20_000;

const coefficients = [0, 0.5, 1, 1.25] as const;

export const workPerSeed =
  settings.base.tokens +
  4 * settings.instruction.tokens +
  3 * settings.finance.tokens +
  settings.gentle.tokens +
  2 * coefficients.length ** 2 * workPerMerge;

/** Shares of exact answers. */
interface Scores {
  readonly finance: number;
  /** About places and people of which no answer was taught. */
  readonly general: number;
}

export interface GridScore extends Scores {
  readonly alpha: number;
  readonly beta: number;
}

export interface Evidence {
  readonly identities: {
    /** Largest differences of weights: of merges with coefficients (0, 0), (1, 0), (0, 1) from base and parents. */
    readonly corners: readonly number[];
    /** Of 0.25 and 0.75 from `linear`. */
    readonly interpolation: number;
    /** Of TIES with density 1 and one model from that model. */
    readonly ties: number;
  };
  readonly models: Readonly<
    Record<'base' | 'instruction' | 'finance' | 'merged' | 'direct' | 'oneAfterTheOther', Scores>
  >;
  readonly grid: readonly GridScore[];
  /** With a finance vector that was learnt from questions and answers. */
  readonly askedGrid: readonly GridScore[];
  /** Of the instruction vector with: the finance vector, another instruction run, the finance vector from questions. */
  readonly cosines: { readonly finance: number; readonly again: number; readonly asked: number };
  readonly hard: {
    readonly merged: Scores;
    /** Mean nats of a token of finance text. */
    readonly loss: { readonly merged: number; readonly parent: number; readonly instruction: number };
    /** Length of the vector as a share of the base's. */
    readonly distance: number;
    readonly warned: boolean;
  };
  readonly usual: { readonly loss: number; readonly distance: number; readonly warned: boolean };
  readonly gentle: {
    /** Share of the changes that bfloat16 loses. */
    readonly lost: number;
    /** Of finance text, after merging files of either type. */
    readonly loss: { readonly f32: number; readonly bf16: number; readonly instruction: number };
  };
}

export async function measure(lab: Lab): Promise<Evidence> {
  const { engine, seed } = lab;
  const made = await makeModels(lab);
  const { base, instruction, finance, asked, questions, financeTexts } = made;
  const score = async (model: Model): Promise<Scores> => ({
    finance: await exactAnswers(engine, model, questions.finance),
    general: await exactAnswers(engine, model, questions.general),
  });
  const scoreFolder = async (folder: string) => score(await loadModel(folder));
  const sum = (vector: string, alpha: number, beta: number) =>
    merged(lab, taskArithmetic(base, [instruction, alpha], [vector, beta]));
  const gridOf = async (name: string, vector: string): Promise<GridScore[]> => {
    const points: GridScore[] = [];
    for (const alpha of coefficients) {
      for (const beta of coefficients) {
        const measured = await lab.once(`${name}-${alpha}-${beta}`, async () =>
          score((await sum(vector, alpha, beta)).model),
        );
        points.push({ alpha, beta, ...measured });
        lab.advance(`${name} of merges`, workPerMerge);
      }
    }
    return points;
  };
  const lossOf = (model: Model) => textLoss(engine, model, financeTexts.slice(0, 60));
  const grid = await gridOf('grid', finance);
  const hard = await sum(made.hard, 1, 1);
  const usual = await sum(finance, 1, 1);
  const diff = await diffModels(base, [instruction, finance, made.again, asked, made.hard], { rank: 0, seed });
  const cosine = (b: string) => {
    const pair = diff.pairs.findIndex((each) => each.a === 'A' && each.b === b);
    return figure(diff.total.pairs[pair].cosine);
  };
  const halves: string[] = [];
  for (const [name, folder] of [
    ['base', base],
    ['instruction', instruction],
    ['gentle', made.gentle],
  ] as const) {
    const half = join(lab.folder, `${name}-bf16`);
    await saveModel(half, await loadModel(folder), { dtype: 'bf16', replace: true });
    halves.push(half);
  }
  const [baseHalf, instructionHalf, gentleHalf] = halves;
  const gentleDiff = await diffModels(base, [made.gentle], { rank: 0, seed });
  return {
    identities: await identities(lab, { base, instruction, finance }),
    models: {
      base: await scoreFolder(base),
      instruction: await scoreFolder(instruction),
      finance: await scoreFolder(finance),
      merged: grid.find(({ alpha, beta }) => alpha === 1 && beta === 1)!,
      direct: await scoreFolder(made.direct),
      oneAfterTheOther: await scoreFolder(made.oneAfterTheOther),
    },
    grid,
    askedGrid: await gridOf('asked-grid', asked),
    cosines: { finance: cosine('B'), again: cosine('C'), asked: cosine('D') },
    hard: {
      merged: await score(hard.model),
      loss: {
        merged: await lossOf(hard.model),
        parent: await lossOf(await loadModel(made.hard)),
        instruction: await lossOf(await loadModel(instruction)),
      },
      distance: figure(diff.total.models[4].relative),
      warned: hard.warned,
    },
    usual: { loss: await lossOf(usual.model), distance: figure(diff.total.models[1].relative), warned: usual.warned },
    gentle: {
      lost: figure(gentleDiff.total.models[0].lost.bf16),
      loss: {
        f32: await lossOf((await sum(made.gentle, 1, 1)).model),
        bf16: await lossOf((await merged(lab, taskArithmetic(baseHalf, [instructionHalf, 1], [gentleHalf, 1]))).model),
        instruction: await lossOf(await loadModel(instruction)),
      },
    },
  };
}

/** Undefined figures are of vectors that are nothing. */
const figure = (value: number | null): number => value ?? 0;

/** The folders of all models that are trained, and what they are asked. */
async function makeModels(lab: Lab) {
  const { seed } = lab;
  const world = createFactWorld(seed, { places: 60, people: 60, companies: 64 });
  // The base has heard of companies, as any base has; not of those of the experiment.
  const [companies, known] = [world.companies.slice(0, 24), world.companies.slice(24)];
  const [places, people] = [divide(world.places), divide(world.people)];
  const told = (label: string, subjects: typeof companies, wordings: typeof talk, count: number) =>
    describeAll(subjects, { wordings, count, random: randomOf(seed, label) });
  const general = [
    ...told('general', [...world.places, ...world.people], talk, 6000),
    ...told('known', known, talk, 2500),
  ];
  const financeTexts = told('finance', companies, statements, 4000);
  const taught = questionsAbout([...places.taught, ...people.taught]);
  const questions = {
    finance: questionsAbout(companies),
    general: questionsAbout([...places.heldOut, ...people.heldOut]),
  };
  const tokenizer = await makeTokenizer([
    ...general,
    ...financeTexts.slice(0, 1000),
    ...taught.map(({ prompt, answer }) => prompt + answer),
  ]);
  const read = (texts: readonly string[]) => () => textsOf(texts, tokenizer);
  const answer = (those: readonly Question[]) => () => answersOf(those, tokenizer);
  const { instruction: tuning, finance: pretraining, gentle } = settings;
  const base = await trainedModel(lab, 'base', async () => newModel(tokenizer, seed), read(general), settings.base);
  const from = startFrom(base);
  const learnFinance = read(financeTexts);
  const finance = await trainedModel(lab, 'finance', from, learnFinance, pretraining);
  const paraphrased = financeTexts.map((_, i) => {
    const { prompt, answer: said } = questions.finance[i % questions.finance.length];
    return prompt + said;
  });
  return {
    questions,
    financeTexts,
    base,
    finance,
    instruction: await trainedModel(lab, 'instruction', from, answer(taught), tuning),
    again: await trainedModel(lab, 'instruction-again', from, answer(taught), { ...tuning, order: seed + 1000 }),
    direct: await trainedModel(lab, 'direct', from, answer(questions.finance), tuning),
    oneAfterTheOther: await trainedModel(lab, 'one-after-the-other', startFrom(finance), answer(taught), tuning),
    asked: await trainedModel(lab, 'finance-asked', from, read(paraphrased), pretraining),
    hard: await trainedModel(lab, 'finance-hard', from, learnFinance, {
      ...pretraining,
      learningRate: settings.hard * pretraining.learningRate,
    }),
    gentle: await trainedModel(lab, 'finance-gentle', from, learnFinance, gentle),
  };
}

async function identities(
  lab: Lab,
  { base, instruction, finance }: { readonly base: string; readonly instruction: string; readonly finance: string },
): Promise<Evidence['identities']> {
  const apart = async (recipe: object, other: object | string): Promise<number> => {
    const { model } = await merged(lab, recipe);
    const reference = typeof other === 'string' ? await loadModel(other) : (await merged(lab, other)).model;
    return largestDifference(model, reference);
  };
  const corner = (alpha: number, beta: number) => taskArithmetic(base, [instruction, alpha], [finance, beta]);
  const weighted = (model: string, weight: number) => ({ model, parameters: { weight } });
  return {
    corners: [
      await apart(corner(0, 0), base),
      await apart(corner(1, 0), instruction),
      await apart(corner(0, 1), finance),
    ],
    interpolation: await apart(corner(0.25, 0.75), {
      merge_method: 'linear',
      models: [weighted(instruction, 0.25), weighted(finance, 0.75)],
    }),
    ties: await apart(
      { merge_method: 'ties', base_model: base, models: [{ model: finance, parameters: { weight: 1, density: 1 } }] },
      finance,
    ),
  };
}

type Weighted = readonly [model: string, weight: number];

const taskArithmetic = (base: string, ...vectors: readonly Weighted[]): object => ({
  merge_method: 'task_arithmetic',
  base_model: base,
  models: vectors.map(([model, weight]) => ({ model, parameters: { weight } })),
  dtype: 'float32',
});

async function merged(lab: Lab, document: object): Promise<{ readonly model: Model; readonly warned: boolean }> {
  const folder = join(lab.folder, 'merged');
  await rm(folder, { recursive: true, force: true });
  const [recipe] = parseMergeRecipes(JSON.stringify(document), 'merge');
  const options = { threads: 0, sync: false, signal: lab.signal, resolve: async (name: string) => name };
  const { warnings } = await mergeModels(recipe, folder, options);
  const model = await loadModel(folder);
  await rm(folder, { recursive: true });
  return { model, warned: warnings.length > 0 };
}

function largestDifference(a: Model, b: Model): number {
  let largest = 0;
  for (const [name, { weight }] of a.parameters) {
    const other = b.parameters.get(name)!.weight;
    for (const [i, value] of weight.entries()) largest = Math.max(largest, Math.abs(value - other[i]));
  }
  return largest;
}
