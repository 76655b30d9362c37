/** Softmax attention with grouped queries, in blocks of queries that see a prefix of the keys. */
import {
  type ComposedOperator,
  defineOperator,
  type OperatorCase,
  requireDType,
  ShapeError,
  type Value,
} from '../operator.ts';
import { type Attributes, elementCount, type Tensor, type TensorType } from '../tensor.ts';
import { add, mul, softCap, sub } from './elementwise.ts';
import { matmul } from './linear.ts';
import { softmax } from './normalize.ts';
import { sum } from './reduce.ts';
import { concat, pad, reshape, slice, transpose } from './shape.ts';

export interface AttentionOptions {
  readonly heads: number;
  readonly keyValueHeads: number;
  /** What products of queries and keys are multiplied with. Default: 1 / sqrt(size). */
  readonly scale?: number;
  /** Scores s become cap tanh(s / cap) before the mask is added (Gemma 2). */
  readonly cap?: number;
}

/** The sizes that the inputs imply: q [rows, length, kvHeads * group * size], k [rows, length, kvHeads * size]. */
interface Sizes {
  readonly rows: number;
  readonly length: number;
  readonly kvHeads: number;
  /** Query heads of one key head. */
  readonly group: number;
  readonly size: number;
  readonly scale: number;
  readonly cap: number | undefined;
}

function sizesOf(q: TensorType, attributes: Attributes): Sizes {
  const { heads, keyValueHeads: kvHeads, ...options } = attributes as unknown as AttentionOptions;
  const [rows, length, width] = q.shape;
  const size = width / heads;
  const { scale = 1 / Math.sqrt(size), cap } = options;
  return { rows, length, kvHeads, group: heads / kvHeads, size, scale, cap };
}

/** [rows, length, heads * size] -> [rows, kvHeads, group, length, size] */
const splitHeads = (x: Tensor, { rows, length, kvHeads, group, size }: Sizes): Tensor =>
  transpose(reshape(x, [rows, length, kvHeads, group, size]), [0, 2, 3, 1, 4]);

/** [rows, kvHeads, group, length, size] -> [rows, length, heads * size] */
const joinHeads = (x: Tensor, { rows, length, kvHeads, group, size }: Sizes): Tensor =>
  reshape(transpose(x, [0, 3, 1, 2, 4]), [rows, length, kvHeads * group * size]);

/** One block of queries: `start` up to `end`, the keys it sees. */
class Block {
  readonly start: number;
  readonly end: number;
  readonly #sizes: Sizes;

  constructor(mask: TensorType, sizes: Sizes) {
    const [queries, keys] = mask.shape.slice(-2);
    this.start = keys - queries;
    this.end = keys;
    this.#sizes = sizes;
  }

  /** The block's part of a value [rows, kvHeads, group, length, n], queries of one key head stacked as rows. */
  stacked(x: Tensor): Tensor {
    const { rows, kvHeads, group } = this.#sizes;
    const { start, end } = this;
    return reshape(slice(x, { axis: 3, start, end }), [rows, kvHeads, group * (end - start), x.shape[4]]);
  }

  unstacked(x: Tensor): Tensor {
    const { rows, kvHeads, group } = this.#sizes;
    return reshape(x, [rows, kvHeads, group, this.end - this.start, x.shape[3]]);
  }

  /** The keys or values that the block sees, of [rows, kvHeads, length, size]. */
  seen(x: Tensor): Tensor {
    return slice(x, { axis: 2, start: 0, end: this.end });
  }

  /** Products of queries and keys, scaled and capped. */
  scores(queries: Tensor, keys: Tensor): Tensor {
    const { scale, cap } = this.#sizes;
    const scores = matmul(this.stacked(queries), this.seen(keys), { transB: true, alpha: scale });
    return cap === undefined ? scores : softCap(scores, cap);
  }

  weights(queries: Tensor, keys: Tensor, mask: Tensor): Tensor {
    const scores = this.scores(queries, keys);
    return reshape(softmax(add(this.unstacked(scores), mask)), scores.shape);
  }

