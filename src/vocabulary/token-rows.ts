/** Rows of a new token table, said in rows of the one there is. */
import type { Checkpoint } from '../checkpoint/huggingface/open-checkpoint.ts';
import { stream } from '../random/stream.ts';

/** A sum of rows times weights. */
export interface Combination {
  readonly rows: readonly number[];
  readonly weights: readonly number[];
}

/**
 * What a row is made of. `mean` is that of all tokens; `random` is drawn around it, each column with the deviation that it
 * has over all tokens.
 */
export type RowRecipe = Combination | 'mean' | 'random' | 'zero';

export const copyOf = (row: number): Combination => ({ rows: [row], weights: [1] });

export const meanOf = (rows: readonly number[]): Combination => ({
  rows,
  weights: rows.map(() => 1 / rows.length),
});

export interface TokenTable {
  readonly checkpoint: Pick<Checkpoint, 'readRange'>;
  /** Stored name. */
  readonly name: string;
  /** Rows that stand for tokens; padding behind them is no part of means and deviations. */
  readonly tokens: number;
  readonly width: number;
}

/** Rows that are made, or read, in one piece. */
const rowsAtOnce = 1024;

/** The rows that recipes make, in order, in pieces. The same seed gives the same draws, whatever the table holds. */
export async function* makeRows(
  table: TokenTable,
  recipes: readonly RowRecipe[],
  seed: number,
): AsyncGenerator<Float32Array> {
  const { checkpoint, name, width } = table;
  const needsStatistics = recipes.some((recipe) => recipe === 'mean' || recipe === 'random');
  const { mean, deviation } = needsStatistics ? await columnStatistics(table) : emptyStatistics;
  const sum = new Float64Array(width);
  for (let first = 0; first < recipes.length; first += rowsAtOnce) {
    const part = recipes.slice(first, first + rowsAtOnce);
    const values = new Float32Array(part.length * width);
    for (const [i, recipe] of part.entries()) {
      sum.fill(0);
      if (recipe === 'mean' || recipe === 'random') sum.set(mean);
      if (recipe === 'random') {
        const random = stream(seed, 'token row', name, String(first + i));
        for (let column = 0; column < width; column++) sum[column] += deviation[column] * random.normal();
      }
      if (typeof recipe === 'object') await addRows(recipe);
      values.set(sum, i * width);
    }
    yield values;
  }

  async function addRows({ rows, weights }: Combination): Promise<void> {
    for (const [i, row] of rows.entries()) {
      const values = await checkpoint.readRange(name, row * width, width);
      for (let column = 0; column < width; column++) sum[column] += weights[i] * values[column];
    }
  }
}

const emptyStatistics = { mean: new Float64Array(0), deviation: new Float64Array(0) };

/** Of each column, over all tokens. */
async function columnStatistics(table: TokenTable): Promise<typeof emptyStatistics> {
  const { tokens, width } = table;
  const [mean, deviation] = [new Float64Array(width), new Float64Array(width)];
  for await (const values of readRows(table)) {
    for (let i = 0; i < values.length; i++) mean[i % width] += values[i] / tokens;
  }
  for await (const values of readRows(table)) {
    for (let i = 0; i < values.length; i++) deviation[i % width] += (values[i] - mean[i % width]) ** 2 / tokens;
  }
  return { mean, deviation: deviation.map(Math.sqrt) };
}

async function* readRows({ checkpoint, name, tokens, width }: TokenTable): AsyncGenerator<Float32Array> {
  for (let row = 0; row < tokens; row += rowsAtOnce) {
    yield checkpoint.readRange(name, row * width, Math.min(rowsAtOnce, tokens - row) * width);
  }
}
