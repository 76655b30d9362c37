/** LoRA adapters over a frozen base: inputs of the graph, so that many of them can share one frozen model. */
import { UsageError } from '../../errors.ts';
import { type AdaptedProduct, adapterNames } from '../../models/inference-graph.ts';
import type { Buffer } from '../../runtime/buffer.ts';
import type { Bindings, Engine } from '../../runtime/engine.ts';

/** An update of one parameter [out, input] by scale * B A (Hu et al., "LoRA", 2021). */
export interface LowRankUpdate {
  /** [rank, input] */
  readonly a: Float32Array;
  /** [out, rank] */
  readonly b: Float32Array;
  readonly rank: number;
  readonly scale: number;
}

/** The updates in the form that the graph reads. */
export class FrozenAdapter {
  readonly bindings: Bindings;
  readonly #buffers: Buffer[] = [];

  /**
   * @param updates by the name of the parameter that they update
   * @throws UsageError for a parameter that takes no updates, or shapes that do not fit it
   */
  constructor(engine: Engine, products: readonly AdaptedProduct[], updates: ReadonlyMap<string, LowRankUpdate>) {
    const known = new Set(products.flatMap(({ parameters }) => parameters));
    for (const name of updates.keys()) if (!known.has(name)) throw refuse(name, 'an update', 'none for this parameter');
    const bindings: Record<string, Buffer> = {};
    for (const product of products) {
      const { inner, outer } = adapterNames(product.name);
      const { a, b, rank } = joined(product, updates);
      const out = product.outputs.reduce((sum, size) => sum + size, 0);
      bindings[inner] = engine.buffer({ dtype: 'f32', shape: [product.input, rank] }, a);
      bindings[outer] = engine.buffer({ dtype: 'f32', shape: [rank, out] }, b);
      this.#buffers.push(bindings[inner], bindings[outer]);
    }
    this.bindings = bindings;
  }

  release(): void {
    for (const buffer of this.#buffers) buffer.release();
  }
}

/** The updates of all parameters of a product as one: A side by side, B as blocks, the scale in B. Rank 1 and zero if there are none. */
function joined({ parameters, input, outputs }: AdaptedProduct, updates: ReadonlyMap<string, LowRankUpdate>) {
  const found = parameters.map((name) => updates.get(name));
  const rank = Math.max(
    1,
    found.reduce((sum, update) => sum + (update?.rank ?? 0), 0),
  );
  const out = outputs.reduce((sum, size) => sum + size, 0);
  const a = new Float32Array(input * rank);
  const b = new Float32Array(rank * out);
  let [firstRank, firstOut] = [0, 0];
  found.forEach((update, i) => {
    if (update) {
      assertShapes(parameters[i], update, input, outputs[i]);
      for (let r = 0; r < update.rank; r++) {
        for (let k = 0; k < input; k++) a[k * rank + firstRank + r] = update.a[r * input + k];
        for (let o = 0; o < outputs[i]; o++) {
          b[(firstRank + r) * out + firstOut + o] = update.scale * update.b[o * update.rank + r];
        }
      }
      firstRank += update.rank;
    }
    firstOut += outputs[i];
  });
  return { a, b, rank };
}

function assertShapes(name: string, { a, b, rank }: LowRankUpdate, input: number, out: number): void {
  if (Number.isInteger(rank) && rank > 0 && a.length === rank * input && b.length === out * rank) return;
  throw refuse(
    name,
    `A of ${a.length} and B of ${b.length} numbers for rank ${rank}`,
    `${rank} x ${input} and ${out} x ${rank}`,
  );
}

const refuse = (name: string, found: string, expected: string): UsageError =>
  new UsageError({ field: `adapter of ${name}`, found, expected, fix: 'Use an adapter that was made for this model.' });