  /** Derivative by the products before the cap, of one by the scores: d(c tanh(s / c)) = 1 - (value / c)^2. */
  byUncapped(byScores: Tensor, queries: Tensor, keys: Tensor): Tensor {
    const { cap } = this.#sizes;
    if (cap === undefined) return byScores;
    const relative = mul(this.scores(queries, keys), 1 / cap);
    return mul(byScores, sub(1, mul(relative, relative)));
  }
}

function prepare([q, k, v, ...masks]: readonly Tensor[], attributes: Attributes) {
  const sizes = sizesOf(q, attributes);
  const single = { ...sizes, group: 1 };
  const [keys, values] = [k, v].map((x) =>
    reshape(splitHeads(x, single), [sizes.rows, sizes.kvHeads, sizes.length, sizes.size]),
  );
  const blocks = masks.map((mask) => ({ mask, block: new Block(mask, sizes) }));
  return { sizes, single, queries: splitHeads(q, sizes), keys, values, blocks };
}

function attend([q, k, v, ...masks]: readonly Value[], attributes: Attributes): Float64Array {
  const { rows, length, kvHeads, group, size, scale, cap } = sizesOf(q, attributes);
  const heads = kvHeads * group;
  const result = new Float64Array(elementCount(q.shape));
  for (const mask of masks) {
    const [queries, keys] = mask.shape.slice(-2);
    for (let row = 0; row < rows; row++) {
      for (let head = 0; head < heads; head++) {
        for (let i = 0; i < queries; i++) {
          const query = ((row * length + keys - queries + i) * heads + head) * size;
          const keyAt = (j: number) => ((row * length + j) * kvHeads + Math.floor(head / group)) * size;
          const scores = Float64Array.from({ length: keys }, (_, j) => {
            let dot = 0;
            for (let c = 0; c < size; c++) dot += q.data[query + c] * k.data[keyAt(j) + c];
            const score = cap === undefined ? scale * dot : cap * Math.tanh((scale * dot) / cap);
            return score + mask.data[(row * queries + i) * keys + j];
          });
          const largest = Math.max(...scores);
          const exponentials = scores.map((score) => Math.exp(score - largest));
          const total = exponentials.reduce((a, b) => a + b);
          exponentials.forEach((value, j) => {
            for (let c = 0; c < size; c++) result[query + c] += (value / total) * v.data[keyAt(j) + c];
          });
        }
      }
    }
  }
  return result;
}

const maskOf = (rows: number, queries: number, keys: number, hidden: readonly number[] = []) => ({
  shape: [rows, 1, 1, queries, keys],
  values: Array.from({ length: rows * queries * keys }, (_, i) => {
    const [query, key] = [(Math.floor(i / keys) % queries) + keys - queries, i % keys];
    return key > query || hidden.includes(key) ? -1e30 : 0;
  }),
});

const cases: readonly OperatorCase[] = [
  {
    inputs: [{ shape: [2, 3, 4] }, { shape: [2, 3, 4] }, { shape: [2, 3, 4] }, maskOf(2, 3, 3)],
    attributes: { heads: 2, keyValueHeads: 2 },
  },
  {
    name: 'grouped queries in blocks',
    inputs: [
      { shape: [1, 5, 8] },
      { shape: [1, 5, 4] },
      { shape: [1, 5, 4] },
      maskOf(1, 2, 2),
      maskOf(1, 2, 4, [0, 1]),
      maskOf(1, 1, 5, [0, 1]),
    ],
    attributes: { heads: 4, keyValueHeads: 2 },
  },
  {
    name: 'a scale and a cap',
    inputs: [{ shape: [1, 3, 4] }, { shape: [1, 3, 2] }, { shape: [1, 3, 2] }, maskOf(1, 2, 2), maskOf(1, 1, 3)],
    attributes: { heads: 2, keyValueHeads: 1, scale: 0.4, cap: 0.7 },
  },
];

