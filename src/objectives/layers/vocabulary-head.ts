/**
 * The head of a model over the hidden states of a batch, in chunks of rows: the logits of a large vocabulary never exist
 * all at once. Holds the labels of the batch and their losses.
 */
import type { Buffer } from '../../runtime/buffer.ts';
import type { Bindings } from '../../runtime/engine.ts';
import { type HeadedModel, headLogitsGraph, headLossGraph, headScoreGraph } from './head-graphs.ts';
import type { Run } from './layer-stack.ts';
import type { ParameterBuffers } from './parameter-buffers.ts';
import type { Workspace } from './workspace.ts';

/** Rows of hidden states whose logits are computed at once. */
interface Chunk {
  readonly start: number;
  readonly rows: number;
}

const logitsBytes = 64 << 20;

/** Equal chunks of at most `most` rows of logits, by default of 64 MB; the last may be shorter. */
export function headChunks(
  count: number,
  vocabulary: number,
  most = Math.floor(logitsBytes / 4 / vocabulary),
): readonly Chunk[] {
  const size = Math.max(1, most);
  const rows = Math.ceil(count / Math.ceil(count / size));
  const starts = Array.from({ length: Math.ceil(count / rows) }, (_, i) => i * rows);
  return starts.map((start) => ({ start, rows: Math.min(rows, count - start) }));
}

export class VocabularyHead {
  readonly #workspace: Workspace;
  readonly #model: HeadedModel;
  readonly #parameters: ParameterBuffers;
  readonly #chunks: readonly Chunk[];
  readonly #labels: Int32Array;
  /** Derivative of what is minimized by each loss; 0 where nothing is predicted, and the loss is of no label. */
  readonly #labelWeights: Float32Array;
  readonly #losses: Float32Array;

  /**
   * @param count rows of hidden states
   * @param chunkRows see `headChunks`
   */
  constructor(
    workspace: Workspace,
    model: HeadedModel,
    parameters: ParameterBuffers,
    { count, chunkRows }: { readonly count: number; readonly chunkRows?: number },
  ) {
    this.#workspace = workspace;
    this.#model = model;
    this.#parameters = parameters;
    this.#chunks = headChunks(count, model.sizes.vocabulary, chunkRows);
    this.#labels = new Int32Array(count);
    this.#labelWeights = new Float32Array(count);
    this.#losses = new Float32Array(count);
  }

  /** @param labels the token to predict at each row, -1 where nothing is predicted */
  load(labels: Int32Array, weight: number): void {
    for (let i = 0; i < labels.length; i++) {
      this.#labels[i] = Math.max(labels[i], 0);
      this.#labelWeights[i] = labels[i] < 0 ? 0 : weight;
    }
  }

  /** Negative log-likelihood in nats of each label, 0 where there is none: [count]. */
  scores(): Float32Array {
    return this.#losses.map((loss, i) => (this.#labelWeights[i] === 0 ? 0 : loss));
  }

  sumOfLosses(): number {
    let sum = 0;
    for (let i = 0; i < this.#losses.length; i++) if (this.#labelWeights[i] !== 0) sum += this.#losses[i];
    return sum;
  }

  /** Losses of hidden states, and the derivatives of their weighted sum. */
  lossRuns(hidden: Buffer, byHidden: Buffer, accumulating: boolean): Run[] {
    const { isTrained } = this.#parameters;
    const headIsTrained = Object.values(this.#model.headParameters).some(isTrained);
    return this.#chunks.map((chunk, i) => {
      const adds = headIsTrained && (accumulating || i > 0);
      const options = { isTrained, accumulating: adds };
      const derivatives = this.#rowsOf(byHidden, chunk);
      const run = this.#workspace
        .segment(`head.loss.${chunk.rows}.${adds}`, () => headLossGraph(this.#model, chunk.rows, options))
        .bind({
          ...this.#parameters.bindings(this.#model.headParameters, adds),
          ...this.#lossBindings(chunk),
          hidden: this.#rowsOf(hidden, chunk),
          'd.hidden': derivatives,
        });
      // The logits of a large vocabulary cost as much as several layers: rows without labels, such as prompts, need none.
      return async () => {
        const isWritten = headIsTrained && !adds;
        if (isWritten || this.#hasLabels(chunk)) await run();
        else derivatives.f32.fill(0);
      };
    });
  }

  /** Losses of hidden states. */
  scoreRuns(hidden: Buffer): Run[] {
    return this.#chunks.map((chunk) =>
      this.#workspace
        .segment(`head.score.${chunk.rows}`, () => headScoreGraph(this.#model, chunk.rows))
        .bind({
          ...this.#parameters.bindings(this.#model.headParameters),
          ...this.#lossBindings(chunk),
          hidden: this.#rowsOf(hidden, chunk),
        }),
    );
  }

  /** Runs that write the logits of hidden states, [count, vocabulary]. */
  logits(hidden: Buffer): { readonly runs: readonly Run[]; readonly array: Float32Array } {
    const { vocabulary } = this.#model.sizes;
    const array = new Float32Array(this.#labels.length * vocabulary);
    const runs = this.#chunks.map((chunk) =>
      this.#workspace
        .segment(`head.logits.${chunk.rows}`, () => headLogitsGraph(this.#model, chunk.rows))
        .bind({
          ...this.#parameters.bindings(this.#model.headParameters),
          hidden: this.#rowsOf(hidden, chunk),
          logits: this.#workspace.rowsOf(array, chunk.start, chunk.rows, vocabulary),
        }),
    );
    return { runs, array };
  }

  /** For a segment that computes all losses among other things. */
  bindings(): Bindings {
    return this.#lossBindings({ start: 0, rows: this.#labels.length });
  }

  #lossBindings({ start, rows }: Chunk): Bindings {
    return {
      labels: this.#workspace.rowsOf(this.#labels, start, rows),
      'label.weights': this.#workspace.rowsOf(this.#labelWeights, start, rows),
      losses: this.#workspace.rowsOf(this.#losses, start, rows),
    };
  }

  #rowsOf(hidden: Buffer, { start, rows }: Chunk): Buffer {
    return this.#workspace.rowsOf(hidden.f32, start, rows, this.#model.sizes.hidden);
  }

  #hasLabels({ start, rows }: Chunk): boolean {
    return this.#labelWeights.subarray(start, start + rows).some((weight) => weight !== 0);
  }
}
