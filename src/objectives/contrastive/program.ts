/**
 * A step of contrastive training. All texts are made vectors of in batches of like length, the loss of all of them is one
 * small graph, and its derivatives go backwards batch by batch: the number of texts that are compared is not bounded by
 * what fits into one pass (Gao et al. 2021, "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup").
 */
import type { Encoder } from '../../models/encoder.ts';
import type { Engine } from '../../runtime/engine.ts';
import type { StepOptions } from '../causal-lm/program.ts';
import { EncoderPrograms } from '../encoder/encoder-programs.ts';
import { batchesByLength } from '../encoder/length-classes.ts';
import { layOutTexts, type Pooling, type TextBatch } from '../encoder/text-batch.ts';
import type { Keep } from '../layers/graphs.ts';
import type { Run } from '../layers/layer-stack.ts';
import type { ParameterArrays } from '../layers/parameter-buffers.ts';
import { Workspace } from '../layers/workspace.ts';
import type { ContrastiveBatch } from './batch.ts';
import { type ContrastiveOptions, contrastiveGraph, leftOut } from './loss.ts';

export interface ContrastiveProgramOptions extends ContrastiveOptions {
  readonly pooling: Pooling;
  readonly keep?: Keep;
}

/** Shapes of batches whose activations are kept at once. */
export const mostPrograms = 6;

/** The loss of so many queries and documents, with its arrays; vectors of queries come before those of documents. */
interface LossProgram {
  readonly run: Run;
  readonly documents: number;
  readonly vectors: Float32Array;
  readonly excluded: Float32Array;
  readonly upstream: Float32Array;
  readonly losses: Float32Array;
  readonly byVectors: Float32Array;
}

/** Texts of one pass, and where their vectors belong. */
interface Pass {
  readonly batch: TextBatch;
  readonly members: readonly number[];
}

export class ContrastiveProgram {
  readonly #options: ContrastiveProgramOptions;
  readonly #width: number;
  readonly #workspace: Workspace;
  readonly #programs: EncoderPrograms;
  readonly #losses = new Map<string, LossProgram>();

  constructor(
    engine: Engine,
    model: { readonly encoder: Encoder; readonly parameters: ReadonlyMap<string, ParameterArrays> },
    options: ContrastiveProgramOptions,
  ) {
    this.#options = options;
    this.#width = model.encoder.sizes.hidden;
    this.#workspace = new Workspace(engine);
    this.#programs = new EncoderPrograms(engine, model, { most: mostPrograms, keep: options.keep });
  }

  /** Sum of the queries' losses in nats; the gradients of their weighted sum go to the parameters' gradient arrays. */
  async forwardBackward(
    batch: ContrastiveBatch,
    { labelWeight, accumulate }: Pick<StepOptions, 'labelWeight' | 'accumulate'>,
  ): Promise<number> {
    const texts = [...batch.queries, ...batch.documents];
    const passes = this.#passesOf(texts);
    const loss = this.#lossOf(batch);
    for (const { batch, members } of passes) {
      const encoded = await this.#programs.of(batch).encodeToLearn(batch);
      for (const [row, i] of members.entries()) loss.vectors.set(this.#row(encoded, row), i * this.#width);
    }
    loss.excluded.set(alikeLeftOut(batch, loss.documents));
    loss.upstream.fill(labelWeight);
    await loss.run();
    // The last pass first: what it kept is still there.
    for (const [step, { batch, members }] of passes.toReversed().entries()) {
      const upstream = new Float32Array(batch.rows * this.#width);
      for (const [row, i] of members.entries()) upstream.set(this.#row(loss.byVectors, i), row * this.#width);
      await this.#programs.of(batch).backward(batch, upstream, { accumulate: accumulate || step > 0 });
    }
    return loss.losses.reduce((sum, one) => sum + one, 0);
  }

  release(): void {
    this.#programs.release();
    this.#workspace.release();
  }

  #passesOf(texts: readonly Int32Array[]): Pass[] {
    return batchesByLength(texts.map(({ length }) => length)).map(({ rows, length, members }) => {
      const own = members.map((i) => texts[i]);
      return { batch: layOutTexts(own, { rows, length, pooling: this.#options.pooling }), members };
    });
  }

  #row(vectors: Float32Array, row: number): Float32Array {
    return vectors.subarray(row * this.#width, (row + 1) * this.#width);
  }

  /** Compiled for as many documents as there would be with the same number of negatives for each query. */
  #lossOf(batch: ContrastiveBatch): LossProgram {
    const queries = batch.queries.length;
    const documents = queries * Math.ceil(batch.documents.length / queries);
    const name = `loss.${queries}x${documents}`;
    const known = this.#losses.get(name);
    if (known) return known;
    const width = this.#width;
    const arrays = {
      vectors: new Float32Array((queries + documents) * width),
      excluded: new Float32Array(queries * documents),
      upstream: new Float32Array(queries),
      losses: new Float32Array(queries),
      byVectors: new Float32Array((queries + documents) * width),
    };
    const segment = this.#workspace.segment(name, () => contrastiveGraph({ queries, documents, width }, this.#options));
    const run = segment.bind({
      queries: this.#workspace.rowsOf(arrays.vectors, 0, queries, width),
      documents: this.#workspace.rowsOf(arrays.vectors, queries, documents, width),
      excluded: this.#workspace.rowsOf(arrays.excluded, 0, queries, documents),
      upstream: this.#workspace.rowsOf(arrays.upstream, 0, queries),
      losses: this.#workspace.rowsOf(arrays.losses, 0, queries),
      'd.queries': this.#workspace.rowsOf(arrays.byVectors, 0, queries, width),
      'd.documents': this.#workspace.rowsOf(arrays.byVectors, queries, documents, width),
    });
    const loss = { ...arrays, run, documents };
    this.#losses.set(name, loss);
    return loss;
  }
}

/**
 * What is no negative of a query although it is in the batch: the same text as its own document, the documents of the same
 * query, and columns behind the last document. [queries, columns], added to similarities.
 */
export function alikeLeftOut(
  { queries, documents }: Pick<ContrastiveBatch, 'queries' | 'documents'>,
  columns = documents.length,
): Float32Array {
  const [queryKeys, documentKeys] = [queries, documents].map((texts) => texts.map((ids) => ids.join()));
  const excluded = new Float32Array(queries.length * columns);
  for (const [i, query] of queryKeys.entries()) {
    excluded.fill(leftOut, i * columns + documents.length, (i + 1) * columns);
    for (const [j, document] of documentKeys.entries()) {
      if (i === j) continue;
      if (document === documentKeys[i] || queryKeys[j] === query) excluded[i * columns + j] = leftOut;
    }
  }
  return excluded;
}