const attentionOperator: ComposedOperator = defineOperator({
  name: 'attention',
  infer: ([q, k, v, ...masks], attributes) => {
    for (const x of [q, k, v, ...masks]) requireDType(x, 'f32', 'every input');
    const { heads, keyValueHeads } = attributes as unknown as AttentionOptions;
    const [rows, length, width] = q.shape;
    const fits = q.shape.length === 3 && width % heads === 0 && heads % keyValueHeads === 0;
    const expected = [rows, length, (width / heads) * keyValueHeads].join();
    if (!fits || k.shape.join() !== expected || v.shape.join() !== expected) {
      throw new ShapeError(`needs q [rows, length, ${heads} * size] and k, v [rows, length, ${keyValueHeads} * size]`);
    }
    let from = 0;
    for (const { shape } of masks) {
      const [queries, keys] = shape.slice(-2);
      if (shape.join() !== [rows, 1, 1, queries, keys].join() || keys - queries !== from) {
        throw new ShapeError(`the mask [${shape}] is not that of the queries from ${from} on`);
      }
      from = keys;
    }
    if (from !== length) throw new ShapeError(`the masks cover ${from} of ${length} queries`);
    return { dtype: 'f32', shape: q.shape };
  },
  compose: (inputs, attributes) => {
    const { sizes, queries, keys, values, blocks } = prepare(inputs, attributes);
    const mixed = blocks.map(({ block, mask }) =>
      block.unstacked(matmul(block.weights(queries, keys, mask), block.seen(values))),
    );
    return joinHeads(concat(mixed, 3), sizes);
  },
  /**
   * With P the weights of a block and O its output: dV = P' dO, dP = dO V', dS = P (dP - sum(dO O)), since the softmax'
   * sum(dP P) over keys is sum(dO O) over channels (Dao et al. 2022, appendix B). Derivatives by keys are added up from
   * block to block, those by queries are put side by side: the chain rule through slices would pad and add both.
   */
  gradient: ({ inputs, output, attributes, upstream }) => {
    const { sizes, single, queries, keys, values, blocks } = prepare(inputs, attributes);
    const { rows, length, kvHeads, group, size, scale: alpha } = sizes;
    const byOutput = splitHeads(upstream, sizes);
    const shared = sum(reshape(mul(upstream, output), [rows, length, kvHeads, group, size]), {
      axes: [4],
      keepDims: true,
    });
    const correction = transpose(shared, [0, 2, 3, 1, 4]);
    const grow = (total: Tensor | undefined, part: Tensor) =>
      total ? add(pad(total, { axis: 2, before: 0, after: part.shape[2] - total.shape[2] }), part) : part;
    let [byKeys, byValues]: (Tensor | undefined)[] = [];
    const byQueries = blocks.map(({ block, mask }) => {
      const weights = block.weights(queries, keys, mask);
      const byBlock = block.stacked(byOutput);
      const byWeights = matmul(byBlock, block.seen(values), { transB: true });
      const byCapped = mul(weights, sub(byWeights, block.stacked(correction)));
      const byScores = block.byUncapped(byCapped, queries, keys);
      byValues = grow(byValues, matmul(weights, byBlock, { transA: true }));
      byKeys = grow(byKeys, matmul(byScores, block.stacked(queries), { transA: true, alpha }));
      return block.unstacked(matmul(byScores, block.seen(keys), { alpha }));
    });
    const ofKeys = (x: Tensor) => joinHeads(reshape(x, [rows, kvHeads, 1, length, size]), single);
    return [joinHeads(concat(byQueries, 3), sizes), ofKeys(byKeys!), ofKeys(byValues!)];
  },
  reference: attend,
  cases,
});

/**
 * softmax(scale q k' + mask) v for q [rows, length, heads * size] and k, v [rows, length, kvHeads * size]. Each
 * mask [rows, 1, 1, queries, keys] is added to the scores of one block of queries, which sees the keys before its end;
 * together they cover all queries in order. Queries that share a key head are stacked as rows of one product, so keys
 * are never repeated. Returns q's shape.
 */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  masks: readonly Tensor[],
  { heads, keyValueHeads, scale, cap }: AttentionOptions,
): Tensor {
  const attributes = { heads, keyValueHeads, ...(scale !== undefined && { scale }), ...(cap !== undefined && { cap }) };
  return q.graph.apply(attentionOperator, [q, k, v, ...masks], attributes);
}
