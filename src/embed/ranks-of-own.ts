/**
 * Where each query's own document comes among all, by cosine. Products of blocks are made by the runtime, so memory holds
 * the vectors and one block of cosines, and what decides is exact: float32 tells which documents lie clearly above or below
 * the own one, and the few between are compared in float64.
 */
import { Graph } from '../graph/graph.ts';
import { matmul } from '../graph/ops/linear.ts';
import { Workspace } from '../objectives/layers/workspace.ts';
import { toOnnx } from '../onnx/model-proto.ts';
import type { Engine } from '../runtime/engine.ts';
import { dot } from './vectors.ts';

/** Vectors of length 1 (or 0), one in each row: float32 [rows, width]. */
export interface UnitVectors {
  readonly width: number;
  readonly values: Float32Array;
}

export interface RankOptions {
  readonly engine: Engine;
  readonly signal?: AbortSignal;
  /** Told how many queries are done. */
  readonly onProgress?: (done: number) => void;
}

/** Rows of a block: enough for the product to be efficient, few enough for the cosines to stay near the processor. */
const mostRows = { queries: 512, documents: 2048 };

/**
 * Ranks from 1. A document as near as the own one comes before it, so that vectors that are all alike find nothing; so does
 * one whose cosine is no number.
 * @param documents each once @param own for each query, the row of its document
 */
export async function ranksOfOwn(
  queries: UnitVectors,
  documents: UnitVectors,
  own: ArrayLike<number>,
  { engine, signal, onProgress }: RankOptions,
): Promise<number[]> {
  const { width } = documents;
  const [asked, found] = [rowsOf(queries), rowsOf(documents)];
  const cosines = new CosineBlocks(engine, {
    width,
    queries: Math.min(mostRows.queries, asked),
    documents: Math.min(mostRows.documents, found),
  });
  const ranks = new Array<number>(asked).fill(1);
  const ownCosines = Float64Array.from(ranks, (_, i) => cosineOf(queries, i, documents, own[i]));
  // What float32 may lose of a sum of so many products, whatever their order (Higham 2002, equation 3.5), and a little for
  // lengths that are 1 to within a rounding.
  const margin = (width + 8) * 2 ** -24;
  try {
    for (let query = 0; query < asked; query += cosines.shape.queries) {
      const rows = Math.min(cosines.shape.queries, asked - query);
      cosines.loadQueries(block(queries, query, rows));
      for (let document = 0; document < found; document += cosines.shape.documents) {
        const columns = Math.min(cosines.shape.documents, found - document);
        signal?.throwIfAborted();
        const values = await cosines.of(block(documents, document, columns));
        for (let i = 0; i < rows; i++) {
          const row = values.subarray(i * cosines.shape.documents, i * cosines.shape.documents + columns);
          ranks[query + i] += nearer(row, query + i, document);
        }
      }
      onProgress?.(query + rows);
    }
    return ranks;
  } finally {
    await engine.drain();
    cosines.release();
  }

  /** How many documents of a block, which begins at `first`, come before a query's own. */
  function nearer(row: Float32Array, query: number, first: number): number {
    const limit = ownCosines[query];
    const [low, high] = [limit - margin, limit + margin];
    let count = 0;
    for (let j = 0; j < row.length; j++) {
      if (row[j] < low) continue;
      if (first + j === own[query]) continue;
      if (row[j] > high || !(cosineOf(queries, query, documents, first + j) < limit)) count++;
    }
    return count;
  }
}

const rowsOf = ({ values, width }: UnitVectors): number => values.length / width;

const block = ({ values, width }: UnitVectors, start: number, rows: number): Float32Array =>
  values.subarray(start * width, (start + rows) * width);

const cosineOf = (a: UnitVectors, i: number, b: UnitVectors, j: number): number => dot(block(a, i, 1), block(b, j, 1));

interface BlockShape {
  readonly queries: number;
  readonly documents: number;
  readonly width: number;
}

/** Products of blocks of one shape; rows that a smaller block leaves hold what was there before. */
class CosineBlocks {
  readonly shape: BlockShape;
  readonly #workspace: Workspace;
  readonly #queries: Float32Array;
  readonly #documents: Float32Array;
  readonly #cosines: Float32Array;
  readonly #run: () => Promise<void>;

  constructor(engine: Engine, shape: BlockShape) {
    const { queries, documents, width } = shape;
    this.shape = shape;
    this.#workspace = new Workspace(engine);
    this.#queries = new Float32Array(queries * width);
    this.#documents = new Float32Array(documents * width);
    this.#cosines = new Float32Array(queries * documents);
    const segment = this.#workspace.segment('cosines', () => cosineGraph(shape));
    this.#run = segment.bind({
      queries: this.#workspace.rowsOf(this.#queries, 0, queries, width),
      documents: this.#workspace.rowsOf(this.#documents, 0, documents, width),
      cosines: this.#workspace.rowsOf(this.#cosines, 0, queries, documents),
    });
  }

  loadQueries(rows: Float32Array): void {
    this.#queries.set(rows);
  }

  /** [queries, documents] with the queries that were loaded last; valid until the next call. */
  async of(documents: Float32Array): Promise<Float32Array> {
    this.#documents.set(documents);
    await this.#run();
    return this.#cosines;
  }

  release(): void {
    this.#workspace.release();
  }
}

function cosineGraph({ queries, documents, width }: BlockShape) {
  const graph = new Graph();
  const a = graph.input('queries', 'f32', [queries, width]);
  const b = graph.input('documents', 'f32', [documents, width]);
  return toOnnx({ cosines: matmul(a, b, { transB: true }) });
}
